// What the ipmi interfaces ask of a BMC, whichever way it is reached.
import type { PowerState } from '@wrought/contract';
import type { SensorReading, Task } from '../kit/index.ts';

export type IpmiBootDevice = 'pxe' | 'disk' | 'cdrom' | 'bios' | 'safe';

export interface BootWish {
  /** `none`: firmware's own order, with the rest of the wish. */
  readonly device: IpmiBootDevice | 'none';
  readonly persistent: boolean;
  readonly isUefi: boolean;
}

/** What firmware is asked to boot from. */
export interface BootOverride {
  /** Null: no override, or a device that has no name here. */
  readonly device: IpmiBootDevice | null;
  readonly persistent: boolean;
  /** False once a boot has used it up. */
  readonly isValid: boolean;
}

/** Each sends what is needed to the BMC of the task's node. @throws IpmiCommandError and what BmcCalls throws */
export interface IpmiBackend {
  /** Who made the BMC, and which one it is: Get Device ID (IPMI 2.0, 20.1). */
  deviceIds(task: Task): Promise<{ readonly manufacturerId: number; readonly productId: number }>;
  powerState(task: Task): Promise<PowerState>;
  /** The BMC has accepted it; the machine may take its time. `diag` raises an NMI. */
  controlPower(task: Task, control: 'on' | 'off' | 'soft' | 'diag'): Promise<void>;
  setBootDevice(task: Task, wish: BootWish): Promise<void>;
  /** Lets the BMC keep a boot device longer than 60 seconds (IPMI 2.0, table 28-14, parameter 3). */
  keepBootDevice(task: Task): Promise<void>;
  bootDevice(task: Task): Promise<BootOverride>;
  /** Network function, command and data; errors and evidence do not repeat them. */
  sendRaw(task: Task, bytes: readonly number[]): Promise<void>;
  /** The identify light; `isOn` until it is told otherwise. */
  identify(task: Task, isOn: boolean): Promise<void>;
  /** `unknown` where the BMC does not tell. */
  identifyState(task: Task): Promise<'on' | 'off' | 'unknown'>;
  resetBmc(task: Task, manner: 'warm' | 'cold'): Promise<void>;
  sensors(task: Task): Promise<SensorReading[]>;
}
