// Reads what a server's processes have cost so far: CPU time and resident memory, out of /proc.
import { readdirSync, readFileSync } from 'node:fs';

/** Ticks a second in which Linux counts CPU time towards user space (USER_HZ), the same on every architecture we run on. */
const CLOCK_TICKS_PER_SECOND = 100;

/** Positions after the command's closing bracket in /proc/PID/stat; see proc(5). */
const STAT = { parent: 1, userTicks: 11, systemTicks: 12, childUserTicks: 13, childSystemTicks: 14 } as const;

export interface Memory {
  /** Sum of the resident sets; pages that processes share are counted in each. */
  readonly residentMegabytes: number;
  /** The same with shared pages divided among those that share them. */
  readonly proportionalMegabytes: number;
}

interface Stat {
  readonly parent: number;
  readonly cpuTicks: number;
}

function readStat(pid: number): Stat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (position: number) => Number(fields[position]);
  return {
    parent: field(STAT.parent),
    cpuTicks:
      field(STAT.userTicks) + field(STAT.systemTicks) + field(STAT.childUserTicks) + field(STAT.childSystemTicks),
  };
}

/** Processes may end between the listing of /proc and the reading of their file. */
function isGone(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ENOENT' || code === 'ESRCH';
}

/** These processes and all their descendants. */
export function processTree(roots: readonly number[]): readonly number[] {
  const childrenOf = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const stat = readStat(Number(name));
    if (stat === undefined) continue;
    childrenOf.set(stat.parent, [...(childrenOf.get(stat.parent) ?? []), Number(name)]);
  }
  const found = [...roots];
  for (const pid of found) found.push(...(childrenOf.get(pid) ?? []));
  return found;
}

/** CPU time of these processes and their descendants since each began, in milliseconds; resolution 10 ms. */
export function cpuMilliseconds(roots: readonly number[]): number {
  const ticks = processTree(roots).reduce((sum, pid) => sum + (readStat(pid)?.cpuTicks ?? 0), 0);
  return (ticks * 1000) / CLOCK_TICKS_PER_SECOND;
}

/** Memory of these processes and their descendants now. */
export function memory(roots: readonly number[]): Memory {
  let residentKilobytes = 0;
  let proportionalKilobytes = 0;
  for (const pid of processTree(roots)) {
    let text: string;
    try {
      text = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
    } catch (error) {
      if (isGone(error)) continue;
      throw error;
    }
    const value = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)?.[1] ?? 0);
    residentKilobytes += value('Rss');
    proportionalKilobytes += value('Pss');
  }
  return { residentMegabytes: residentKilobytes / 1024, proportionalMegabytes: proportionalKilobytes / 1024 };
}

/** CPU time that anything on this machine has used since it started, in milliseconds. */
export function machineCpuMilliseconds(): number {
  const line = readFileSync('/proc/stat', 'latin1').split('\n', 1)[0] ?? '';
  const [user = 0, nice = 0, system = 0, , , interrupt = 0, softInterrupt = 0] = line.split(/\s+/).slice(1).map(Number);
  return ((user + nice + system + interrupt + softInterrupt) * 1000) / CLOCK_TICKS_PER_SECOND;
}
