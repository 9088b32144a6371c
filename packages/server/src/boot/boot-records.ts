// Remembers in the data directory which nodes are offered a network boot here, so that it can be taken back when another conductor went on.
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DhcpProvider } from '../network/dhcp/provider.ts';
import type { BootFiles, BootRoot } from './boot-files.ts';

export interface BootRecord {
  readonly root: BootRoot;
  /** Scripts under the root. */
  readonly files: readonly string[];
  /** MACs that DHCP makes an offer to. */
  readonly addresses: readonly string[];
}

export interface BootRecords {
  keep(nodeUuid: string, record: BootRecord): Promise<void>;
  forget(nodeUuid: string): Promise<void>;
  /** UUIDs of the nodes that are offered a boot here. */
  nodes(): Promise<string[]>;
  /** Takes back what a node is offered here, by what is remembered alone. Safe to repeat. */
  withdraw(nodeUuid: string): Promise<void>;
}

const SUFFIX = '.json';

/** Makes them over a folder of their own, which no other process has. */
export function createBootRecords(
  folder: () => string,
  { bootFiles, dhcp }: { readonly bootFiles: BootFiles; readonly dhcp: DhcpProvider },
): BootRecords {
  const pathOf = (nodeUuid: string) => join(folder(), `${nodeUuid}${SUFFIX}`);

  async function read(nodeUuid: string): Promise<BootRecord | undefined> {
    try {
      return JSON.parse(await readFile(pathOf(nodeUuid), 'utf8')) as BootRecord;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
        return undefined;
      }
      throw error;
    }
  }

  const forget = (nodeUuid: string) => rm(pathOf(nodeUuid), { force: true });

  return {
    async keep(nodeUuid, record) {
      await mkdir(folder(), { recursive: true });
      const temporary = `${pathOf(nodeUuid)}.new`;
      await writeFile(temporary, JSON.stringify(record));
      await rename(temporary, pathOf(nodeUuid));
    },
    forget,
    async nodes() {
      try {
        const names = await readdir(folder());
        return names.filter((name) => name.endsWith(SUFFIX)).map((name) => name.slice(0, -SUFFIX.length));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
          return [];
        }
        throw error;
      }
    },
    async withdraw(nodeUuid) {
      const record = await read(nodeUuid);
      if (record === undefined) {
        return;
      }
      for (const address of record.addresses) {
        await dhcp.withdrawBoot(address);
      }
      for (const name of [...record.files, nodeUuid]) {
        await bootFiles.remove(record.root, name);
      }
      await forget(nodeUuid);
    },
  };
}
