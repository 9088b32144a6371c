// Describes processors and memory, from procfs, sysfs and DMI.
import type { InventoryCpu, InventoryMemory } from '@wrought/contract';
import type { Run } from '../process.ts';
import { readNumber, readValue } from './sysfs.ts';

const UNIT_MIB: { [unit: string]: number } = { KB: 1 / 1024, MB: 1, GB: 1024, TB: 1024 * 1024 };

/** Reads `/proc/cpuinfo`. @param maxKhz the highest frequency where sysfs knows it. */
export function parseCpuinfo(text: string, architecture: string, maxKhz: number | null): InventoryCpu {
  const processors = text
    .split(/\n\s*\n/)
    .map((block) => new Map(block.split('\n').map((line) => splitPair(line))))
    .filter((block) => block.has('processor'));
  const first = processors[0] ?? new Map<string, string>();
  const sockets = new Set(processors.map((block) => block.get('physical id') ?? '0'));
  return {
    model_name: first.get('model name') ?? '',
    frequency: maxKhz === null ? (first.get('cpu MHz') ?? '') : String(maxKhz / 1000),
    count: processors.length,
    architecture,
    flags: (first.get('flags') ?? first.get('Features') ?? '').split(' ').filter((flag) => flag !== ''),
    socket_count: Math.max(1, sockets.size),
  };
}

function splitPair(line: string): [string, string] {
  const colon = line.indexOf(':');
  return colon === -1 ? [line.trim(), ''] : [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
}

/** The sum of the memory devices in `dmidecode --type 17`, in MiB; null when none is told. */
export function parseDmiMemory(text: string): number | null {
  let mib = 0;
  for (const match of text.matchAll(/^\s*Size:\s*(\d+)\s*(KB|MB|GB|TB)\s*$/gm)) {
    mib += Number(match[1]) * (UNIT_MIB[match[2] ?? ''] ?? 0);
  }
  return mib > 0 ? Math.round(mib) : null;
}

/** Reads the processors of this machine. */
export function readCpu(systemRoot = ''): InventoryCpu {
  const architecture = { x64: 'x86_64', arm64: 'aarch64' }[process.arch as string] ?? process.arch;
  const maxKhz = readNumber(`${systemRoot}/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq`);
  return parseCpuinfo(readValue(`${systemRoot}/proc/cpuinfo`) ?? '', architecture, maxKhz);
}

/** Reads the memory of this machine; a machine without DMI tables has no `physical_mb`. */
export async function readMemory(run: Run, systemRoot = ''): Promise<InventoryMemory> {
  const total = /^MemTotal:\s*(\d+) kB/m.exec(readValue(`${systemRoot}/proc/meminfo`) ?? '')?.[1];
  const hasDmi = readValue(`${systemRoot}/sys/class/dmi/id/uevent`) !== null;
  const dmi = hasDmi ? await run('dmidecode', ['--type', '17'], { okExitCodes: [0, 1, 2] }) : { stdout: '' };
  return { total: total === undefined ? null : Number(total) * 1024, physical_mb: parseDmiMemory(dmi.stdout) };
}

/** Bytes of memory that programs can still get. */
export function readAvailableMemoryBytes(systemRoot = ''): number {
  const kib = /^MemAvailable:\s*(\d+) kB/m.exec(readValue(`${systemRoot}/proc/meminfo`) ?? '')?.[1];
  return Number(kib ?? 0) * 1024;
}
