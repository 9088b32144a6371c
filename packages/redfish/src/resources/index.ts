// Typed reading and changing of the resources that services have, one file a schema.

export * from './accounts.ts';
export * from './bios.ts';
export * from './boot.ts';
export * from './certificates.ts';
export * from './chassis.ts';
export * from './event-service.ts';
export * from './graphical-console.ts';
export { type Health, healths, readStatus, type Status, worstHealth } from './health.ts';
export * from './indicator.ts';
export * from './inventory.ts';
export * from './manager.ts';
export * from './network-adapters.ts';
export * from './power-metrics.ts';
export * from './registries.ts';
export * from './secure-boot.ts';
export * from './sensors.ts';
export * from './storage.ts';
export * from './system.ts';
export * from './update-service.ts';
export * from './virtual-media.ts';
export * from './volumes.ts';
