// Finds the disks of the machine, with what tells them apart, from lsblk and udev.
import { setTimeout as delay } from 'node:timers/promises';
import { type InventoryDisk, PARAMETERS_DRIVE } from '@wrought/contract';
import { AgentFailure } from '../errors.ts';
import { isJsonObject } from '../params.ts';
import type { Run } from '../process.ts';

/** A disk as the agent handles it: the inventory's members and what only the agent needs. */
export type Disk = InventoryDisk & {
  /** Whether writes are refused by the device. */
  isReadOnly: boolean;
  /** Transport, such as `nvme`, `sata`, `usb`; null for virtio. */
  transport: string | null;
};

const LSBLK_COLUMNS = 'NAME,PATH,TYPE,SIZE,MODEL,SERIAL,WWN,VENDOR,ROTA,RO,RM,HCTL,TRAN,LOG-SEC,PHY-SEC';
/** Block devices that lsblk calls disks but that hold nothing of their own. */
const VIRTUAL_NAME = /^(zram|ram|loop|nbd|fd|sr|md|dm-)/;

type LsblkDevice = { [column: string]: unknown };

function text(value: unknown): string | null {
  const trimmed = typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : '';
  return trimmed === '' ? null : trimmed;
}

function number(value: unknown): number | null {
  const parsed = Number(value ?? Number.NaN);
  return Number.isFinite(parsed) ? parsed : null;
}

/** The `blockdevices` of `lsblk --json`. @throws Error when the text is none. */
export function parseLsblk(output: string): LsblkDevice[] {
  const parsed: unknown = JSON.parse(output);
  const devices = isJsonObject(parsed) ? parsed.blockdevices : undefined;
  if (!Array.isArray(devices)) throw new Error(`lsblk answered no block devices: ${output.slice(0, 200)}`);
  return devices.filter(isJsonObject);
}

/** Properties as `udevadm info --query=property` prints them, `NAME=value` a line. */
export function parseUdevProperties(output: string): Map<string, string> {
  const properties = new Map<string, string>();
  for (const line of output.split('\n')) {
    const equals = line.indexOf('=');
    if (equals > 0) properties.set(line.slice(0, equals), line.slice(equals + 1).trim());
  }
  return properties;
}

/** Whether a device of lsblk can hold an operating system. */
function isUsableDisk(device: LsblkDevice): boolean {
  const name = text(device.name) ?? '';
  const isDisk = device.type === 'disk' && !VIRTUAL_NAME.test(name);
  // A card reader without a card is a disk without size.
  return isDisk && (number(device.size) ?? 0) > 0;
}

/** Puts together what lsblk and udev say about a disk. */
export function toDisk(device: LsblkDevice, udev: Map<string, string>): Disk {
  // udev tells the links in no order; the one of ID_PATH is there on every kernel.
  const byPath = (udev.get('DEVLINKS') ?? '').split(' ').filter((link) => link.startsWith('/dev/disk/by-path/'));
  const preferred = `/dev/disk/by-path/${udev.get('ID_PATH')}`;
  return {
    name: text(device.path) ?? `/dev/${text(device.name)}`,
    model: text(device.model) ?? '',
    size: number(device.size) ?? 0,
    rotational: device.rota === true || device.rota === '1',
    wwn: text(udev.get('ID_WWN')) ?? text(device.wwn),
    serial: text(udev.get('ID_SERIAL_SHORT')) ?? text(device.serial) ?? text(udev.get('ID_SERIAL')),
    vendor: text(udev.get('ID_VENDOR')) ?? text(device.vendor),
    wwn_with_extension: text(udev.get('ID_WWN_WITH_EXTENSION')),
    wwn_vendor_extension: text(udev.get('ID_WWN_VENDOR_EXTENSION')),
    hctl: text(device.hctl),
    by_path: byPath.includes(preferred) ? preferred : (byPath.sort()[0] ?? null),
    logical_sectors: number(device['log-sec']),
    physical_sectors: number(device['phy-sec']),
    isReadOnly: device.ro === true || device.ro === '1',
    transport: text(device.tran),
  };
}

/** Whether it is no disk of the machine, but shown by its BMC; the case of FAT's labels is nobody's choice. */
const isParametersDrive = (udev: Map<string, string>): boolean =>
  udev.get('ID_FS_LABEL')?.toLowerCase() === PARAMETERS_DRIVE.label;

/**
 * Lists the disks in the order of lsblk. Optical drives, RAM disks, devices without medium and the drive with
 * parameters are left out.
 */
export async function listDisks(run: Run): Promise<Disk[]> {
  const { stdout } = await run('lsblk', ['--bytes', '--json', '--nodeps', '--output', LSBLK_COLUMNS]);
  const disks: Disk[] = [];
  for (const device of parseLsblk(stdout).filter(isUsableDisk)) {
    const name = text(device.path) ?? `/dev/${text(device.name)}`;
    // udev may not know a device that just appeared; lsblk's own columns remain.
    const udev = await run('udevadm', ['info', '--query=property', `--name=${name}`], { okExitCodes: [0, 1, 4] });
    const properties = parseUdevProperties(udev.stdout);
    if (!isParametersDrive(properties)) disks.push(toDisk(device, properties));
  }
  return disks;
}

/** The inventory's part of a disk. */
export function toInventoryDisk(disk: Disk): InventoryDisk {
  const { isReadOnly: _, transport: __, ...inventory } = disk;
  return inventory;
}

/** The path of a disk's partition: `/dev/sda1`, but `/dev/nvme0n1p1`. */
export function partitionPath(disk: string, number: number): string {
  return /\d$/.test(disk) ? `${disk}p${number}` : `${disk}${number}`;
}

/** Waits until udev has caught up with changed partitions. */
export async function settle(run: Run): Promise<void> {
  await run('udevadm', ['settle', '--timeout=30']);
}

/** udev opens a disk that was just written, and the kernel reads no table of a disk that is open. */
const REREAD_ATTEMPTS = 10;
const REREAD_PAUSE_MILLISECONDS = 300;

/** Makes the kernel read a disk's partition table anew. @throws AgentFailure when it does not. */
export async function rereadPartitions(run: Run, disk: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    await settle(run);
    try {
      await run('blockdev', ['--rereadpt', disk]);
      break;
    } catch (error) {
      if (attempt === REREAD_ATTEMPTS) {
        throw new AgentFailure('BlockDeviceError', `the kernel did not read the partition table of ${disk}: ${error}`);
      }
      await delay(REREAD_PAUSE_MILLISECONDS);
    }
  }
  await settle(run);
}
