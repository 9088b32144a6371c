// A real PostgreSQL server in a temporary folder, reached through a UNIX socket: started, crashed and started again at will.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Client } from 'pg';

/** Where Debian keeps the programs of each version. */
const DEBIAN_VERSIONS = '/usr/lib/postgresql';
const OLDEST_VERSION = 15;
/** Debian's user of the server: it refuses to run as root. */
const SERVER_USER = 'postgres';

/** A running server: its folder, which holds the socket, and how to end it. */
export interface PostgresServer {
  readonly directory: string;
  /** Makes an empty database and returns its URL. */
  createDatabase(): Promise<string>;
  /** Ends the server at once, as a crash would; its files stay. */
  kill(): Promise<void>;
  /** Starts it again on the same files. */
  start(): Promise<void>;
  /** False after it was killed, or gave up by itself. */
  isRunning(): boolean;
  /** Ends it and removes its files. */
  remove(): Promise<void>;
}

function programs(): string {
  const versions = existsSync(DEBIAN_VERSIONS) ? readdirSync(DEBIAN_VERSIONS).map(Number) : [];
  const newest = Math.max(...versions.filter((version) => version >= OLDEST_VERSION));
  if (!Number.isFinite(newest)) {
    throw new Error(
      `The tests need PostgreSQL ${OLDEST_VERSION} or later in ${DEBIAN_VERSIONS}: apt-get install postgresql.`,
    );
  }
  return join(DEBIAN_VERSIONS, String(newest), 'bin');
}

/** Command and arguments that run a program as a user who is not root, and that end it when this process ends, however it does. */
function unprivileged(program: string, options: readonly string[]): [string, string[]] {
  const user = [`--reuid=${SERVER_USER}`, `--regid=${SERVER_USER}`, '--init-groups'];
  return ['setpriv', [...(process.getuid?.() === 0 ? user : []), '--pdeathsig=INT', program, ...options]];
}

function numberOf(kind: '-u' | '-g'): number {
  const { stdout } = spawnSync('id', [kind, SERVER_USER], { encoding: 'utf8' });
  return Number(stdout);
}

/** Starts a server of its own in a temporary folder (in `parent`), reachable through a UNIX socket alone. */
export async function startPostgres(parent = tmpdir()): Promise<PostgresServer> {
  const bin = programs();
  const directory = mkdtempSync(join(parent, 'wrought-pg-'));
  if (process.getuid?.() === 0) {
    chownSync(directory, numberOf('-u'), numberOf('-g'));
  }
  const data = join(directory, 'data');
  const [initdb, options] = unprivileged(join(bin, 'initdb'), [
    '--pgdata',
    data,
    '--username',
    'wrought',
    '--auth=trust',
    '--encoding=UTF8',
    // Not "C", so that a test sees whether columns say by themselves how they compare.
    '--locale-provider=icu',
    '--icu-locale=en',
    '--no-sync',
  ]);
  const made = spawnSync(initdb, options, { encoding: 'utf8', cwd: directory });
  if (made.status !== 0) {
    throw new Error(`initdb failed: ${made.stderr}`);
  }

  let server: ChildProcess;
  async function start(): Promise<void> {
    const settings = ['fsync=off', 'listen_addresses=', `unix_socket_directories=${directory}`, 'max_connections=200'];
    const [program, given] = unprivileged(join(bin, 'postgres'), [
      '-D',
      data,
      ...settings.flatMap((setting) => ['-c', setting]),
    ]);
    server = spawn(program, given, { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] });
    const lines: string[] = [];
    const log = createInterface({ input: server.stderr as NonNullable<ChildProcess['stderr']> });
    const ready = Promise.withResolvers<void>();
    log.on('line', (line) => {
      lines.push(line);
      if (line.includes('database system is ready to accept connections')) {
        ready.resolve();
      }
    });
    server.once('exit', (code) => ready.reject(new Error(`postgres ended (${code}): ${lines.slice(-5).join('\n')}`)));
    await ready.promise;
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    if (server.exitCode === null && server.signalCode === null) {
      const exit = once(server, 'exit');
      server.kill(signal);
      await exit;
    }
  }

  await start();
  return {
    directory,
    isRunning: () => server.exitCode === null && server.signalCode === null,
    createDatabase: () => createDatabaseIn(directory),
    kill: () => end('SIGQUIT'),
    start,
    async remove() {
      await end('SIGINT');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const urlIn = (directory: string, database: string) =>
  `postgres://wrought@localhost/${database}?host=${encodeURIComponent(directory)}`;

/** Makes an empty database on the server whose socket is in `directory`, and returns its URL. */
export async function createDatabaseIn(directory: string): Promise<string> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const client = new Client({ connectionString: urlIn(directory, 'postgres') });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  return urlIn(directory, name);
}
