// Management: what a BMC sets besides power. Boot devices are core; the rest is optional and common to all that have it.
import type { InterfaceBase } from './base.ts';
import type { Task } from './task.ts';

export interface BootDeviceSetting {
  readonly boot_device: string | null;
  readonly persistent: boolean | null;
}

export interface ManagementInterface extends InterfaceBase {
  readonly kind: 'management';
  /** Core. Names of boot devices that `setBootDevice` takes. */
  supportedBootDevices(task: Task): Promise<readonly string[]>;
  /** Core. `persistent`: for every boot from now on; otherwise for the next one only. */
  setBootDevice(task: Task, device: string, persistent: boolean): Promise<void>;
  /** Core. What the BMC has stored. */
  getBootDevice(task: Task): Promise<BootDeviceSetting>;
  /** Common. "bios" or "uefi". */
  getBootMode?(task: Task): Promise<'bios' | 'uefi'>;
  /** Common. Takes effect at the next boot. */
  setBootMode?(task: Task, mode: 'bios' | 'uefi'): Promise<void>;
  /** Common. A non-maskable interrupt. */
  injectNmi?(task: Task): Promise<void>;
}
