// Folders under the HTTP root with files that a node is served for a while: firmware and attached images. Nodes may go before them.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { BootFiles } from './boot-files.ts';

/** Each has a folder for each node, called by its UUID. */
export const servedFolders = { firmware: 'firmware', virtualMedia: 'vmedia' } as const;

export interface ServedFolders {
  /** What is in them: UUIDs of nodes that are served something, and whatever somebody else put under the same root. */
  names(): Promise<string[]>;
  /** Takes away what a node is served. Safe to repeat. */
  remove(nodeUuid: string): Promise<void>;
}

/** Makes the access to them. */
export function createServedFolders(bootFiles: BootFiles): ServedFolders {
  const folders = Object.values(servedFolders);

  async function namesIn(folder: string): Promise<string[]> {
    try {
      return await readdir(join(bootFiles.rootFolder('http'), folder));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        return [];
      }
      throw error;
    }
  }

  return {
    async names() {
      return [...new Set((await Promise.all(folders.map(namesIn))).flat())];
    },
    async remove(nodeUuid) {
      for (const folder of folders) {
        await bootFiles.remove('http', `${folder}/${nodeUuid}`);
      }
    },
  };
}
