// The ramdisk builder, for `wrought ramdisk build`, the demo and the tests.
export { buildRamdisk, type Ramdisk, type RamdiskOptions } from './build.ts';
export type { DebianPackage } from './packages.ts';
