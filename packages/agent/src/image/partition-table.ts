// Reads and mends the partition table of a disk that has just been written.
import { AgentFailure } from '../errors.ts';
import { partitionPath, rereadPartitions } from '../hardware/disks.ts';
import { isJsonObject } from '../params.ts';
import type { Run } from '../process.ts';

export type Partition = {
  number: number;
  /** Such as `/dev/vda3`. */
  path: string;
  startSector: number;
  sectors: number;
  /** GPT type GUID in lower case, or the MBR type in hexadecimal. */
  type: string;
};

export type PartitionTable = {
  label: 'gpt' | 'dos';
  sectorBytes: number;
  partitions: Partition[];
};

/** Type of the EFI system partition: in a GPT and in an MBR. */
const ESP_TYPES = ['c12a7328-f81f-11d2-ba4b-00a0c93ec93b', 'ef'];

function toPartition(value: unknown, disk: string): Partition[] {
  if (!isJsonObject(value) || typeof value.node !== 'string') return [];
  const number = Number(/(\d+)$/.exec(value.node)?.[1] ?? 0);
  return [
    {
      number,
      path: partitionPath(disk, number),
      startSector: Number(value.start),
      sectors: Number(value.size),
      type: String(value.type).toLowerCase(),
    },
  ];
}

/** Reads the output of `sfdisk --json`; null for a disk label other than gpt and dos. */
export function parseSfdisk(output: string, disk: string): PartitionTable | null {
  const parsed: unknown = JSON.parse(output);
  const table = isJsonObject(parsed) ? parsed.partitiontable : undefined;
  if (!isJsonObject(table) || (table.label !== 'gpt' && table.label !== 'dos')) return null;
  const partitions = Array.isArray(table.partitions) ? table.partitions : [];
  return {
    label: table.label,
    sectorBytes: Number(table.sectorsize ?? 512),
    partitions: partitions.flatMap((partition) => toPartition(partition, disk)),
  };
}

/** Reads a disk's partition table; null when it has none. */
export async function readPartitionTable(run: Run, disk: string): Promise<PartitionTable | null> {
  const { stdout, exitCode } = await run('sfdisk', ['--json', disk], { okExitCodes: [0, 1] });
  return exitCode === 0 ? parseSfdisk(stdout, disk) : null;
}

/** The EFI system partition, if there is one. */
export function findEsp(table: PartitionTable): Partition | undefined {
  return table.partitions.find((partition) => ESP_TYPES.includes(partition.type));
}

/**
 * Moves the backup of a GPT to the end of the disk, where it belongs once the image is on a larger disk than it was
 * made for, and makes the kernel read the table. A disk with an MBR or no table is only read anew.
 */
export async function mendPartitionTable(run: Run, disk: string): Promise<PartitionTable | null> {
  // Read anew even when nothing was mended: the kernel still has the table of before.
  const before = await readPartitionTable(run, disk);
  if (before?.label === 'gpt') await run('sgdisk', ['--move-second-header', disk]);
  if (before !== null) await rereadPartitions(run, disk);
  return readPartitionTable(run, disk);
}

async function addGptPartition(run: Run, disk: string, sizeMib: number, number: number, name: string): Promise<void> {
  await run('sgdisk', [
    `--new=${number}:-${sizeMib}M:0`,
    `--typecode=${number}:8300`,
    `--change-name=${number}:${name}`,
    disk,
  ]);
}

async function addMbrPartition(run: Run, disk: string, sizeMib: number): Promise<void> {
  await run('parted', [
    '--align=optimal',
    '--script',
    '--',
    disk,
    'mkpart',
    'primary',
    'fat32',
    `-${sizeMib}MiB`,
    '-0',
  ]);
}

/**
 * Adds a partition at the end of a disk.
 *
 * @throws AgentFailure when there is no table or no room.
 */
export async function addPartitionAtEnd(
  run: Run,
  disk: string,
  table: PartitionTable,
  sizeMib: number,
  name: string,
): Promise<Partition> {
  const taken = table.partitions.map((partition) => partition.number);
  const number = Math.max(0, ...taken) + 1;
  try {
    if (table.label === 'gpt') await addGptPartition(run, disk, sizeMib, number, name);
    else await addMbrPartition(run, disk, sizeMib);
  } catch (error) {
    throw new AgentFailure(
      'BlockDeviceError',
      `no partition of ${sizeMib} MiB for ${name} could be added at the end of ${disk}; ` +
        `the image may fill the disk or use all partitions of its ${table.label} table: ${error}`,
    );
  }
  await rereadPartitions(run, disk);
  const after = await readPartitionTable(run, disk);
  const added = after?.partitions.find((partition) => !taken.includes(partition.number));
  if (added === undefined) throw new AgentFailure('BlockDeviceError', `the partition added to ${disk} did not appear`);
  return added;
}
