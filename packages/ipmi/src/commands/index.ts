// The commands, named after the specification's.
export * from './bit-fields.ts';
export * from './boot-flags.ts';
export * from './boot-options.ts';
export * from './chassis.ts';
export * from './chassis-status.ts';
export * from './device.ts';
export * from './device-id.ts';
export * from './guid.ts';
export * from './net-fn.ts';
export * from './parameter.ts';
export * from './raw.ts';
export * from './watchdog.ts';
