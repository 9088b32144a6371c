// What a fleet needs of the BMCs in front of its machines, whatever these speak.

export interface FleetBmcs {
  /** Driver and `driver_info` of the node of the machine with this number, without what it boots. */
  driverOf(index: number): { readonly driver: string; readonly driver_info: object };
  /** The machine with this number switched itself off: its BMC sees that. */
  sawPowerOff(index: number): void;
  /** Requests that came, and how many met a fault. */
  counts(): { readonly requests: number; readonly faults: number };
  close(): Promise<void>;
}

/** The administrator of the BMCs of a fleet. */
export const fleetBmcUser = { name: 'admin', password: 'fleet-secret' } as const;
