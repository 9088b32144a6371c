// Puts the config drive, an ISO 9660 image labelled config-2, on a partition of the deployed disk.
import { gunzipSync } from 'node:zlib';
import { AgentFailure } from '../errors.ts';
import { readBody, sendRequest } from '../http-client.ts';
import type { Log } from '../log.ts';
import type { Run } from '../process.ts';
import type { AgentSettings } from '../settings.ts';
import { openBlockWriter } from './block-writer.ts';
import { addPartitionAtEnd, type Partition, type PartitionTable } from './partition-table.ts';

/** The file system label by which cloud-init and others find a config drive. */
export const CONFIG_DRIVE_LABEL = 'config-2';
/** A config drive holds texts; Ironic has the same limit. */
const CONFIG_DRIVE_MAX_BYTES = 64 * 1024 * 1024;
const MIB_BYTES = 1024 * 1024;
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);

function unpack(bytes: Buffer, origin: string): Buffer {
  if (!bytes.subarray(0, 2).equals(GZIP_MAGIC)) return bytes;
  try {
    return gunzipSync(bytes, { maxOutputLength: CONFIG_DRIVE_MAX_BYTES });
  } catch (error) {
    throw new AgentFailure(
      'InvalidCommandParamsError',
      `the config drive ${origin} cannot be unpacked (at most ${CONFIG_DRIVE_MAX_BYTES} bytes): ${error}`,
    );
  }
}

/** Decodes a config drive as the server hands it over: base64 of a gzipped image, or of the image itself. */
export function decodeConfigDrive(text: string): Buffer {
  const compact = text.replace(/\s+/g, '');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) {
    throw new AgentFailure('InvalidCommandParamsError', 'the config drive is neither a URL nor base64');
  }
  return unpack(Buffer.from(compact, 'base64'), 'in the command');
}

async function fetchConfigDrive(url: string, settings: AgentSettings): Promise<Buffer> {
  const answer = await sendRequest({
    url,
    idleTimeoutSeconds: settings.imageConnectionTimeoutSeconds,
    insecure: settings.insecure,
    cafile: settings.cafile,
  });
  if (answer.status !== 200) {
    answer.body.destroy();
    throw new AgentFailure('ImageDownloadError', `config drive: GET ${url} was answered ${answer.status}`);
  }
  const bytes = await readBody(answer, CONFIG_DRIVE_MAX_BYTES);
  // Object stores hold it as Ironic put it there: in base64.
  const isBase64 = /^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(bytes.subarray(0, 4096).toString('latin1'));
  return isBase64 ? decodeConfigDrive(bytes.toString('latin1')) : unpack(bytes, url);
}

/** Reads a config drive from the text or URL in which it is given. */
export function loadConfigDrive(configDrive: string, settings: AgentSettings): Promise<Buffer> {
  return /^https?:\/\//.test(configDrive)
    ? fetchConfigDrive(configDrive, settings)
    : Promise.resolve(decodeConfigDrive(configDrive));
}

async function findLabelled(run: Run, table: PartitionTable, label: string): Promise<Partition | undefined> {
  for (const partition of table.partitions) {
    const { stdout } = await run('blkid', ['--probe', '--match-tag', 'LABEL', '--output', 'value', partition.path], {
      okExitCodes: [0, 2, 8],
    });
    if (stdout.trim().toLowerCase() === label) return partition;
  }
  return undefined;
}

/**
 * Writes the config drive: over a partition of the image that has its label, else to a new one at the disk's end.
 *
 * @throws AgentFailure when the disk has no partition table or no room.
 */
export async function writeConfigDrive(
  run: Run,
  disk: string,
  table: PartitionTable | null,
  content: Buffer,
  log: Log,
): Promise<void> {
  if (table === null) {
    throw new AgentFailure(
      'BlockDeviceError',
      `the image has no partition table: ${disk} has no place for a config drive`,
    );
  }
  const existing = await findLabelled(run, table, CONFIG_DRIVE_LABEL);
  const sizeMib = Math.max(1, Math.ceil(content.length / MIB_BYTES));
  const partition = existing ?? (await addPartitionAtEnd(run, disk, table, sizeMib, CONFIG_DRIVE_LABEL));
  const roomBytes = partition.sectors * table.sectorBytes;
  if (content.length > roomBytes) {
    throw new AgentFailure(
      'BlockDeviceError',
      `the config drive has ${content.length} bytes, and ${partition.path} has room for ${roomBytes}`,
    );
  }
  const writer = await openBlockWriter(partition.path);
  await writer.write(content);
  await writer.finish();
  log.info(`config drive of ${content.length} bytes written to ${partition.path}`);
}
