// Erases what makes a disk look used: partition tables, RAID superblocks and signatures of file systems.
import { open } from 'node:fs/promises';
import { AgentFailure } from '../errors.ts';
import { type Disk, rereadPartitions } from '../hardware/disks.ts';
import { listDirectory, readNumber, readValue, resolvePath } from '../hardware/sysfs.ts';
import type { Log } from '../log.ts';
import type { Run } from '../process.ts';

/** A GPT takes 34 sectors at the beginning and 33 at the end; sectors have up to 4096 bytes. */
const TABLE_BYTES = 34 * 4096;

function kernelName(path: string): string {
  return (resolvePath(path) ?? path).replace(/^\/dev\//, '');
}

/** Paths of a disk's partitions that the kernel knows. */
export function listPartitions(disk: string, systemRoot = ''): string[] {
  const name = kernelName(disk);
  const directory = `${systemRoot}/sys/class/block/${name}`;
  return listDirectory(directory)
    .filter((entry) => readNumber(`${directory}/${entry}/partition`) !== null)
    .map((entry) => `/dev/${entry}`);
}

/** Stops the MD arrays that hold any of the devices: a device in use cannot be wiped. */
async function stopArrays(run: Run, devices: readonly string[], log: Log, systemRoot: string): Promise<void> {
  const names = new Set(devices.map(kernelName));
  for (const holder of [...names].flatMap((name) => listDirectory(`${systemRoot}/sys/class/block/${name}/holders`))) {
    if (!holder.startsWith('md')) continue;
    log.info(`stopping the array /dev/${holder}`);
    await run('mdadm', ['--stop', `/dev/${holder}`]);
  }
}

/** Overwrites both ends of a disk with zeros: whatever tools did not recognise there is gone as well. */
async function zeroEnds(disk: string, systemRoot: string): Promise<void> {
  const sectors = Number(readValue(`${systemRoot}/sys/class/block/${kernelName(disk)}/size`) ?? 0);
  const sizeBytes = sectors * 512;
  const zeros = Buffer.alloc(Math.min(TABLE_BYTES, sizeBytes));
  const file = await open(disk, 'r+');
  try {
    await file.write(zeros, 0, zeros.length, 0);
    await file.write(zeros, 0, zeros.length, Math.max(0, sizeBytes - zeros.length));
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Removes partition table, RAID superblocks and file system signatures from a disk and its partitions.
 *
 * @throws AgentFailure naming the disk.
 */
export async function wipeDisk(run: Run, disk: string, log: Log, systemRoot = ''): Promise<void> {
  log.info(`erasing the metadata of ${disk}`);
  try {
    const partitions = listPartitions(disk, systemRoot);
    await stopArrays(run, [disk, ...partitions], log, systemRoot);
    for (const device of [...partitions, disk]) {
      // A device without a superblock ends with 1.
      await run('mdadm', ['--zero-superblock', '--force', device], { okExitCodes: [0, 1] });
      await run('wipefs', ['--all', '--force', device]);
    }
    await zeroEnds(disk, systemRoot);
    await rereadPartitions(run, disk);
  } catch (error) {
    throw new AgentFailure('BlockDeviceEraseError', `the metadata of ${disk} could not be erased: ${error}`);
  }
}

/** Erases the metadata of several disks, all of them even when one fails. @throws AgentFailure naming each failure. */
export async function eraseMetadata(run: Run, disks: readonly Disk[], log: Log): Promise<void> {
  const failures: string[] = [];
  for (const disk of disks) {
    if (disk.isReadOnly) {
      log.warning(`${disk.name} is read-only: its metadata stays`);
      continue;
    }
    try {
      await wipeDisk(run, disk.name, log);
    } catch (error) {
      failures.push(error instanceof AgentFailure ? error.details : String(error));
    }
  }
  if (failures.length > 0) throw new AgentFailure('BlockDeviceEraseError', failures.join('; '));
}
