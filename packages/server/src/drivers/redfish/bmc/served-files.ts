// Files that BMCs fetch from this server: under its HTTP root, in folders of their nodes.
import { join } from 'node:path';
import { createBootFiles } from '../../../boot/boot-files.ts';
import type { FileCache, FileSource } from '../../../boot/file-cache.ts';
import { webOptions } from '../../../boot/web.ts';
import type { Task } from '../../kit/index.ts';
import { mediumUrl } from '../boot-media.ts';

export interface ServedFiles {
  /** A copy of a source on this server, not to be changed. */
  copyOf(task: Task, source: FileSource): Promise<string>;
  /**
   * Serves a file under this name in a folder under the HTTP root; answers where it is, and the URL for BMCs.
   * @throws InvalidParameterValue, MissingParameterValue
   */
  serve(
    task: Task,
    source: FileSource,
    folder: string,
    name: string,
  ): Promise<{ readonly path: string; readonly url: string }>;
  /** Takes a folder away. Safe to repeat. */
  withdraw(task: Task, folder: string): Promise<void>;
}

/** The last part of an URL as the name of a file, without what BMCs or file systems may stumble over. */
export function fileNameOf(url: string): string {
  const last = new URL(url).pathname.split('/').at(-1) ?? '';
  return last.replaceAll(/%[0-9a-f]{2}|[^\w.+-]/gi, '_').replace(/^\.+/, '') || 'image';
}

/** Makes them; `cache` keeps what was fetched. */
export function createServedFiles(cache: FileCache): ServedFiles {
  return {
    copyOf: (task, source) => cache.copyOf(source, webOptions(task.config)),
    async serve(task, source, folder, name) {
      const url = mediumUrl(task, `${folder}/${name}`);
      const path = join(createBootFiles(() => task.config).rootFolder('http'), folder, name);
      await cache.place(source, path, webOptions(task.config));
      return { path, url };
    },
    withdraw: (task, folder) => createBootFiles(() => task.config).remove('http', folder),
  };
}
