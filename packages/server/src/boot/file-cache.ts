// Keeps one copy of each kernel, ramdisk and image inside the boot roots, by content of its source, and links it to nodes.

import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { copyFile, link, mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fetchUrl, headUrl, type WebOptions } from './web.ts';

/** Where a file comes from, after all checks of its reference. */
export type FileSource =
  | { readonly kind: 'path'; readonly path: string }
  | { readonly kind: 'url'; readonly url: string };

export interface FileCache {
  /**
   * Puts the file of the source under `target` (absolute), atomically; a copy is made only when the source has changed.
   * @throws Error that names source and reason
   */
  place(source: FileSource, target: string, web: WebOptions): Promise<void>;
  /**
   * The copy itself (absolute path), for those that make something else of it; not to be changed. Its name changes when the source does.
   * @throws Error that names source and reason
   */
  copyOf(source: FileSource, web: WebOptions): Promise<string>;
  /** What `make` writes to the path that it is given, made once for each `key` and kept like a copy; answers where it is. */
  derived(key: string, make: (temporary: string) => Promise<void>): Promise<string>;
  /** Removes copies that no node uses: the old ones, and where the cache is too large the longest unused first. */
  prune(bounds: CacheBounds): Promise<void>;
}

export interface CacheBounds {
  /** How long a copy is kept since it was last asked for. */
  readonly maxAgeMinutes: number;
  readonly maxMebibytes: number;
}

/** A download that was not written to for this long was left behind by a process that ended. */
const ABANDONED_AFTER_MILLISECONDS = 3_600_000;
/** A copy that was asked for so recently, here or by another process with the same folder, is about to be linked to a node. */
const RECENT_MILLISECONDS = 600_000;
const TEMPORARY_PREFIX = 'new-';
/** The copy of a source that does not tell when it changes: it serves one request. */
const ONCE_PREFIX = 'once-';

const digest = (text: string) => createHash('sha256').update(text).digest('hex');

/** A name that changes whenever the content may have changed; null when the source does not tell. */
async function nameOf(source: FileSource, web: WebOptions): Promise<string | null> {
  if (source.kind === 'path') {
    const { size, mtimeMs, ino } = await stat(source.path);
    return digest(JSON.stringify([source.path, size, mtimeMs, ino]));
  }
  const head = await headUrl(source.url, web);
  const validators = [head.etag, head.lastModified, head.contentLength];
  return head.etag === null && head.lastModified === null ? null : digest(JSON.stringify([source.url, ...validators]));
}

interface CacheEntry {
  readonly name: string;
  readonly bytes: number;
  /** Names that the file has; more than one: nodes use it. */
  readonly links: number;
  /** When it was asked for last, or written to. */
  readonly usedAt: number;
}

/** The files of the cache, the longest unused first; one that another process removes meanwhile is left out. */
async function entriesOf(folder: string): Promise<CacheEntry[]> {
  const ifThere = (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      return undefined;
    }
    throw error;
  };
  const entries: CacheEntry[] = [];
  for (const name of (await readdir(folder).catch(ifThere)) ?? []) {
    const found = await stat(join(folder, name)).catch(ifThere);
    if (found !== undefined) {
      entries.push({ name, bytes: found.size, links: found.nlink, usedAt: found.mtimeMs });
    }
  }
  return entries.sort((a, b) => a.usedAt - b.usedAt);
}

/** Hard link, or a copy where the file systems differ. */
async function linkOrCopy(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') {
      throw error;
    }
    await copyFile(from, to);
  }
}

/** Makes a cache in a folder of its own (a dot folder of the HTTP root, so that hard links work and nobody is served from it). */
export function createFileCache(folder: string): FileCache {
  const underWay = new Map<string, Promise<string>>();

  const download = (source: FileSource, web: WebOptions) => async (temporary: string) => {
    if (source.kind === 'path') {
      await copyFile(source.path, temporary);
      return;
    }
    await pipeline(Readable.from(fetchUrl(source.url, web)), createWriteStream(temporary, { mode: 0o644 }));
  };

  async function bring(entry: string, make: (temporary: string) => Promise<void>): Promise<string> {
    const temporary = join(folder, `${TEMPORARY_PREFIX}${randomUUID()}`);
    try {
      await make(temporary);
      await rename(temporary, entry);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    return entry;
  }

  /** Whether there is such an entry; it counts as asked for. */
  async function isThere(entry: string): Promise<boolean> {
    try {
      const now = new Date();
      await utimes(entry, now, now);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
        throw error;
      }
      return false;
    }
  }

  /** Several callers share one making. */
  async function shared(entry: string, make: (temporary: string) => Promise<void>): Promise<string> {
    const running = underWay.get(entry) ?? bring(entry, make).finally(() => underWay.delete(entry));
    underWay.set(entry, running);
    return running;
  }

  async function copyOf(source: FileSource, web: WebOptions): Promise<string> {
    try {
      await mkdir(folder, { recursive: true });
      const name = await nameOf(source, web);
      const entry = join(folder, name ?? `${ONCE_PREFIX}${randomUUID()}`);
      return name !== null && (await isThere(entry)) ? entry : await shared(entry, download(source, web));
    } catch (error) {
      const what = source.kind === 'path' ? source.path : source.url;
      throw new Error(
        `${what} can not be read: ${error instanceof Error ? error.message : String(error)}. Check that it exists and may be read by the server.`,
      );
    }
  }

  return {
    copyOf,
    async derived(key, make) {
      await mkdir(folder, { recursive: true });
      const entry = join(folder, digest(key));
      return (await isThere(entry)) ? entry : shared(entry, make);
    },
    async place(source, target, web) {
      const entry = await copyOf(source, web);
      await mkdir(dirname(target), { recursive: true });
      const temporary = join(dirname(target), `.new-${randomUUID()}`);
      await linkOrCopy(entry, temporary);
      // rename() of two links to the same file does nothing and leaves the first one behind.
      await rename(temporary, target);
      await rm(temporary, { force: true });
    },
    async prune({ maxAgeMinutes, maxMebibytes }) {
      const now = Date.now();
      const oldest = now - maxAgeMinutes * 60_000;
      const entries = await entriesOf(folder);
      let bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
      for (const { name, bytes: size, links, usedAt } of entries) {
        const entry = join(folder, name);
        if (name.startsWith(TEMPORARY_PREFIX)) {
          // Another process may download into it; one that ended left it behind.
          if (usedAt < now - ABANDONED_AFTER_MILLISECONDS) {
            await rm(entry, { force: true });
          }
          continue;
        }
        const isUnused = links === 1 && usedAt < now - RECENT_MILLISECONDS;
        const isTooMuch = bytes > maxMebibytes * 1024 * 1024;
        if (isUnused && (usedAt < oldest || isTooMuch || name.startsWith(ONCE_PREFIX))) {
          await rm(entry, { force: true });
          bytes -= size;
        }
      }
    },
  };
}
