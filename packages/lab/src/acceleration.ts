// Finds out whether KVM really works here: many machines have /dev/kvm and still cannot run a kernel on it.
import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { fetchKernelPackage, fetchPackage, findKernel, unpackPackage } from './debian-packages.ts';
import { acceleratorArguments, qemuProgram } from './machine/qemu-arguments.ts';
import { cpioArchive } from './os-image/cpio.ts';
import { readBootId } from './process/identity.ts';
import { ProgramError, run } from './process/run.ts';

export interface Acceleration {
  accelerator: 'kvm' | 'tcg';
  reason: string;
}

export interface ProbeOptions {
  /** Holds the kernel, and the result for as long as this host is not rebooted. */
  cacheDirectory: string;
  log?: (line: string) => void;
}

// A kernel on working KVM is through in one or two seconds, also on a busy host.
const probeBootTimeoutSeconds = 10;
const bootedMarker = 'wrought-probe: booted';
const kvmDevice = '/dev/kvm';

function kvmDeviceProblem(): string | undefined {
  try {
    accessSync(kvmDevice, constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}

async function makeProbeSystem(options: ProbeOptions, directory: string): Promise<{ kernel: string; initrd: string }> {
  const unpacked = join(directory, 'unpacked');
  await unpackPackage(await fetchKernelPackage(options), unpacked);
  await unpackPackage(await fetchPackage('busybox-static', options), unpacked);
  const init = `#!/bin/busybox sh
/bin/busybox mount -t devtmpfs devtmpfs /dev
echo "${bootedMarker}" > /dev/ttyS0
/bin/busybox poweroff -f
`;
  const archive = cpioArchive([
    { path: 'bin', mode: 0o040755 },
    { path: 'dev', mode: 0o040755 },
    { path: 'bin/busybox', mode: 0o100755, data: readFileSync(join(unpacked, 'bin/busybox')) },
    { path: 'init', mode: 0o100755, data: Buffer.from(init) },
  ]);
  const initrd = join(directory, 'initrd.gz');
  writeFileSync(initrd, gzipSync(archive, { level: 1 }));
  return { kernel: findKernel(unpacked).path, initrd };
}

async function bootOnKvm(options: ProbeOptions): Promise<Acceleration> {
  const directory = mkdtempSync(join(tmpdir(), 'wrought-probe-'));
  try {
    const { kernel, initrd } = await makeProbeSystem(options, directory);
    const machine = ['-machine', 'q35', '-m', '256M', '-no-user-config', '-nodefaults', '-display', 'none'];
    const boot = ['-kernel', kernel, '-initrd', initrd, '-append', 'console=ttyS0 quiet panic=-1'];
    const { stdout } = await run(
      qemuProgram,
      [...machine, ...acceleratorArguments('kvm'), '-serial', 'stdio', '-no-reboot', ...boot],
      { timeoutSeconds: probeBootTimeoutSeconds },
    );
    if (stdout.includes(bootedMarker)) return { accelerator: 'kvm', reason: 'a kernel booted on KVM' };
    return { accelerator: 'tcg', reason: 'a kernel on KVM ended before it reached its first program' };
  } catch (error) {
    if (!(error instanceof ProgramError) || !error.command.startsWith(qemuProgram)) throw error;
    const words = error.stderr.trim().split('\n')[0] || `nothing came for ${probeBootTimeoutSeconds} s`;
    return { accelerator: 'tcg', reason: `a kernel did not boot on KVM: ${words}` };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

async function probe(options: ProbeOptions): Promise<Acceleration> {
  if (process.arch !== 'x64') return { accelerator: 'tcg', reason: `the host is ${process.arch}, the machines x86-64` };
  const problem = kvmDeviceProblem();
  if (problem !== undefined) return { accelerator: 'tcg', reason: `no KVM: ${problem}` };
  return bootOnKvm(options);
}

/**
 * KVM when a kernel boots on it within seconds, else TCG (emulation), with the reason. Probes once a boot of the host;
 * the first probe on a host with /dev/kvm fetches a kernel package.
 */
export async function probeAcceleration(options: ProbeOptions): Promise<Acceleration> {
  const resultFile = join(options.cacheDirectory, 'acceleration.json');
  const bootId = readBootId();
  try {
    const cached = JSON.parse(readFileSync(resultFile, 'utf8')) as Acceleration & { bootId: string };
    if (cached.bootId === bootId) return { accelerator: cached.accelerator, reason: cached.reason };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') options.log?.(`${resultFile}: ${(error as Error).message}`);
  }
  options.log?.('probing for KVM');
  const result = await probe(options);
  mkdirSync(options.cacheDirectory, { recursive: true });
  writeFileSync(resultFile, `${JSON.stringify({ bootId, ...result }, null, 2)}\n`);
  options.log?.(`acceleration: ${result.accelerator} (${result.reason})`);
  return result;
}
