// The resources of the Bare Metal API, field by field, and what is known about their values.
export * from './chassis.ts';
export * from './conductor.ts';
export * from './configdrive.ts';
export * from './deploy-template.ts';
export * from './discovery.ts';
export * from './driver.ts';
export * from './local-link-connection.ts';
export * from './node.ts';
export * from './node-history.ts';
export * from './port.ts';
export * from './portgroup.ts';
export * from './quirks.ts';
export * from './requested-steps.ts';
export * from './secrets.ts';
export * from './trait.ts';
export * from './value.ts';
export * from './volume.ts';
