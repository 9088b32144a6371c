// The driver kit: everything that a driver, ours or a third party's, is written with.
export * from './base.ts';
export * from './boot.ts';
export * from './deploy.ts';
export * from './driver.ts';
export * from './facts.ts';
export * from './interfaces.ts';
export * from './management.ts';
export * from './network.ts';
export * from './outcome.ts';
export * from './power.ts';
export * from './power-change.ts';
export * from './step.ts';
export * from './task.ts';
