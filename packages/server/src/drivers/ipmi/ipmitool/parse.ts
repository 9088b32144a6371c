// Reads what ipmitool prints: the power state, and the boot flags of system boot option 5 (IPMI 2.0, table 28-14).
import type { PowerState } from '@wrought/contract';
import type { IpmiBootDevice } from '../backend.ts';

/** "Chassis Power is on|off"; null for anything else. */
export function parsePowerStatus(output: string): PowerState | null {
  const word = /^\s*Chassis Power is (on|off)\s*$/im.exec(output)?.[1]?.toLowerCase();
  return word === undefined ? null : word === 'on' ? 'power on' : 'power off';
}

/** Reads the numbers that "mc info" prints; null when they are not there. */
export function parseDeviceIds(output: string): { readonly manufacturerId: number; readonly productId: number } | null {
  const [, manufacturer] = /^Manufacturer ID\s*:\s*(\d+)/m.exec(output) ?? [];
  const [, product] = /^Product ID\s*:\s*(\d+)/m.exec(output) ?? [];
  return manufacturer === undefined || product === undefined
    ? null
    : { manufacturerId: Number(manufacturer), productId: Number(product) };
}

/** Names of boot devices by bits 5:2 of the second byte of the boot flags. */
const deviceBySelector: Readonly<Record<number, IpmiBootDevice>> = {
  1: 'pxe',
  2: 'disk',
  3: 'safe',
  5: 'cdrom',
  6: 'bios',
};

export interface BootFlags {
  readonly isValid: boolean;
  readonly persistent: boolean;
  readonly mode: 'bios' | 'uefi';
  /** Bits 5:2 of the second byte. */
  readonly selector: number;
  /** Null: no override, or a device that has no name here. */
  readonly device: IpmiBootDevice | null;
}

/** Reads "Boot parameter data: a004000000"; null when there is none. */
export function parseBootFlags(output: string): BootFlags | null {
  const hex = /^\s*Boot parameter data:\s*([0-9a-f]{4,})\s*$/im.exec(output)?.[1];
  if (hex === undefined) {
    return null;
  }
  const [first = 0, second = 0] = Buffer.from(hex, 'hex');
  const selector = (second >> 2) & 0x0f;
  return {
    selector,
    isValid: (first & 0x80) !== 0,
    persistent: (first & 0x40) !== 0,
    mode: (first & 0x20) === 0 ? 'bios' : 'uefi',
    device: deviceBySelector[selector] ?? null,
  };
}

/** Whether the BMC tells of its identify light, and the bits that say that it is on (third byte of Get Chassis Status). */
const IDENTIFY_TOLD = 0x40;
const IDENTIFY_ON = 0x30;

/** Reads the bytes of Get Chassis Status, as "raw" prints them. */
export function parseIdentifyState(output: string): 'on' | 'off' | 'unknown' {
  const miscellaneous = Number.parseInt(output.trim().split(/\s+/)[2] ?? '', 16);
  if (Number.isNaN(miscellaneous) || (miscellaneous & IDENTIFY_TOLD) === 0) {
    return 'unknown';
  }
  return (miscellaneous & IDENTIFY_ON) === 0 ? 'off' : 'on';
}
