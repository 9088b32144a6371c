// The bytes of the protocol in both directions, for clients and for simulators of BMCs. No state but sequence windows.
export * from './algorithms.ts';
export * from './asf.ts';
export * from './authentication-v15.ts';
export * from './capabilities.ts';
export { decrypt, encrypt } from './confidentiality.ts';
export * from './keys.ts';
export * from './message.ts';
export * from './open-session.ts';
export * from './payload-commands.ts';
export * from './payload-types.ts';
export * from './rakp.ts';
export * from './rmcp.ts';
export * from './secure-packet.ts';
export * from './sequence-window.ts';
export * from './session-commands.ts';
export * from './session-header.ts';
export * from './sol.ts';
export * from './status-codes.ts';
