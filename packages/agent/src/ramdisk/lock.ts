// Lets one process at a time build the base: two at once would take twice as long each.
import { open, readFile, rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MILLISECONDS = 250;
/** Slower than this no build is: its holder must have been stopped in a way that left no trace. */
const LOCK_TIMEOUT_SECONDS = 1800;

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user is alive, too.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function tryLock(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** The process that holds a lock; null when it has just been let go of, or is about to be written. */
async function readHolder(path: string): Promise<number | null> {
  const text = await readFile(path, 'utf8').catch(() => '');
  return /^\d+$/.test(text) ? Number(text) : null;
}

/** Runs a function while no other process does; a lock whose process has ended is taken over. */
export async function withLock<Result>(
  path: string,
  log: (line: string) => void,
  use: () => Promise<Result>,
): Promise<Result> {
  const deadline = Date.now() + LOCK_TIMEOUT_SECONDS * 1000;
  let hasTold = false;
  while (!(await tryLock(path))) {
    const holder = await readHolder(path);
    if (holder !== null && !isAlive(holder)) {
      await rm(path, { force: true });
      continue;
    }
    if (Date.now() > deadline)
      throw new Error(`${path} is held by process ${holder} for ${LOCK_TIMEOUT_SECONDS} s; remove it`);
    if (!hasTold) log(`waiting for process ${holder}, which builds the same`);
    hasTold = true;
    await delay(POLL_MILLISECONDS);
  }
  try {
    return await use();
  } finally {
    await rm(path, { force: true });
  }
}
