// Image checksums: as values of instance_info, and in the files of checksums that image servers offer (BSD and GNU layouts).

export type HashAlgorithm = 'md5' | 'sha256' | 'sha512';

export interface Checksum {
  readonly algorithm: HashAlgorithm;
  /** Lower-case hexadecimal. */
  readonly value: string;
}

const digits: Readonly<Record<HashAlgorithm, number>> = { md5: 32, sha256: 64, sha512: 128 };

export const hashAlgorithms = Object.keys(digits) as readonly HashAlgorithm[];

export function isHashAlgorithm(text: string): text is HashAlgorithm {
  return Object.hasOwn(digits, text);
}

/** Whether the text is a digest of the algorithm. */
export function isDigest(algorithm: HashAlgorithm, text: string): boolean {
  return text.length === digits[algorithm] && /^[0-9a-f]+$/i.test(text);
}

/** Reads "algorithm:value", or a bare digest whose length tells the algorithm; null for anything else. */
export function parseChecksum(text: string): Checksum | null {
  const colon = text.indexOf(':');
  if (colon >= 0) {
    const algorithm = text.slice(0, colon).toLowerCase();
    const value = text.slice(colon + 1).trim();
    return isHashAlgorithm(algorithm) && isDigest(algorithm, value) ? { algorithm, value: value.toLowerCase() } : null;
  }
  const value = text.trim();
  const algorithm = hashAlgorithms.find((each) => isDigest(each, value));
  return algorithm === undefined ? null : { algorithm, value: value.toLowerCase() };
}

/** BSD: "SHA256 (name) = digest". */
const bsdLine = /^(MD5|SHA256|SHA512)\s*\((.+)\)\s*=\s*([0-9a-f]+)\s*$/i;
/** GNU: "digest  name" or "digest *name". */
const gnuLine = /^\\?([0-9a-f]{32,128})\s+\*?(.+?)\s*$/i;

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function parseLine(line: string): { name: string | null; checksum: Checksum } | null {
  const bsd = bsdLine.exec(line);
  const [, algorithm = '', bsdName = '', bsdDigest = ''] = bsd ?? [];
  if (bsd !== null) {
    const checksum = parseChecksum(`${algorithm}:${bsdDigest}`);
    return checksum === null ? null : { name: bsdName, checksum };
  }
  const gnu = gnuLine.exec(line);
  const checksum = parseChecksum(gnu?.[1] ?? line);
  return checksum === null ? null : { name: gnu?.[2] ?? null, checksum };
}

/**
 * Finds the checksum of a file in a list of checksums; a list that is nothing but one bare digest is meant for any file.
 * @returns null when the list has none for the file
 */
export function findChecksum(list: string, fileName: string): Checksum | null {
  const entries = list
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map(parseLine)
    .filter((entry) => entry !== null);
  const named = entries.find(({ name }) => name !== null && (name === fileName || baseName(name) === fileName));
  const [only] = entries;
  return named?.checksum ?? (entries.length === 1 && only?.name === null ? only.checksum : null);
}
