// Typed reading and changing of the resources that services have, one file a schema.

export * from './bios.ts';
export * from './boot.ts';
export * from './chassis.ts';
export { type Health, healths, readStatus, type Status, worstHealth } from './health.ts';
export * from './indicator.ts';
export * from './manager.ts';
export * from './power-metrics.ts';
export * from './registries.ts';
export * from './secure-boot.ts';
export {
  type ChassisReadings,
  type PowerSupply,
  readChassisReadings,
  type SensorKind,
  type SensorReading,
  type Thresholds,
} from './sensors.ts';
export * from './system.ts';
export * from './virtual-media.ts';
