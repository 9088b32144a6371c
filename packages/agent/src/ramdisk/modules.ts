// Selects kernel modules with all that they depend on.
import { readdirSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { listDirectory } from '../hardware/sysfs.ts';
import type { Run } from '../process.ts';
import { MODULES, MODULES_LEFT_OUT } from './contents.ts';
import type { Tree } from './cpio.ts';

/** The indexes that modprobe and udev read. */
const INDEXES = [
  'modules.alias.bin',
  'modules.builtin.alias.bin',
  'modules.builtin.bin',
  'modules.dep',
  'modules.dep.bin',
  'modules.softdep',
  'modules.symbols.bin',
] as const;

/** The name under which a module is depended on: of `crc32c-intel.ko` it is `crc32c_intel`. */
function moduleName(path: string): string {
  return basename(path, '.ko').replaceAll('-', '_');
}

/** What a module names in its `.modinfo`: modules it links to, and modules it wants loaded around it (softdep). */
export function readModuleDependencies(module: Buffer): string[] {
  const names: string[] = [];
  for (const key of ['depends=', 'softdep=']) {
    // The entries are texts, each after the zero that ends the one before.
    for (let at = module.indexOf(`\0${key}`); at !== -1; at = module.indexOf(`\0${key}`, at + 1)) {
      const start = at + 1 + key.length;
      const value = module.toString('utf8', start, module.indexOf(0, start));
      names.push(...value.split(/[\s,]+/).filter((word) => word !== '' && !word.endsWith(':')));
    }
  }
  return names.map((name) => name.replaceAll('-', '_'));
}

function isWanted(path: string): boolean {
  return MODULES.some((pattern) => pattern.test(path)) && !MODULES_LEFT_OUT.some((pattern) => pattern.test(path));
}

/**
 * Reads the wanted modules and all that they depend on.
 *
 * @param directory a kernel's modules, with the folder `kernel` in it.
 * @returns contents by path below `directory`.
 */
export function selectModules(directory: string): Map<string, Buffer> {
  const all = readdirSync(join(directory, 'kernel'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ko'))
    .sort();
  const byName = new Map(all.map((path) => [moduleName(path), path]));
  const selected = new Map<string, Buffer>();
  const select = (path: string): void => {
    const key = `kernel/${path}`;
    if (selected.has(key)) return;
    const content = readFileSync(join(directory, key));
    selected.set(key, content);
    for (const name of readModuleDependencies(content)) {
      // What is not found is built into the kernel.
      const dependency = byName.get(name);
      if (dependency !== undefined) select(dependency);
    }
  };
  for (const path of all.filter(isWanted)) select(path);
  return selected;
}

/** The kernel's release in an unpacked kernel package. @throws Error when there is none. */
export function findKernelRelease(kernelPackage: string): string {
  const release = listDirectory(join(kernelPackage, 'lib/modules'))[0];
  if (release === undefined) throw new Error(`${kernelPackage} holds no kernel modules`);
  return release;
}

/** Adds the selected modules and their indexes, made anew for the selection, to a tree. */
export async function addModules(run: Run, kernelPackage: string, tree: Tree): Promise<void> {
  const release = findKernelRelease(kernelPackage);
  const source = join(kernelPackage, 'lib/modules', release);
  const work = await mkdtemp(join(tmpdir(), 'ramdisk-modules-'));
  try {
    const base = join(work, 'lib/modules', release);
    for (const [path, content] of selectModules(source)) {
      await mkdir(join(base, dirname(path)), { recursive: true });
      await writeFile(join(base, path), content);
      tree.set(`usr/lib/modules/${release}/${path}`, { kind: 'file', mode: 0o644, content });
    }
    for (const name of ['modules.order', 'modules.builtin', 'modules.builtin.modinfo']) {
      await cp(join(source, name), join(base, name));
    }
    await run('depmod', ['--basedir', work, release]);
    for (const name of INDEXES) {
      const content = await readFile(join(base, name));
      tree.set(`usr/lib/modules/${release}/${name}`, { kind: 'file', mode: 0o644, content });
    }
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
