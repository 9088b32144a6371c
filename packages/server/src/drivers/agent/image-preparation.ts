// Makes an image ready before the machine is powered: checked, its digest known, and served by us where it is a file.

import { join } from 'node:path';
import { isRegisteredError, type Node, registeredError } from '@wrought/contract';
import { bootUrl } from '../../boot/addresses.ts';
import {
  checkImageReachable,
  type ImageSource,
  imageWebOptions,
  readImageSource,
  resolveChecksum,
} from '../../boot/image-source.ts';
import type { ServerEnvironment } from '../../boot/services.ts';
import type { Config } from '../../config/index.ts';
import { type Facts, type LocalState, type Task, type TracedCall, tracedCall } from '../kit/index.ts';
import { IMAGE_KEY, type PreparedImage, preparedImage } from './image-info.ts';

/** Folder under the HTTP root with the images of nodes that we serve ourselves. */
const IMAGE_FOLDER = 'agent_images';
const IMAGE_NAME = 'image';

const servedName = (node: Node) => `${IMAGE_FOLDER}/${node.uuid}/${IMAGE_NAME}`;

const allowedSources = ['http', 'local'];

/** "http": the agent fetches from the image's own server; "local": from a copy of ours. Files are always ours. */
function downloadSource(node: Node, config: Config): string {
  const value =
    node.instance_info.image_download_source ??
    node.driver_info.image_download_source ??
    config.agent.image_download_source;
  if (typeof value !== 'string' || !allowedSources.includes(value)) {
    throw registeredError('InvalidParameterValue', {
      reason: `image_download_source of node ${node.uuid} is ${JSON.stringify(value)}; allowed: ${allowedSources.join(', ')}.`,
    });
  }
  return value;
}

/** Whole disk images only: what else an instance may ask for is refused by name. */
function checkImageType(node: Node): void {
  const { image_type, kernel, ramdisk, swap_mb, ephemeral_gb } = node.instance_info;
  const isPartition = image_type === 'partition' || (image_type === undefined && Boolean(kernel) && Boolean(ramdisk));
  if (isPartition || (image_type !== undefined && image_type !== null && image_type !== 'whole-disk')) {
    throw registeredError('InvalidParameterValue', {
      reason: `Node ${node.uuid}: only whole disk images can be deployed (instance_info/image_type "whole-disk"), and no kernel and ramdisk beside them.`,
    });
  }
  if (Number(swap_mb ?? 0) > 0 || Number(ephemeral_gb ?? 0) > 0) {
    throw registeredError('InvalidParameterValue', {
      reason: `Node ${node.uuid}: instance_info/swap_mb and ephemeral_gb do not go with a whole disk image.`,
    });
  }
}

const imageCall = (name: string, { source }: ImageSource): TracedCall => ({
  receiver: 'image servers',
  name,
  attributes: { 'server.address': source.kind === 'url' ? new URL(source.url).host : 'file' },
});

/**
 * Checks everything about the image that can be known without a machine.
 * @throws MissingParameterValue, InvalidParameterValue
 */
export async function validateImage(task: Task): Promise<ImageSource> {
  const { node, config } = task;
  checkImageType(node);
  const image = await readImageSource(node, config);
  if (image.source.kind === 'path' || downloadSource(node, config) === 'local') {
    bootUrl(config);
  }
  await tracedCall(task, imageCall('look for image', image), (headers) =>
    checkImageReachable(node, image, config, headers),
  );
  return image;
}

/** "HOST:PORT" from where the machine fetches its image; null where that can not be told, and the preparation says why. */
export function imageServer(node: Node, config: Config): string | null {
  const reference = node.instance_info.image_source;
  const isUrl = typeof reference === 'string' && /^https?:\/\//i.test(reference) && URL.canParse(reference);
  try {
    if (isUrl && downloadSource(node, config) === 'http') {
      return new URL(reference).host;
    }
    return typeof reference === 'string' ? new URL(bootUrl(config)).host : null;
  } catch (error) {
    if (isRegisteredError(error)) {
      return null;
    }
    throw error;
  }
}

/** Makes the image ready; what was found out is kept for the step that writes it. Safe to repeat. */
export async function prepareImage(task: Task, { fileCache, bootFiles }: ServerEnvironment): Promise<Facts> {
  const { node, config } = task;
  const image = await validateImage(task);
  const checksum = await tracedCall(task, imageCall('checksum of image', image), (headers) =>
    resolveChecksum(node, image, config, headers),
  );
  const digest = { os_hash_algo: checksum.algorithm, os_hash_value: checksum.value };
  let prepared: PreparedImage;
  if (image.source.kind === 'path' || downloadSource(node, config) === 'local') {
    const name = servedName(node);
    const target = join(bootFiles.rootFolder('http'), name);
    await tracedCall(task, imageCall('copy of image', image), (headers) =>
      fileCache.place(image.source, target, imageWebOptions(node, config, headers)),
    );
    prepared = { url: `${bootUrl(config)}/${name}`, ...digest, conductor: config.conductor.host };
  } else {
    prepared = { url: image.source.url, ...digest };
  }
  return { driver_internal_info: { [IMAGE_KEY]: { ...prepared } } };
}

/** The image of a node that its conductor serves. */
export function localImage(environment: ServerEnvironment): LocalState {
  return {
    holder: (node) => preparedImage(node)?.conductor ?? null,
    isHere: ({ node }) => environment.bootFiles.has('http', servedName(node)),
    async restore(task) {
      const { host } = task.config.conductor;
      const facts = await prepareImage(task, environment);
      task.record({ kind: 'boot', message: `The image is served by ${host} now.` });
      return facts;
    },
  };
}

/** Removes our copy of the image. Safe to repeat. */
export async function forgetImage(task: Task, { bootFiles }: ServerEnvironment): Promise<Facts> {
  await bootFiles.remove('http', `${IMAGE_FOLDER}/${task.node.uuid}`);
  return { driver_internal_info: { [IMAGE_KEY]: null } };
}
