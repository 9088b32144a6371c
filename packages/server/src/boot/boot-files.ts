// The files that one machine boots from: a folder for each node and a script for each MAC, under the HTTP and TFTP roots.

import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config } from '../config/index.ts';

export type BootRoot = 'http' | 'tftp';

export interface BootFiles {
  rootFolder(root: BootRoot): string;
  /** Writes a file under a root, whole or not at all. */
  write(root: BootRoot, name: string, content: string): Promise<void>;
  remove(root: BootRoot, name: string): Promise<void>;
  /** Whether there is such a file. */
  has(root: BootRoot, name: string): Promise<boolean>;
}

/** The name of a per-MAC script: "52-54-00-12-34-56". */
export function addressName(address: string): string {
  return address.toLowerCase().replaceAll(':', '-');
}

/** Makes the access to both roots; names are relative to them and made by the server, never by users. */
export function createBootFiles(config: () => Config): BootFiles {
  const rootFolder = (root: BootRoot) => (root === 'http' ? config().deploy.http_root : config().pxe.tftp_root);
  return {
    rootFolder,
    async write(root, name, content) {
      const target = join(rootFolder(root), name);
      await mkdir(dirname(target), { recursive: true });
      const temporary = join(dirname(target), `.new-${randomUUID()}`);
      await writeFile(temporary, content, { mode: 0o644 });
      await rename(temporary, target);
    },
    async remove(root, name) {
      await rm(join(rootFolder(root), name), { recursive: true, force: true });
    },
    async has(root, name) {
      try {
        return (await stat(join(rootFolder(root), name))).isFile();
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
          return false;
        }
        throw error;
      }
    },
  };
}
