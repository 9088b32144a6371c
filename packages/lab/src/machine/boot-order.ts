// Which device a machine's firmware tries first, from the boot device that its BMC was told.
import type { MachineRecord } from '../lab/record.ts';

/** The boot devices that ipmi_sim can pass on; `none` is no override: the machine's own order. */
export const bootDevices = ['none', 'pxe', 'disk', 'cdrom', 'bios'] as const;
export type BootDevice = (typeof bootDevices)[number];

/**
 * Device ids in the order the firmware tries them. A machine without an override tries its disks, then the network,
 * as servers leave the factory. The machines have no CD drive, and their firmware no set-up to stop in: `cdrom`
 * and `bios` are kept and shown, and boot like `none`.
 */
export function bootOrder(machine: MachineRecord, device: BootDevice): string[] {
  const disks = machine.disks.map((disk) => disk.id);
  const nics = machine.nics.filter((nic) => nic.networkBoot !== 'none').map((nic) => nic.id);
  return device === 'pxe' ? [...nics, ...disks] : [...disks, ...nics];
}
