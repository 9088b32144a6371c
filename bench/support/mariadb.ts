// A MariaDB server of the benchmark's own, in a directory and on a UNIX socket, for the peer.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runProgram, startChild } from './child.ts';

const START_TIMEOUT_MILLISECONDS = 30_000;
const START_POLL_MILLISECONDS = 20;

export interface MariaDb {
  readonly socket: string;
  readonly pid: number;
  /** Runs SQL in a database and returns the tab-separated rows. */
  query(database: string, sql: string): Promise<string>;
  stop(): Promise<void>;
}

/** Installs and starts a database server in the directory; only this user can reach it. */
export async function startMariaDb(directory: string): Promise<MariaDb> {
  const data = join(directory, 'mariadb');
  const socket = join(directory, 'mariadb.sock');
  const user = process.getuid?.() === 0 ? ['--user=root'] : [];
  await runProgram('mariadb-install-db', [
    '--no-defaults',
    ...user,
    `--datadir=${data}`,
    '--auth-root-authentication-method=normal',
    '--skip-test-db',
  ]);
  const child = startChild(
    'mariadbd',
    '/usr/sbin/mariadbd',
    [
      '--no-defaults',
      ...user,
      `--datadir=${data}`,
      `--socket=${socket}`,
      '--skip-networking',
      '--character-set-server=utf8',
      // A commit does not wait for the disk here, which it does in Wrought: to the peer's advantage.
      '--innodb-flush-log-at-trx-commit=0',
    ],
    join(directory, 'mariadb.log'),
  );

  function query(database: string, sql: string): Promise<string> {
    const args = ['--no-defaults', '--user=root', `--socket=${socket}`, '--skip-column-names', '--batch'];
    return runProgram('mariadb', database === '' ? args : [...args, database], sql);
  }

  const deadline = performance.now() + START_TIMEOUT_MILLISECONDS;
  for (;;) {
    child.assertRunning();
    try {
      await query('', 'SELECT 1');
      return { socket, pid: child.pid, query, stop: () => child.stop() };
    } catch (error) {
      if (performance.now() > deadline) {
        await child.stop();
        throw new Error(`mariadbd did not answer in ${START_TIMEOUT_MILLISECONDS} ms`, { cause: error });
      }
    }
    await sleep(START_POLL_MILLISECONDS);
  }
}
