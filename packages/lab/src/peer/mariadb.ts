// A MariaDB server of its own for the peer, in a directory and on a UNIX socket.
import { join } from 'node:path';
import { startChild } from '../process/child.ts';
import { pollUntil } from '../process/poll.ts';
import { run } from '../process/run.ts';

const installTimeoutSeconds = 120;
const startTimeoutSeconds = 60;
const queryTimeoutSeconds = 300;

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
  await run(
    'mariadb-install-db',
    ['--no-defaults', ...user, `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db'],
    { timeoutSeconds: installTimeoutSeconds },
  );
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

  async function query(database: string, sql: string): Promise<string> {
    const args = ['--no-defaults', '--user=root', `--socket=${socket}`, '--skip-column-names', '--batch'];
    const options = { input: sql, timeoutSeconds: queryTimeoutSeconds };
    const { stdout } = await run('mariadb', database === '' ? args : [...args, database], options);
    return stdout;
  }

  let lastError: unknown;
  const answers = async () => {
    child.assertRunning();
    try {
      await query('', 'SELECT 1');
      return true;
    } catch (error) {
      // Not yet; the last reason is told when the time is over.
      lastError = error;
      return false;
    }
  };
  if (!(await pollUntil(answers, startTimeoutSeconds))) {
    await child.stop();
    throw new Error(`mariadbd did not answer in ${startTimeoutSeconds} s`, { cause: lastError });
  }
  return { socket, pid: child.pid, query, stop: () => child.stop() };
}
