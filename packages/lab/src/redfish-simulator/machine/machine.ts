// The machine behind a Redfish service, as the service sees it: whoever simulates a machine provides this.
import type { Duplex } from 'node:stream';

export type PowerState = 'On' | 'Off';

/** What a reset type (ComputerSystem, ResetType) comes to. */
export type PowerChange = 'on' | 'off' | 'soft off' | 'restart' | 'soft restart' | 'cycle' | 'button' | 'interrupt';

/** What a machine is to boot from: `BootSourceOverride...` of ComputerSystem. */
export interface BootChoice {
  /** `BootSourceOverrideTarget`, such as Pxe, Hdd, Cd, UefiHttp. */
  readonly target: string;
  readonly mode: string | undefined;
  /** `UefiTargetBootSourceOverride`, with the target UefiTarget. */
  readonly uefiTarget: string | undefined;
  /** `HttpBootUri`, with the target UefiHttp. */
  readonly httpBootUri: string | undefined;
}

/** An image that is put into a virtual drive. */
export interface InsertedMedia {
  readonly image: string;
  readonly userName: string | undefined;
  readonly password: string | undefined;
}

export type MachineEvent = 'power on' | 'power off' | 'boot';

export interface RedfishMachine {
  readonly power: PowerState;
  /** MAC addresses of its ports; those that follow from its number when absent. */
  readonly macs?: readonly string[];
  readonly uuid?: string;
  readonly serialNumber?: string;
  /** Does it, or begins to. Throws an Error that says why it can not be. */
  change(change: PowerChange): void | Promise<void>;
  /** From what the next boot is; undefined: as the firmware is set up. Counts for each boot until it is set again. */
  prepareBoot(choice: BootChoice | undefined): void;
  /** Puts an image into a drive. Throws an Error that says why it can not be, such as a download that fails. */
  insert(drive: string, media: InsertedMedia): void | Promise<void>;
  eject(drive: string): void | Promise<void>;
  /** Connects to the server of the Remote Framebuffer Protocol that shows its screen; absent: it has no screen. */
  openScreen?(): Promise<Duplex>;
  /** Tells one listener what happens to the machine, whoever did it. */
  listen(listener: (event: MachineEvent) => void): void;
}
