// Management: what a BMC sets besides power. Boot devices are core; the rest is optional and common to all that have it.
import type {
  Indicator,
  IndicatorComponent,
  IndicatorState,
  IndicatorTarget,
  VirtualMediaType,
  VirtualMedium,
} from '@wrought/contract';
import type { InterfaceBase } from './base.ts';
import type { SensorReading } from './sensors.ts';
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
  /**
   * Common. Whether the disk must not be made the boot device once an operating system has entered itself in the firmware (UEFI):
   * there are machines that take that entry back then.
   */
  leavesBootToSystem?(task: Task): Promise<boolean>;
  /** Common. Who made the machine, as the property "vendor" has it; null: not known. */
  detectVendor?(task: Task): Promise<string | null>;
  /** Common. "bios" or "uefi". */
  getBootMode?(task: Task): Promise<'bios' | 'uefi'>;
  /** Common. Takes effect at the next boot. Safe to repeat. */
  setBootMode?(task: Task, mode: 'bios' | 'uefi'): Promise<void>;
  /** Common. Whether the firmware checks signatures of what it boots. */
  getSecureBoot?(task: Task): Promise<boolean>;
  /** Common. Takes effect at the next boot. Safe to repeat. */
  setSecureBoot?(task: Task, isOn: boolean): Promise<void>;
  /** Common. A non-maskable interrupt. */
  injectNmi?(task: Task): Promise<void>;
  /** Common. Every sensor that measures something now. The node is not reserved meanwhile. */
  getSensorsData?(task: Task): Promise<readonly SensorReading[]>;
  /** Common. The lights of the machine, with the two functions below. */
  readonly indicators?: IndicatorPanel;
  /** Common. Drives whose images are elsewhere. */
  readonly virtualMedia?: VirtualMedia;
}

export interface IndicatorPanel {
  list(task: Task): Promise<readonly Indicator[]>;
  get(task: Task, component: IndicatorComponent, name: string): Promise<IndicatorState>;
  set(task: Task, component: IndicatorComponent, name: string, state: IndicatorTarget): Promise<void>;
}

export interface VirtualMedia {
  /** The drives as the BMC describes them. */
  list(task: Task): Promise<readonly object[]>;
  /** Safe to repeat. */
  attach(task: Task, medium: VirtualMedium): Promise<void>;
  /** All of them when no types are given. Safe to repeat. */
  detach(task: Task, types: readonly VirtualMediaType[]): Promise<void>;
}
