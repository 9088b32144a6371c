// The deploy step write_image: from the image's URL to a disk that boots, verified on the way.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CommandProgress, ImageInfo } from '@wrought/contract';
import { wipeDisk } from '../erase/metadata.ts';
import { AgentFailure } from '../errors.ts';
import type { AgentContext } from '../extensions/extension.ts';
import { readAvailableMemoryBytes } from '../hardware/cpu-memory.ts';
import type { Disk } from '../hardware/disks.ts';
import { openBlockWriter } from './block-writer.ts';
import { installBootEntry } from './boot-entry.ts';
import { loadConfigDrive, writeConfigDrive } from './config-drive.ts';
import { type ExpectedDigest, settleDigest, startDigest, verifyDigest } from './digest.ts';
import { type Download, downloadText, openDownload } from './download.ts';
import {
  DEFAULT_PERMITTED_FORMATS,
  IMAGE_HEAD_BYTES,
  type InspectedImage,
  inspectImage,
  objectionToImage,
} from './format.ts';
import { mendPartitionTable } from './partition-table.ts';
import { convertToDisk } from './qemu-convert.ts';

type Report = (progress: CommandProgress['progress']) => void;

/** Progress is told this often, in bytes, so that telling it costs nothing. */
const REPORT_EVERY_BYTES = 4 * 1024 * 1024;
/** Memory that must stay free beside an image that is kept in it. */
const SPARE_MEMORY_BYTES = 128 * 1024 * 1024;

function createReporter(report: Report, totalBytes: number | null, phase: 'download' | 'write') {
  let reported = 0;
  const tell = (bytes: number): void => {
    const percent = totalBytes === null || totalBytes === 0 ? null : Math.floor((bytes / totalBytes) * 100);
    report({ bytes_written: bytes, bytes_total: totalBytes, percent, phase });
  };
  tell(0);
  return (bytes: number): void => {
    if (bytes - reported < REPORT_EVERY_BYTES && bytes !== totalBytes) return;
    reported = bytes;
    tell(bytes);
  };
}

/** @throws AgentFailure with both sizes. */
function checkFits(image: ImageInfo, url: string, sizeBytes: number | null, disk: Disk): void {
  if (sizeBytes === null || sizeBytes <= disk.size) return;
  throw new AgentFailure(
    'ImageWriteError',
    `image ${image.id} (${url}) needs ${sizeBytes} bytes, but the disk ${disk.name} has ${disk.size} bytes: ` +
      'use a smaller image, or choose a larger disk by root device hints',
  );
}

function checkFormat(agent: AgentContext, image: ImageInfo, url: string, inspected: InspectedImage): void {
  const permitted = agent.config?.permitted_image_formats;
  const declared = image.disk_format ?? null;
  const isUnchecked = agent.config?.disable_deep_image_inspection === true && inspected.dangers.length === 0;
  const objection = isUnchecked ? null : objectionToImage(inspected, declared, permitted ?? DEFAULT_PERMITTED_FORMATS);
  if (objection !== null) throw new AgentFailure('InvalidImage', `image ${image.id} (${url}) is refused: ${objection}`);
}

/** Takes chunks until the head is complete. @returns the chunks taken; the rest stays in the stream. */
async function takeHead(chunks: AsyncGenerator<Buffer, void>): Promise<Buffer[]> {
  const taken: Buffer[] = [];
  let bytes = 0;
  while (bytes < IMAGE_HEAD_BYTES) {
    const next = await chunks.next();
    if (next.done === true) break;
    taken.push(next.value);
    bytes += next.value.length;
  }
  return taken;
}

async function* chain(first: Buffer[], rest: AsyncGenerator<Buffer, void>): AsyncGenerator<Buffer, void> {
  yield* first;
  yield* rest;
}

/** An opened image that was looked into: all that is known before the disk is touched. */
type Source = { image: ImageInfo; download: Download; inspected: InspectedImage; expected: ExpectedDigest };
/** Where a download goes, and how much of it there is room for. */
type Target = { path: string; flags: 'r+' | 'w'; maxBytes: number; limitedBy: string };

/** Streams a download to a disk or file, computing its digest on the way. @throws AgentFailure when it is wrong. */
async function stream(source: Source, target: Target, onBytes: (bytes: number) => void): Promise<number> {
  const { image, download, expected } = source;
  const hash = startDigest(expected);
  const writer = await openBlockWriter(target.path, target.flags);
  let bytes = 0;
  try {
    for await (const chunk of download.chunks) {
      bytes += chunk.length;
      if (bytes > target.maxBytes) {
        throw new AgentFailure(
          'ImageWriteError',
          `image ${image.id} (${download.url}) is larger than the ${target.maxBytes} bytes of ${target.limitedBy}`,
        );
      }
      hash.update(chunk);
      await writer.write(chunk);
      onBytes(bytes);
    }
  } catch (error) {
    await writer.abandon();
    throw error;
  }
  await writer.finish();
  verifyDigest(hash, expected, image, download.url);
  return bytes;
}

async function writeRaw(agent: AgentContext, source: Source, disk: Disk, report: Report): Promise<void> {
  const { image, download } = source;
  checkFits(image, download.url, download.sizeBytes, disk);
  await wipeDisk(agent.run, disk.name, agent.log);
  agent.log.info(`writing ${download.url} (${download.sizeBytes ?? 'unknown'} bytes) to ${disk.name}`);
  const target: Target = { path: disk.name, flags: 'r+', maxBytes: disk.size, limitedBy: `the disk ${disk.name}` };
  try {
    const bytes = await stream(source, target, createReporter(report, download.sizeBytes, 'write'));
    agent.log.info(`${bytes} bytes written to ${disk.name} and verified`);
  } catch (error) {
    // What was written is not what was asked for: no firmware shall boot it.
    await wipeDisk(agent.run, disk.name, agent.log);
    throw error;
  }
}

async function writeThroughMemory(agent: AgentContext, source: Source, disk: Disk, report: Report): Promise<void> {
  const { image, download, inspected } = source;
  const sizeBytes = inspected.virtualSizeBytes ?? download.sizeBytes;
  checkFits(image, download.url, sizeBytes, disk);
  const availableBytes = readAvailableMemoryBytes(agent.systemRoot) - SPARE_MEMORY_BYTES;
  if (download.sizeBytes !== null && download.sizeBytes > availableBytes) {
    throw new AgentFailure(
      'ImageWriteError',
      `image ${image.id} (${download.url}) has ${download.sizeBytes} bytes and must be kept in memory to be converted, ` +
        `but ${availableBytes} bytes are free: serve it as raw, which is streamed, or give the machine more memory`,
    );
  }
  await mkdir(tmpdir(), { recursive: true });
  const directory = await mkdtemp(join(tmpdir(), 'image-'));
  const path = join(directory, 'image');
  try {
    agent.log.info(`downloading ${download.url} (${download.sizeBytes ?? 'unknown'} bytes) to memory`);
    const target: Target = { path, flags: 'w', maxBytes: availableBytes, limitedBy: 'free memory' };
    await stream(source, target, createReporter(report, download.sizeBytes, 'download'));
    await wipeDisk(agent.run, disk.name, agent.log);
    agent.log.info(`converting ${inspected.format} of ${sizeBytes ?? 'unknown'} bytes to ${disk.name}`);
    const tell = createReporter(report, sizeBytes, 'write');
    const format = inspected.format === 'qcow2' ? 'qcow2' : 'raw';
    await convertToDisk(agent.run, { path, format }, disk.name, (percent) =>
      tell(Math.round(((sizeBytes ?? 0) * percent) / 100)),
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * Writes an image to a disk: downloads, checks format, size and digest, mends the partition table, adds the config
 * drive and makes the firmware boot the disk. Raw images are streamed; qcow2 images pass through memory.
 *
 * @param configDrive base64 of a gzipped ISO 9660 image, its URL, or null.
 * @throws AgentFailure that names image, disk, sizes, digests or addresses, whichever was wrong.
 */
export async function writeImage(
  agent: AgentContext,
  image: ImageInfo,
  configDrive: string | null,
  disk: Disk,
  report: Report,
): Promise<void> {
  const { run, log, settings } = agent;
  // Read before the disk is touched: what cannot be loaded must not cost the old content.
  const configDriveContent = configDrive === null ? null : await loadConfigDrive(configDrive, settings);
  const download = await openDownload(image, settings, log);
  try {
    const head = await takeHead(download.chunks);
    const inspected = inspectImage(Buffer.concat(head).subarray(0, IMAGE_HEAD_BYTES));
    checkFormat(agent, image, download.url, inspected);
    const source: Source = {
      image,
      download: { ...download, chunks: chain(head, download.chunks) },
      inspected,
      expected: await settleDigest(image, agent.config?.agent_md5_checksum_enable === true, (url) =>
        downloadText(image, url, settings),
      ),
    };
    const isStreamed = inspected.format !== 'qcow2' && image.stream_raw_images !== false;
    if (isStreamed) await writeRaw(agent, source, disk, report);
    else await writeThroughMemory(agent, source, disk, report);
  } finally {
    await download.chunks.return();
  }
  const table = await mendPartitionTable(run, disk.name);
  if (configDriveContent !== null) await writeConfigDrive(run, disk.name, table, configDriveContent, log);
  await installBootEntry(run, disk.name, table, log, agent.systemRoot);
  await run('sync', []);
  await run('blockdev', ['--flushbufs', disk.name]);
  log.info(`image ${image.id} is on ${disk.name}`);
}
