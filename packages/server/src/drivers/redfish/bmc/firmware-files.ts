// Firmware images as files of this server: fetched, checked, and served to BMCs or sent to them.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { registeredError } from '@wrought/contract';
import { readReference } from '../../../boot/file-reference.ts';
import { servedFolders } from '../../../boot/served-folders.ts';
import type { Task } from '../../kit/index.ts';
import { type FirmwareImage, shownImage } from '../firmware-images.ts';
import { fileNameOf, type ServedFiles } from './served-files.ts';

export interface FirmwareFiles {
  /** A copy on this server, checked. @throws InvalidParameterValue */
  copyOf(task: Task, image: FirmwareImage): Promise<{ readonly path: string; readonly name: string }>;
  /** Serves the image from this server; answers the URL for BMCs. @throws InvalidParameterValue */
  publish(task: Task, image: FirmwareImage): Promise<string>;
  /** Takes all images back that are served for the node. Safe to repeat. */
  withdraw(task: Task): Promise<void>;
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

/** Makes them. */
export function createFirmwareFiles(files: ServedFiles): FirmwareFiles {
  const folderOf = ({ node }: Task) => `${servedFolders.firmware}/${node.uuid}`;
  const sourceOf = (task: Task, image: FirmwareImage) =>
    readReference(`The url of ${shownImage(image)}`, image.url, task.config);

  async function copyOf(task: Task, image: FirmwareImage) {
    const path = await files.copyOf(task, await sourceOf(task, image));
    await check(image, path);
    return { path, name: fileNameOf(image.url) };
  }

  return {
    copyOf,
    async publish(task, image) {
      // Checked is the very file that is served: a server that does not tell when an image changes is asked anew each time.
      const { path, url } = await files.serve(task, await sourceOf(task, image), folderOf(task), fileNameOf(image.url));
      await check(image, path);
      return url;
    },
    withdraw: (task) => files.withdraw(task, folderOf(task)),
  };
}
