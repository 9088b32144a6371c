// Tells processes apart by pid and start time, so that a reused pid is never mistaken for one of ours.
import { readFileSync } from 'node:fs';

/** A process as the kernel knows it: `startTime` is in clock ticks since boot (proc(5), stat field 22). */
export interface ProcessIdentity {
  pid: number;
  startTime: string;
}

interface StatLine {
  state: string;
  startTime: string;
}

/** Reads /proc/PID/stat; undefined when there is no such process. */
function readStat(pid: number): StatLine | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
  // The second field is the program's name in parentheses and may itself hold spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const state = fields[0];
  const startTime = fields[19];
  if (state === undefined || startTime === undefined) {
    throw new Error(`/proc/${pid}/stat has an unexpected form: ${text}`);
  }
  return { state, startTime };
}

/** The identity of a running process; undefined when it has ended, also when it is an unreaped zombie. */
export function identify(pid: number): ProcessIdentity | undefined {
  const stat = readStat(pid);
  if (stat === undefined || stat.state === 'Z' || stat.state === 'X') return undefined;
  return { pid, startTime: stat.startTime };
}

/** Whether exactly this process (not another one that got its pid) still runs. */
export function isRunning(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startTime === identity.startTime;
}

/** The random id that the kernel gives to each boot; pids and start times mean nothing across boots. */
export function readBootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}
