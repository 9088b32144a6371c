// Finds out where an image is and what it must be, before any machine is powered: references, checksums, reachability.

import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { type Node, registeredError } from '@wrought/contract';
import type { Config } from '../config/index.ts';
import { type Checksum, findChecksum, hashAlgorithms, isDigest, isHashAlgorithm, parseChecksum } from './checksum.ts';
import type { FileSource } from './file-cache.ts';
import { readReference } from './file-reference.ts';
import { fetchText, headUrl, shownUrl, type WebOptions, webOptions } from './web.ts';

type Headers = Readonly<Record<string, string>>;

const CHECKSUM_FILE_MAX_BYTES = 1024 * 1024;

/** What is known of a checksum before any file is read: its value, or where it can be read. */
export type ChecksumReference = Checksum | { readonly url: string } | 'of the file itself';

export interface ImageSource {
  /** As the user gave it. */
  readonly reference: string;
  readonly source: FileSource;
  readonly checksum: ChecksumReference;
}

function invalid(node: Node, reason: string) {
  return registeredError('InvalidParameterValue', { reason: `The image of node ${node.uuid}: ${reason}` });
}

function textOf(node: Node, key: string): string | null {
  const value = node.instance_info[key];
  if (value === undefined || value === null || value === '') {
    return null;
  }
  if (typeof value !== 'string') {
    throw invalid(node, `instance_info/${key} is ${JSON.stringify(value)}; allowed: a text.`);
  }
  return value;
}

function accepted(node: Node, checksum: Checksum, config: Config): Checksum {
  if (checksum.algorithm === 'md5' && !config.agent.allow_md5_checksum) {
    throw invalid(node, 'its checksum is MD5, which agent.allow_md5_checksum refuses. Give a sha256 or sha512 one.');
  }
  return checksum;
}

function checksumReference(node: Node, source: FileSource, config: Config): ChecksumReference {
  const value = textOf(node, 'image_os_hash_value');
  const algorithm = textOf(node, 'image_os_hash_algo')?.toLowerCase();
  if (value !== null && algorithm !== undefined) {
    if (!isHashAlgorithm(algorithm)) {
      throw invalid(node, `instance_info/image_os_hash_algo is "${algorithm}"; allowed: ${hashAlgorithms.join(', ')}.`);
    }
    if (!isDigest(algorithm, value)) {
      throw invalid(node, `instance_info/image_os_hash_value "${value}" is no ${algorithm} digest in hexadecimal.`);
    }
    return accepted(node, { algorithm, value: value.toLowerCase() }, config);
  }
  const checksum = textOf(node, 'image_checksum');
  if (checksum === null) {
    if (source.kind === 'path') {
      return 'of the file itself';
    }
    throw registeredError('MissingParameterValue', {
      reason: `Node ${node.uuid} lacks instance_info/image_checksum, or image_os_hash_algo with image_os_hash_value; an image from a URL needs a checksum.`,
    });
  }
  if (/^https?:\/\//i.test(checksum)) {
    if (config.conductor.disable_support_for_checksum_files) {
      throw invalid(node, 'its image_checksum is a URL, which conductor.disable_support_for_checksum_files refuses.');
    }
    return { url: checksum };
  }
  const parsed = parseChecksum(checksum);
  if (parsed === null) {
    throw invalid(
      node,
      `instance_info/image_checksum "${checksum}" is no digest; allowed: "algorithm:digest" with ${hashAlgorithms.join(', ')}, a digest of theirs, or the URL of a file of checksums.`,
    );
  }
  return accepted(node, parsed, config);
}

/**
 * Reads the image's reference and checksum from instance_info; asks no server.
 * @throws MissingParameterValue, InvalidParameterValue
 */
export async function readImageSource(node: Node, config: Config): Promise<ImageSource> {
  const reference = textOf(node, 'image_source');
  if (reference === null) {
    throw registeredError('MissingParameterValue', {
      reason: `Node ${node.uuid} lacks instance_info/image_source: the URL of the image to deploy.`,
    });
  }
  const source = await readReference(`instance_info/image_source of node ${node.uuid}`, reference, config);
  return { reference, source, checksum: checksumReference(node, source, config) };
}

/** Options for the image's server, with the Authorization header that the instance brings, and `headers` beside it. */
export function imageWebOptions(node: Node, config: Config, headers: Headers = {}): WebOptions {
  const authorization = textOf(node, 'image_request_authorization_secret');
  return { ...webOptions(config), headers, ...(authorization === null ? {} : { authorization }) };
}

/**
 * Asks the image's server whether it has the image. Answers its size in bytes, or null when the server does not tell.
 * @throws InvalidParameterValue with URL and reason
 */
export async function checkImageReachable(
  node: Node,
  { source }: ImageSource,
  config: Config,
  headers?: Headers,
): Promise<number | null> {
  if (source.kind === 'path') {
    return null;
  }
  try {
    return (await headUrl(source.url, imageWebOptions(node, config, headers))).contentLength;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw invalid(node, `${reason}. Check instance_info/image_source and the image server.`);
  }
}

/**
 * The digest that the image must have; reads the file of checksums, or the image file itself.
 * @throws InvalidParameterValue
 */
export async function resolveChecksum(
  node: Node,
  image: ImageSource,
  config: Config,
  headers?: Headers,
): Promise<Checksum> {
  const { checksum, source } = image;
  if (checksum === 'of the file itself') {
    const hash = createHash('sha256');
    if (source.kind === 'path') {
      await pipeline(createReadStream(source.path), hash);
    }
    return { algorithm: 'sha256', value: hash.digest('hex') };
  }
  if (!('url' in checksum)) {
    return checksum;
  }
  const path = source.kind === 'path' ? source.path : decodeURIComponent(new URL(source.url).pathname);
  const fileName = path.slice(path.lastIndexOf('/') + 1);
  let list: string;
  try {
    list = await fetchText(checksum.url, imageWebOptions(node, config, headers), CHECKSUM_FILE_MAX_BYTES);
  } catch (error) {
    throw invalid(node, `its file of checksums: ${error instanceof Error ? error.message : String(error)}.`);
  }
  const found = findChecksum(list, fileName);
  if (found === null) {
    throw invalid(node, `the file of checksums ${shownUrl(checksum.url)} has no entry for "${fileName}".`);
  }
  return accepted(node, found, config);
}
