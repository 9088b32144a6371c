// Starts a process again whenever it ends, as the supervisor of a data centre would, and counts how it ended.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Installation, Process } from '../cluster/installation.ts';

/** Names the clock's file to the module that is preloaded. */
const CLOCK_FILE = 'WROUGHT_CHAOS_CLOCK';
const jumpingClock = fileURLToPath(new URL('jumping-clock.ts', import.meta.url));

const PAUSE_MILLISECONDS = 300;

export type Role = 'api' | 'conductor';

export interface Supervised {
  readonly name: string;
  readonly role: Role;
  /** What it reads on SIGUSR2: by how many milliseconds its clock is wrong. */
  readonly clockFile: string;
  /** The process that runs now; undefined while none does. */
  present(): Process | undefined;
  /** How often it ended by each code or signal. */
  readonly ends: ReadonlyMap<number | string, number>;
  /** The log of all processes so far. */
  log(): string;
  /** Starts no more; the process that runs is ended in order. */
  stop(): Promise<number | string | undefined>;
}

/** Starts it, and again and again; its clock is set through a file in `directory`. */
export async function supervise(
  site: Installation,
  role: Role,
  name: string,
  settings: readonly string[],
  directory: string,
): Promise<Supervised> {
  const clockFile = join(directory, `${name}.clock`);
  const environment = { NODE_OPTIONS: `--import=${jumpingClock}`, [CLOCK_FILE]: clockFile };
  const ends = new Map<number | string, number>();
  let present: Process | undefined = await site.start(role, name, settings, environment);
  let earlier = '';
  let isStopping = false;

  async function keep(): Promise<void> {
    while (!isStopping) {
      if (present === undefined) {
        try {
          present = await site.start(role, name, settings, environment);
          if (isStopping) {
            await site.end(present);
          }
        } catch (error) {
          // Such as a database that is away: tried again.
          earlier += `${(error as Error).message}\n`;
          ends.set('not started', (ends.get('not started') ?? 0) + 1);
          await sleep(PAUSE_MILLISECONDS);
          continue;
        }
      }
      const end = await present.ended;
      earlier += `${present.log()}\n`;
      present = undefined;
      if (!isStopping) {
        ends.set(end, (ends.get(end) ?? 0) + 1);
        await sleep(PAUSE_MILLISECONDS);
      }
    }
  }
  const keeping = keep();

  return {
    name,
    role,
    clockFile,
    ends,
    present: () => present,
    log: () => earlier + (present?.log() ?? ''),
    async stop() {
      isStopping = true;
      const last = present === undefined ? undefined : await site.end(present);
      await keeping;
      return last;
    },
  };
}
