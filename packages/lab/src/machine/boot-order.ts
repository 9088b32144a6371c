// Which device a machine's firmware tries first, from the boot device that its BMC was told.
import type { MachineRecord } from '../lab/record.ts';

/**
 * The boot devices that ipmi_sim can pass on, and `http`, which Redfish knows besides, from a URL or what the network says; `none` is no override: the machine's
 * own order.
 */
export const bootDevices = ['none', 'pxe', 'disk', 'cdrom', 'bios', 'http'] as const;
export type BootDevice = (typeof bootDevices)[number];

/**
 * Device ids in the order the firmware tries them. A machine without an override tries its disks, then the network,
 * as servers leave the factory. Its firmware has no set-up to stop in: `bios` is kept and shown, and boots like `none`, and
 * so does `cdrom` where a machine has no virtual drives.
 */
export function bootOrder(machine: MachineRecord, device: BootDevice): string[] {
  const disks = machine.disks.map((disk) => disk.id);
  const nics = machine.nics.filter((nic) => nic.networkBoot !== 'none').map((nic) => nic.id);
  switch (device) {
    case 'pxe':
    case 'http':
      return [...nics, ...disks];
    case 'cdrom':
      return [...(machine.virtualDrives ?? []), ...disks, ...nics];
    default:
      return [...disks, ...nics];
  }
}
