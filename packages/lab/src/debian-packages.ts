// Fetches and unpacks Debian packages without installing them: kernels and tools that go into other systems.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './process/run.ts';

export interface DebianPackage {
  name: string;
  version: string;
  /** The downloaded .deb. */
  file: string;
}

export interface FetchOptions {
  cacheDirectory: string;
  log?: (line: string) => void;
}

const downloadTimeoutSeconds = 600;
const unpackTimeoutSeconds = 120;

async function showField(name: string, field: string): Promise<string | undefined> {
  const { stdout } = await run('apt-cache', ['show', '--no-all-versions', name]);
  return new RegExp(`^${field}: (.+)$`, 'm').exec(stdout)?.[1];
}

/** Runs a lookup; when it fails, package lists may be missing or old: updates them and tries once more. */
async function withFreshLists<T>(work: () => Promise<T>, log: (line: string) => void): Promise<T> {
  try {
    return await work();
  } catch (error) {
    log(`updating package lists, because: ${(error as Error).message}`);
    await run('apt-get', ['update', '-q'], { timeoutSeconds: downloadTimeoutSeconds });
    return work();
  }
}

async function download(name: string, options: FetchOptions): Promise<DebianPackage> {
  const version = await showField(name, 'Version');
  if (version === undefined) throw new Error(`apt-cache shows no version of package ${name}`);
  const home = join(options.cacheDirectory, 'packages', `${name}_${version.replaceAll(':', '%3a')}`);
  if (!existsSync(home)) {
    options.log?.(`fetching ${name} ${version}`);
    const partial = `${home}.${process.pid}.partial`;
    rmSync(partial, { recursive: true, force: true });
    mkdirSync(partial, { recursive: true });
    // apt drops to its own user for downloads, which may not write here.
    await run('apt-get', ['download', '-q', '-o', 'APT::Sandbox::User=root', `${name}=${version}`], {
      cwd: partial,
      timeoutSeconds: downloadTimeoutSeconds,
    });
    try {
      renameSync(partial, home);
    } catch (error) {
      // Somebody else was quicker with the same package.
      if (!existsSync(home)) throw error;
      rmSync(partial, { recursive: true, force: true });
    }
  }
  const file = readdirSync(home).find((entry) => entry.endsWith('.deb'));
  if (file === undefined) throw new Error(`${home} holds no package; delete it and try again`);
  return { name, version, file: join(home, file) };
}

/** Downloads a package of the version that apt would install, or takes it from the cache. Updates old lists itself. */
export function fetchPackage(name: string, options: FetchOptions): Promise<DebianPackage> {
  return withFreshLists(() => download(name, options), options.log ?? (() => undefined));
}

/** The kernel package that `linux-image-amd64` stands for today: with all drivers, unlike the cloud kernel. */
export function fetchKernelPackage(options: FetchOptions): Promise<DebianPackage> {
  const lookUp = async () => {
    const depends = await showField('linux-image-amd64', 'Depends');
    const name = /linux-image-\S+/.exec(depends ?? '')?.[0];
    if (name === undefined) throw new Error(`linux-image-amd64 depends on no kernel: "${depends}"`);
    return download(name, options);
  };
  return withFreshLists(lookUp, options.log ?? (() => undefined));
}

/** Unpacks a package's files into a directory. */
export async function unpackPackage(debianPackage: DebianPackage, directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  await run('dpkg-deb', ['-x', debianPackage.file, directory], { timeoutSeconds: unpackTimeoutSeconds });
}

/** The path of the kernel inside an unpacked kernel package, and its version as `uname -r` says it. */
export function findKernel(directory: string): { path: string; release: string } {
  const name = readdirSync(join(directory, 'boot')).find((entry) => entry.startsWith('vmlinuz-'));
  if (name === undefined) throw new Error(`${directory}/boot holds no kernel`);
  return { path: join(directory, 'boot', name), release: name.slice('vmlinuz-'.length) };
}
