// Checks the database: whether it answers and how fast, its schema, and whether its clock and this machine's agree.
import { performance } from 'node:perf_hooks';
import type { Config } from '../config/index.ts';
import { databaseStatus } from '../database/status.ts';
import { connect } from '../store/connections.ts';
import { databaseMilliseconds } from '../store/database-clock.ts';
import { serverVersion } from '../store/server-version.ts';
import { type Finding, ok, problem, reasonOf, warning } from './finding.ts';

const SLOW_MILLISECONDS = 50;
/** Leases are by the clock of the database, and all other times by those of the processes. */
const CLOCK_DIFFERENCE_MILLISECONDS = 1000;
const PROBES = 5;

export async function checkDatabase(config: Config): Promise<Finding[]> {
  const { url } = config.database;
  try {
    const status = await databaseStatus(config);
    if (!status.exists) {
      return [ok('database', `${status.place} is not there yet; the first start makes it.`)];
    }
    const pending = status.pending_migrations.length;
    const level = `schema level ${status.schema_level}`;
    return [
      ...(url === null ? [ok('database', `SQLite, ${status.place}, ${status.size_bytes} bytes.`)] : await probe(url)),
      pending === 0
        ? ok('schema', `The database has ${level}; this program knows ${status.program_level}.`)
        : warning(
            'schema',
            `The database has ${level}; this program brings it to ${status.program_level} with ${pending} migrations.`,
            'Run "wrought db upgrade", or start the server, which does the same.',
          ),
    ];
  } catch (error) {
    const remedy =
      url === null
        ? 'Look at the file; "wrought db restore" puts a backup in its place.'
        : 'Look at database.url and at the PostgreSQL server; see docs/guide/postgresql.md.';
    return [problem('database', reasonOf(error), remedy)];
  }
}

async function probe(url: string): Promise<Finding[]> {
  const { write, name } = await connect(url);
  try {
    const times: { latency: number; difference: number }[] = [];
    for (let at = 0; at < PROBES; at += 1) {
      const before = performance.now();
      const clockBefore = Date.now();
      const database = await databaseMilliseconds(write);
      const latency = performance.now() - before;
      times.push({ latency, difference: database - (clockBefore + latency / 2) });
    }
    // The quickest answer says most: the others waited for something.
    const [best = { latency: 0, difference: 0 }] = times.toSorted((a, b) => a.latency - b.latency);
    const answer = `PostgreSQL ${await serverVersion(write)}, ${name}, answers in ${best.latency.toFixed(1)} ms.`;
    const seconds = (best.difference / 1000).toFixed(3);
    return [
      best.latency > SLOW_MILLISECONDS
        ? warning('database', answer, 'Every step of every flow waits for it: bring it nearer, or look why it is slow.')
        : ok('database', answer),
      Math.abs(best.difference) > CLOCK_DIFFERENCE_MILLISECONDS
        ? warning(
            'database clock',
            `The clock of the database is ${seconds} s from that of this machine.`,
            'Let both machines follow the same time servers (chrony).',
          )
        : ok('database clock', `The clock of the database is ${seconds} s from that of this machine.`),
    ];
  } finally {
    await write.destroy();
  }
}
