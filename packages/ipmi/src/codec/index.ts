// The bytes of the protocol in both directions, for clients and for simulators of BMCs.
export {};
