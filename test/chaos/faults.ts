// The faults that the chaos harness injects, each with what it does; none counts that met no process.
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PostgresServer } from '../../packages/server/test/support/postgres-server.ts';
import { setDatabaseClock } from './audit.ts';
import type { EventWitness } from './event-witness.ts';
import type { DatabaseProxy } from './proxy.ts';
import type { SmallDisk } from './small-disk.ts';
import type { Role, Supervised } from './supervisor.ts';

/** Does it, and waits until it is over where it has an end; false when there was nothing to do it to. */
type Fault = () => Promise<boolean>;

export interface FaultTargets {
  readonly random: () => number;
  readonly leaseSeconds: number;
  readonly processes: readonly Supervised[];
  readonly postgres: PostgresServer;
  /** URL of the database that goes through nothing that is cut. */
  readonly database: string;
  readonly proxy: DatabaseProxy;
  readonly witness: EventWitness;
  /** Where the processes keep their data directories, and where the database keeps its own; absent without root. */
  readonly disks: { readonly processes: SmallDisk; readonly database: SmallDisk } | undefined;
}

const DAY_MILLISECONDS = 86_400_000;

/** Every fault by its name. */
export function faultsOn(targets: FaultTargets): Readonly<Record<string, Fault>> {
  const { random, leaseSeconds, processes, postgres, proxy, witness, disks } = targets;
  const between = (least: number, most: number) => least + random() * (most - least);

  /** One of the processes of a role that run now. */
  function running(role: Role): Supervised | undefined {
    const candidates = processes.filter((each) => each.role === role && each.present() !== undefined);
    return candidates[Math.floor(random() * candidates.length)];
  }

  const signalled = (role: Role, signal: NodeJS.Signals) => async () =>
    running(role)?.present()?.child.kill(signal) ?? false;

  const asleep = (role: Role, seconds: number) => async () => {
    const child = running(role)?.present()?.child;
    if (child?.kill('SIGSTOP') !== true) {
      return false;
    }
    await sleep(seconds * 1000);
    return child.kill('SIGCONT');
  };

  const clockWrong = (role: Role) => async () => {
    const found = running(role);
    const child = found?.present()?.child;
    if (found === undefined || child === undefined) {
      return false;
    }
    writeFileSync(found.clockFile, String(Math.round(between(-1, 1) * DAY_MILLISECONDS)));
    return child.kill('SIGUSR2');
  };

  async function databaseBack(): Promise<void> {
    if (!postgres.isRunning()) {
      await postgres.start();
    }
  }

  const diskFull = (disk: SmallDisk) => async () => {
    disk.fill();
    await sleep(between(1_000, 3_000));
    disk.free();
    // A database that can not write its log gives up.
    await databaseBack();
    return true;
  };

  return {
    'conductor killed': signalled('conductor', 'SIGKILL'),
    'conductor stopped in order': signalled('conductor', 'SIGTERM'),
    'conductor asleep past its lease': asleep('conductor', leaseSeconds + 3),
    'conductor asleep for a moment': asleep('conductor', 2),
    'clock of a conductor wrong': clockWrong('conductor'),
    'API killed': signalled('api', 'SIGKILL'),
    'API asleep for a moment': asleep('api', 2),
    'clock of an API wrong': clockWrong('api'),
    'connections to the database cut': async () => proxy.cut() > 0,
    'database crashed': async () => {
      await postgres.kill();
      await sleep(between(500, 2_000));
      await postgres.start();
      return true;
    },
    'clock of the database wrong': async () => {
      await setDatabaseClock(targets.database, Math.round(between(-60, 60)));
      return true;
    },
    'events refused': async () => {
      witness.refuse(true);
      await sleep(between(2_000, 5_000));
      witness.refuse(false);
      return true;
    },
    ...(disks === undefined
      ? {}
      : {
          'disk of the processes full': diskFull(disks.processes),
          'disk of the database full': diskFull(disks.database),
        }),
  };
}
