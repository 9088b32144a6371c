// Network functions of requests (IPMI 2.0, table 5-1).

export const netFns = {
  chassis: 0x00,
  sensorEvent: 0x04,
  application: 0x06,
  storage: 0x0a,
  transport: 0x0c,
  /** The first byte of the data says whose definition it is: 0x00 PICMG, 0xdc DCMI. */
  groupExtension: 0x2c,
} as const;
