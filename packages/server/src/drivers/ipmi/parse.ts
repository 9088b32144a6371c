// Reads what ipmitool prints: the power state, and the boot flags of system boot option 5 (IPMI 2.0, table 28-14).
import type { PowerState } from '@wrought/contract';

/** "Chassis Power is on|off"; null for anything else. */
export function parsePowerStatus(output: string): PowerState | null {
  const word = /^\s*Chassis Power is (on|off)\s*$/im.exec(output)?.[1]?.toLowerCase();
  return word === undefined ? null : word === 'on' ? 'power on' : 'power off';
}

/** Names of boot devices by bits 5:2 of the second byte of the boot flags. */
const deviceBySelector: Readonly<Record<number, string>> = { 1: 'pxe', 2: 'disk', 3: 'safe', 5: 'cdrom', 6: 'bios' };

export interface BootFlags {
  readonly isValid: boolean;
  readonly persistent: boolean;
  readonly mode: 'bios' | 'uefi';
  /** Null: no override, or a device that has no name here. */
  readonly device: string | null;
}

/** Reads "Boot parameter data: a004000000"; null when there is none. */
export function parseBootFlags(output: string): BootFlags | null {
  const hex = /^\s*Boot parameter data:\s*([0-9a-f]{4,})\s*$/im.exec(output)?.[1];
  if (hex === undefined) {
    return null;
  }
  const [first = 0, second = 0] = Buffer.from(hex, 'hex');
  return {
    isValid: (first & 0x80) !== 0,
    persistent: (first & 0x40) !== 0,
    mode: (first & 0x20) === 0 ? 'bios' : 'uefi',
    device: deviceBySelector[(second >> 2) & 0x0f] ?? null,
  };
}
