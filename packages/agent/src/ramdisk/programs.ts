// Collects programs, their libraries and data files from unpacked packages into a tree.
import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { listDirectory } from '../hardware/sysfs.ts';
import { BUSYBOX_APPLETS, DATA_FILES, EXTRA_LIBRARIES, PROGRAMS, UDEV_RULES } from './contents.ts';
import type { Tree } from './cpio.ts';
import { readNeeded } from './elf.ts';

/** Debian's libraries for this architecture are here. */
const LIBRARY_FOLDERS = ['usr/lib/x86_64-linux-gnu', 'usr/lib', 'usr/lib64'] as const;
/** Folders that a merged system has as links. */
const MERGED = /^(bin|sbin|lib|lib64)\//;

/** Packages seen as one system whose /bin, /sbin and /lib are links into /usr. */
export type PackageFiles = {
  /** The real path of a file of the merged system, or null. */
  find: (path: string) => string | null;
};

/** Looks files up in several unpacked packages; the first that has one wins. */
export function openPackageFiles(folders: readonly string[]): PackageFiles {
  const exists = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  return {
    find: (path) => {
      const spellings = path.startsWith('usr/') ? [path, path.slice('usr/'.length)] : [path];
      for (const spelling of spellings) {
        for (const folder of folders) {
          if (exists(join(folder, spelling))) return join(folder, spelling);
        }
      }
      return null;
    },
  };
}

function merged(path: string): string {
  return MERGED.test(path) ? `usr/${path}` : path;
}

/** Adds a file with what it links to. @throws Error when it is in none of the packages. */
function addFile(files: PackageFiles, tree: Tree, path: string): void {
  if (tree.has(path)) return;
  const real = files.find(path);
  if (real === null) throw new Error(`no package of the ramdisk holds /${path}`);
  const status = lstatSync(real);
  if (status.isSymbolicLink()) {
    const target = readlinkSync(real);
    tree.set(path, { kind: 'link', target });
    const next = target.startsWith('/') ? target.slice(1) : normalize(join(dirname(path), target));
    addFile(files, tree, merged(next));
    return;
  }
  const content = readFileSync(real);
  tree.set(path, { kind: 'file', mode: status.mode & 0o111 ? 0o755 : 0o644, content });
  addLibraries(files, tree, path, content);
}

/** Adds the libraries that a program is linked with. @throws Error naming program and library when one is missing. */
export function addLibraries(files: PackageFiles, tree: Tree, path: string, content: Buffer): void {
  const { libraries, interpreter } = readNeeded(content);
  if (interpreter !== null) addFile(files, tree, merged(interpreter.slice(1)));
  for (const library of libraries) {
    const found = LIBRARY_FOLDERS.map((folder) => `${folder}/${library}`).find((candidate) => files.find(candidate));
    if (found === undefined) throw new Error(`/${path} needs ${library}, which no package of the ramdisk holds`);
    addFile(files, tree, found);
  }
}

function addCertificates(files: PackageFiles, tree: Tree): void {
  const folder = files.find('usr/share/ca-certificates/mozilla');
  const names = folder === null ? [] : listDirectory(folder);
  const bundle = names.map((name) => readFileSync(join(folder ?? '', name), 'utf8').trimEnd()).join('\n');
  tree.set('etc/ssl/certs/ca-certificates.crt', { kind: 'file', mode: 0o644, content: Buffer.from(`${bundle}\n`) });
}

/** Adds everything that comes from packages but the kernel's modules. */
export function addPrograms(files: PackageFiles, tree: Tree): void {
  for (const path of [...PROGRAMS, ...EXTRA_LIBRARIES, ...DATA_FILES]) addFile(files, tree, path);
  for (const rule of UDEV_RULES) addFile(files, tree, `usr/lib/udev/rules.d/${rule}`);
  const taken = new Set([...tree.keys()].map((path) => basename(path)));
  for (const applet of BUSYBOX_APPLETS) {
    if (!taken.has(applet)) tree.set(`usr/bin/${applet}`, { kind: 'link', target: 'busybox' });
  }
  tree.set('usr/sbin/mkfs.vfat', { kind: 'link', target: 'mkfs.fat' });
  addCertificates(files, tree);
}
