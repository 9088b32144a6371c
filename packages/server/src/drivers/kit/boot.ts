// Boot: making the machine start the agent's ramdisk, or its own disk.
import type { InterfaceBase } from './base.ts';
import type { Facts } from './facts.ts';
import type { LocalState } from './local-state.ts';
import type { Task } from './task.ts';

/** What a ramdisk is booted for. */
export type RamdiskPurpose = 'deploy' | 'clean' | 'service' | 'inspect' | 'rescue';

export interface BootInterface extends InterfaceBase {
  readonly kind: 'boot';
  /** Common. As `validate`, for the ramdisk that rescue boots; absent: it is the same one. */
  validateRescue?(task: Task): Promise<void>;
  /** Core. Everything that the next power-on needs to come up in the ramdisk: files, DHCP, boot device. Safe to repeat. */
  prepareRamdisk(task: Task, purpose: RamdiskPurpose): Promise<Facts>;
  /**
   * Common. As `prepareRamdisk` for the ramdisk that was prepared last and not taken back, for a machine that never came up in it;
   * null when there is none.
   */
  prepareRamdiskAgain?(task: Task): Promise<Facts | null>;
  /** Core. Takes back what `prepareRamdisk` made. Safe to repeat. */
  cleanUpRamdisk(task: Task): Promise<Facts>;
  /** Core. Everything that the next power-on needs to come up in the instance. Safe to repeat. */
  prepareInstance(task: Task): Promise<Facts>;
  /** Core. Takes back what `prepareInstance` made. Safe to repeat. */
  cleanUpInstance(task: Task): Promise<Facts>;
  /** Common. The files that the machine boots from, where this server has them. */
  readonly local?: LocalState;
}
