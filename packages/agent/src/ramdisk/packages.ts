// Finds the Debian packages of the ramdisk through the host's apt, downloads and unpacks them.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Run } from '../process.ts';
import { PACKAGES_LEFT_OUT } from './contents.ts';

/** A package with its exact version. */
export type DebianPackage = { name: string; version: string };

/** Packages come over the network: a slow one must not fail the build. */
const DOWNLOAD_TIMEOUT_SECONDS = 1800;

/** Packages to be installed, from the output of `apt-get --simulate install`. */
export function parseSimulation(output: string): DebianPackage[] {
  return [...output.matchAll(/^Inst (\S+) (?:\[\S+\] )?\((\S+) /gm)]
    .map((match) => ({ name: match[1] ?? '', version: match[2] ?? '' }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}

/**
 * Asks apt which packages an empty system would need, so that the packages of this host make no difference.
 *
 * @throws Error with apt's words; an outdated list of packages is the usual reason.
 */
export async function resolvePackages(
  run: Run,
  names: readonly string[],
  workDirectory: string,
): Promise<DebianPackage[]> {
  const status = join(workDirectory, 'empty-dpkg-status');
  await mkdir(workDirectory, { recursive: true });
  await writeFile(status, '');
  try {
    const { stdout } = await run('apt-get', [
      '--simulate',
      '--no-install-recommends',
      '-o',
      `Dir::State::status=${status}`,
      '-o',
      'APT::Architecture=amd64',
      '-o',
      'Debug::NoLocking=true',
      'install',
      ...names,
    ]);
    return parseSimulation(stdout).filter(({ name }) => !PACKAGES_LEFT_OUT.some((pattern) => pattern.test(name)));
  } catch (error) {
    throw new Error(`apt-get could not resolve the ramdisk's packages; run "apt-get update" first. ${error}`, {
      cause: error,
    });
  }
}

/** Where the unpacked package is kept: a folder for each version. */
function unpackedPath(cacheDirectory: string, item: DebianPackage): string {
  const digest = createHash('sha256').update(`${item.name}=${item.version}`).digest('hex').slice(0, 12);
  return join(cacheDirectory, 'packages', `${item.name}-${digest}`);
}

async function unpack(run: Run, deb: string, target: string): Promise<void> {
  // A folder under its final name is complete, also when two builds run at once.
  const partial = `${target}.${process.pid}`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  await run('dpkg-deb', ['--extract', deb, partial]);
  if (existsSync(target)) await rm(partial, { recursive: true });
  else await rename(partial, target);
}

/**
 * Makes the unpacked packages available, downloading what the cache does not hold.
 *
 * @returns the folders, in the order of the packages.
 */
export async function unpackPackages(
  run: Run,
  packages: readonly DebianPackage[],
  cacheDirectory: string,
  log: (line: string) => void,
): Promise<string[]> {
  const missing = packages.filter((item) => !existsSync(unpackedPath(cacheDirectory, item)));
  if (missing.length > 0) {
    const downloads = join(cacheDirectory, `downloads-${process.pid}`);
    await mkdir(downloads, { recursive: true });
    try {
      log(`downloading ${missing.length} Debian packages`);
      const wanted = missing.map(({ name, version }) => `${name}=${version}`);
      const options = ['-o', 'APT::Architecture=amd64', '-o', 'APT::Sandbox::User=root', '--quiet'];
      await run('apt-get', [...options, 'download', ...wanted], {
        cwd: downloads,
        timeoutSeconds: DOWNLOAD_TIMEOUT_SECONDS,
      });
      const files = await readdir(downloads);
      for (const item of missing) {
        const file = files.find((candidate) => candidate.startsWith(`${item.name}_`));
        if (file === undefined) throw new Error(`apt-get did not download ${item.name} ${item.version}`);
        await unpack(run, join(downloads, file), unpackedPath(cacheDirectory, item));
      }
    } finally {
      await rm(downloads, { recursive: true, force: true });
    }
  }
  return packages.map((item) => unpackedPath(cacheDirectory, item));
}
