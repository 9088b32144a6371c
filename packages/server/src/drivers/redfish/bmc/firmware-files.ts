// Firmware images as files of this server: fetched, checked, and served to BMCs or sent to them.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { registeredError } from '@wrought/contract';
import { createBootFiles } from '../../../boot/boot-files.ts';
import type { FileCache } from '../../../boot/file-cache.ts';
import { readReference } from '../../../boot/file-reference.ts';
import { webOptions } from '../../../boot/web.ts';
import type { Task } from '../../kit/index.ts';
import { mediumUrl } from '../boot-media.ts';
import { type FirmwareImage, shownImage } from '../firmware-images.ts';

export interface FirmwareFiles {
  /** A copy on this server, checked. @throws InvalidParameterValue */
  copyOf(task: Task, image: FirmwareImage): Promise<{ readonly path: string; readonly name: string }>;
  /** Serves the image from this server; answers the URL for BMCs. @throws InvalidParameterValue */
  publish(task: Task, image: FirmwareImage): Promise<string>;
  /** Takes all images back that are served for the node. Safe to repeat. */
  withdraw(task: Task): Promise<void>;
}

/** Folder under the HTTP root, of which each node has its own. */
const FOLDER = 'firmware';

/** BMCs tell images by their names; what is odd in an URL is left out. */
function nameOf({ url }: FirmwareImage): string {
  const last = new URL(url).pathname.split('/').at(-1) ?? '';
  return last.replaceAll(/%[0-9a-f]{2}|[^\w.+-]/gi, '_').replace(/^\.+/, '') || 'image';
}

async function check(image: FirmwareImage, path: string): Promise<void> {
  const { checksum } = image;
  if (checksum === null) return;
  const hash = createHash(checksum.algorithm);
  await pipeline(createReadStream(path), hash);
  const found = hash.digest('hex');
  if (found !== checksum.value) {
    throw registeredError('InvalidParameterValue', {
      reason: `The ${checksum.algorithm} of ${shownImage(image)} is ${found}, not ${checksum.value}. Nothing was installed; correct the checksum, or find out who changed the image.`,
    });
  }
}

/** Makes them; `cache` keeps what was fetched. */
export function createFirmwareFiles(cache: FileCache): FirmwareFiles {
  const source = (task: Task, image: FirmwareImage) =>
    readReference(`The url of ${shownImage(image)}`, image.url, task.config);
  return {
    async copyOf(task, image) {
      const path = await cache.copyOf(await source(task, image), webOptions(task.config));
      await check(image, path);
      return { path, name: nameOf(image) };
    },
    async publish(task, image) {
      const name = `${FOLDER}/${task.node.uuid}/${nameOf(image)}`;
      const url = mediumUrl(task, name);
      const path = join(createBootFiles(() => task.config).rootFolder('http'), name);
      await check(image, await cache.copyOf(await source(task, image), webOptions(task.config)));
      await cache.place(await source(task, image), path, webOptions(task.config));
      return url;
    },
    withdraw: (task) => createBootFiles(() => task.config).remove('http', `${FOLDER}/${task.node.uuid}`),
  };
}
