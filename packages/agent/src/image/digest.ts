// Settles which digest an image must have, from the several ways in which it can be told.
import { createHash, type Hash } from 'node:crypto';
import type { ImageInfo } from '@wrought/contract';
import { AgentFailure } from '../errors.ts';

export type ExpectedDigest = { algorithm: string; value: string };

/** Hexadecimal characters of a digest by algorithm; a bare digest is known by its length. */
const DIGEST_CHARACTERS: { [algorithm: string]: number } = { md5: 32, sha1: 40, sha256: 64, sha384: 96, sha512: 128 };
const ALLOWED_ALGORITHMS = ['sha256', 'sha384', 'sha512'];

/** The digest of a text such as `sha256:abc...` or of a bare one, or null when it is neither. */
export function parseChecksum(text: string): ExpectedDigest | null {
  const match = /^(?:([a-z0-9]+):)?([0-9a-f]+)$/.exec(text.trim().toLowerCase());
  if (match === null) return null;
  const value = match[2] ?? '';
  const algorithm = match[1] ?? Object.keys(DIGEST_CHARACTERS).find((name) => DIGEST_CHARACTERS[name] === value.length);
  return algorithm === undefined || DIGEST_CHARACTERS[algorithm] !== value.length ? null : { algorithm, value };
}

/**
 * Finds the digest of a file in a list of checksums: lines of GNU's form (`digest  name`, a `*` before the name for
 * binary) or of BSD's (`SHA256 (name) = digest`); a file with a single bare digest counts for any name.
 */
export function findChecksum(list: string, fileName: string): ExpectedDigest | null {
  const lines = list.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'));
  for (const line of lines) {
    const bsd = /^([A-Za-z0-9]+)\s*\((.+)\)\s*=\s*([0-9A-Fa-f]+)\s*$/.exec(line);
    if (bsd !== null && bsd[2] === fileName) return parseChecksum(`${bsd[1]}:${bsd[3]}`);
    const gnu = /^([0-9A-Fa-f]+)\s+\*?(.+?)\s*$/.exec(line);
    if (gnu !== null && (gnu[2] ?? '').replace(/^\.\//, '') === fileName) return parseChecksum(gnu[1] ?? '');
  }
  return lines.length === 1 ? parseChecksum(lines[0] ?? '') : null;
}

/** The name in an image's URL by which lists of checksums know it. */
export function imageFileName(url: string): string {
  return decodeURIComponent(new URL(url).pathname.split('/').at(-1) ?? '');
}

/**
 * Settles the digest: `os_hash_algo` and `os_hash_value`, else `checksum`, which may be the URL of a list.
 *
 * @param fetchText reads the list of checksums.
 * @throws AgentFailure when there is none, it cannot be understood or its algorithm is not allowed.
 */
export async function settleDigest(
  image: ImageInfo,
  allowsMd5: boolean,
  fetchText: (url: string) => Promise<string>,
): Promise<ExpectedDigest> {
  const refuse = (reason: string): never => {
    throw new AgentFailure('InvalidCommandParamsError', `image ${image.id}: ${reason}`);
  };
  const { os_hash_algo: algorithm, os_hash_value: value, checksum } = image;
  let digest: ExpectedDigest | null = null;
  if (algorithm && value) {
    digest = parseChecksum(`${algorithm}:${value}`) ?? refuse(`os_hash_value "${value}" is not a ${algorithm} digest`);
  } else if (checksum) {
    const isUrl = /^https?:\/\//.test(checksum);
    const fileName = imageFileName(image.urls[0] ?? '');
    digest = isUrl ? findChecksum(await fetchText(checksum), fileName) : parseChecksum(checksum);
    if (digest === null && isUrl) refuse(`the list of checksums ${checksum} has no entry for ${fileName}`);
    if (digest === null) refuse(`"${checksum}" is no checksum; give sha256:<digest> or sha512:<digest>`);
  }
  if (digest === null) return refuse('no checksum was given; set image_os_hash_algo and image_os_hash_value');
  const allowed = allowsMd5 ? [...ALLOWED_ALGORITHMS, 'md5'] : ALLOWED_ALGORITHMS;
  if (!allowed.includes(digest.algorithm)) {
    refuse(`checksums of type ${digest.algorithm} are not accepted; allowed are ${allowed.join(', ')}`);
  }
  return digest;
}

/** Starts the computation of a digest. */
export function startDigest(expected: ExpectedDigest): Hash {
  return createHash(expected.algorithm);
}

/** @throws AgentFailure with both digests when the computed one differs from the expected one. */
export function verifyDigest(hash: Hash, expected: ExpectedDigest, image: ImageInfo, url: string): void {
  const actual = hash.digest('hex');
  if (actual === expected.value) return;
  throw new AgentFailure(
    'ImageChecksumError',
    `Image failed to verify against checksum. location: ${url}; image ID: ${image.id}; ` +
      `expected ${expected.algorithm}: ${expected.value}; computed ${expected.algorithm}: ${actual}. ` +
      'Either the file on the image server is not the one that was meant, or the given checksum is wrong',
  );
}
