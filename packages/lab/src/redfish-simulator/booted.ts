// What a service does when its machine boots: all that waited for that counts from now on.
import type { RedfishBmc } from './bmc.ts';
import type { BootChoice } from './machine/machine.ts';
import { biosOf } from './resources/bios.ts';
import { bootOf } from './resources/boot.ts';
import { firmwareOf } from './resources/firmware.ts';
import { secureBootOf } from './resources/secure-boot.ts';
import { tasksOf } from './resources/tasks.ts';

/** Applies what waited, and answers what the machine booted from; undefined: as its firmware is set up. */
export function booted(bmc: RedfishBmc): BootChoice | undefined {
  biosOf(bmc).boot();
  secureBootOf(bmc).boot();
  firmwareOf(bmc).boot();
  tasksOf(bmc).boot();
  return bootOf(bmc).take();
}
