// Boot media that BMCs fetch from this server: under a secret name, because there are tokens in them, and only while they are used.
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BootFiles } from './boot-files.ts';

/** Folder under the HTTP root. */
const FOLDER = 'media';
const SECRET_BYTES = 24;

/** A new name for a medium of a node, under the HTTP root; many BMCs want it to end with ".iso" or ".img". */
export function newMediumName(node: string, ending: 'iso' | 'img'): string {
  return `${FOLDER}/${randomBytes(SECRET_BYTES).toString('base64url')}/${node}.${ending}`;
}

/** The node of such a path in a request; undefined for other paths. */
export function nodeOfMediumPath(path: string): string | undefined {
  return new RegExp(`^${FOLDER}/[^/]+/([0-9a-f-]{36})\\.(?:iso|img)$`).exec(path)?.[1];
}

export interface PublishedMedia {
  /** Where the medium of this name is, absolute. */
  pathOf(name: string): string;
  has(name: string): Promise<boolean>;
  /** Takes the medium and its secret folder away. Safe to repeat. */
  withdraw(name: string): Promise<void>;
}

/** Access to the media under the HTTP root; names are those of `newMediumName`. */
export function createPublishedMedia(bootFiles: BootFiles): PublishedMedia {
  const pathOf = (name: string) => join(bootFiles.rootFolder('http'), name);
  return {
    pathOf,
    has: (name) => bootFiles.has('http', name),
    async withdraw(name) {
      if (nodeOfMediumPath(name) === undefined) {
        throw new Error(`"${name}" is not the name of a boot medium.`);
      }
      await rm(dirname(pathOf(name)), { recursive: true, force: true });
    },
  };
}
