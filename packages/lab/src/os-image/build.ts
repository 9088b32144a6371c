// Builds the lab's operating system image, or takes it from the cache.
import { createHash } from 'node:crypto';
import {
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { defaultCacheDirectory } from '../cache.ts';
import { type DebianPackage, fetchKernelPackage, fetchPackage, unpackPackage } from '../debian-packages.ts';
import { run } from '../process/run.ts';
import { makeDiskImage } from './disk-image.ts';
import { makeRootTree } from './root-tree.ts';

export interface OsImageOptions {
  /** Where the files are put besides the cache; they stay in the cache alone when left out. */
  outputDirectory?: string;
  cacheDirectory?: string;
  log?: (line: string) => void;
}

export interface OsImageFile {
  path: string;
  sizeBytes: number;
  sha256: string;
  sha512: string;
}

/** Beside each file lie FILE.sha256 and FILE.sha512, as sha256sum writes them. */
export interface OsImage {
  /** What the system says of itself as `release=`: the first digits of the hash of all inputs. */
  release: string;
  raw: OsImageFile;
  qcow2: OsImageFile;
}

// Packages of the host whose files go into the image.
const bootLoaderPackages = ['grub-common', 'grub-pc-bin', 'grub-efi-amd64-bin'];
const releaseDigits = 12;
const rawName = 'wrought-os.raw';
const qcow2Name = 'wrought-os.qcow2';
const digestKinds = ['sha256', 'sha512'] as const;
const descriptionName = 'image.json';

async function installedVersions(): Promise<string> {
  const { stdout } = await run('dpkg-query', ['-W', ...bootLoaderPackages]);
  return stdout;
}

/** The hash of everything that the image is made from: package versions and this folder's sources. */
async function inputsHash(packages: DebianPackage[]): Promise<string> {
  const hash = createHash('sha256');
  hash.update(await installedVersions());
  for (const { name, version } of packages) hash.update(`${name} ${version}\n`);
  const sources = readdirSync(import.meta.dirname, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const source of sources) hash.update(readFileSync(source));
  return hash.digest('hex').slice(0, releaseDigits);
}

function describe(directory: string, name: string): OsImageFile {
  const path = join(directory, name);
  const bytes = readFileSync(path);
  const digests = { sha256: '', sha512: '' };
  for (const kind of digestKinds) {
    digests[kind] = createHash(kind).update(bytes).digest('hex');
    writeFileSync(`${path}.${kind}`, `${digests[kind]}  ${name}\n`);
  }
  return { path, sizeBytes: bytes.length, ...digests };
}

async function build(directory: string, packages: DebianPackage[], release: string): Promise<void> {
  const work = mkdtempSync(`${directory}.work-`);
  try {
    const unpacked = join(work, 'unpacked');
    const tree = join(work, 'tree');
    const output = join(work, 'output');
    mkdirSync(tree);
    mkdirSync(output);
    for (const debianPackage of packages) await unpackPackage(debianPackage, unpacked);
    await makeRootTree(unpacked, tree, release);
    const raw = join(output, rawName);
    const qcow2 = join(output, qcow2Name);
    await makeDiskImage(tree, raw, work);
    await run('qemu-img', ['convert', '-c', '-f', 'raw', '-O', 'qcow2', raw, qcow2]);
    const image: OsImage = { release, raw: describe(output, rawName), qcow2: describe(output, qcow2Name) };
    writeFileSync(join(output, descriptionName), JSON.stringify(image));
    try {
      renameSync(output, directory);
    } catch (error) {
      // Somebody else built the same image at the same time.
      if (!existsSync(directory)) throw error;
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/**
 * A small bootable system, raw and qcow2: boots from BIOS and UEFI, prints host name, UUID and nonce of its config
 * drive on the first serial line as "wrought-os: ..." lines, takes an address by DHCP, and powers off by ACPI.
 * Takes seconds when it has to be built; needs apt for the kernel and busybox packages the first time.
 */
export async function buildOsImage(options: OsImageOptions = {}): Promise<OsImage> {
  const cacheDirectory = options.cacheDirectory ?? defaultCacheDirectory();
  const fetchOptions = options.log === undefined ? { cacheDirectory } : { cacheDirectory, log: options.log };
  const packages = [await fetchKernelPackage(fetchOptions), await fetchPackage('busybox-static', fetchOptions)];
  const release = await inputsHash(packages);
  const home = join(cacheDirectory, 'os-image');
  const directory = join(home, release);
  if (!existsSync(directory)) {
    options.log?.(`building OS image ${release}`);
    mkdirSync(home, { recursive: true });
    await build(directory, packages, release);
  }
  const image = JSON.parse(readFileSync(join(directory, descriptionName), 'utf8')) as OsImage;
  const target = options.outputDirectory ?? directory;
  if (target !== directory) {
    mkdirSync(target, { recursive: true });
    for (const name of readdirSync(directory)) {
      copyFileSync(join(directory, name), join(target, name), constants.COPYFILE_FICLONE);
    }
  }
  const placed = (file: OsImageFile, name: string) => ({ ...file, path: join(target, name) });
  return { release, raw: placed(image.raw, rawName), qcow2: placed(image.qcow2, qcow2Name) };
}
