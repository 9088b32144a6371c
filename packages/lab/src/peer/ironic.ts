// The peer: Debian's Ironic (API in uwsgi, one conductor) with MariaDB, without authentication.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Child, startChild } from '../process/child.ts';
import { run } from '../process/run.ts';
import { freePort } from './free-port.ts';
import { ironicConfiguration, type PeerOptions } from './ironic-configuration.ts';
import { type MariaDb, startMariaDb } from './mariadb.ts';

/** Debian's packages are for Debian's Python, which need not be the first on the path. */
const python = '/usr/bin/python3';

/** Python orders sets by hashes that differ from run to run, and Ironic lists enabled interfaces in the order of a set. */
const steadyOrder = { PYTHONHASHSEED: '0' };

const apiWorkers = 2;
const schemaTimeoutSeconds = 300;

export interface IronicProcesses {
  readonly port: number;
  readonly conductor: Child;
  readonly api: Child;
  stop(): Promise<void>;
}

export interface IronicInstallation {
  readonly database: MariaDb;
  /** Starts conductor and API; neither answers yet when this returns. */
  start(): Promise<IronicProcesses>;
  /** Ends the database. */
  close(): Promise<void>;
}

function uwsgiArguments(port: number, configuration: string): string[] {
  // What Debian's ironic-api-uwsgi.ini says, with as many workers as this comparison has cores and without a log line a request.
  return [
    '--plugins=python3',
    `--http-socket=127.0.0.1:${port}`,
    `--processes=${apiWorkers}`,
    '--master',
    '--thunder-lock',
    '--lazy-apps',
    '--enable-threads',
    '--need-app',
    '--no-orphans',
    '--die-on-term',
    '--buffer-size=65535',
    '--listen=100',
    '--rem-header=Content-Length',
    '--add-header=Connection: close',
    '--disable-logging',
    '--wsgi-file=/usr/bin/ironic-api-wsgi',
    `--pyargv=--config-file=${configuration}`,
  ];
}

/** Makes a database with Ironic's schema in an empty directory; everything that runs is this process's child. */
export async function installIronic(directory: string, options: PeerOptions = {}): Promise<IronicInstallation> {
  const database = await startMariaDb(directory);
  try {
    const state = join(directory, 'ironic');
    for (const folder of ['http', 'tftp', 'images']) mkdirSync(join(state, folder), { recursive: true });
    const configuration = join(directory, 'ironic.conf');
    writeFileSync(configuration, ironicConfiguration(state, database.socket, await freePort(), options));
    await database.query('', 'CREATE DATABASE ironic CHARACTER SET utf8;');
    await run(python, ['/usr/bin/ironic-dbsync', `--config-file=${configuration}`, 'create_schema'], {
      timeoutSeconds: schemaTimeoutSeconds,
    });
    return { database, start: () => start(directory, configuration), close: () => database.stop() };
  } catch (error) {
    await database.stop();
    throw error;
  }
}

async function start(directory: string, configuration: string): Promise<IronicProcesses> {
  const port = await freePort();
  const conductor = startChild(
    'ironic-conductor',
    python,
    ['/usr/bin/ironic-conductor', `--config-file=${configuration}`],
    join(directory, 'conductor.log'),
    steadyOrder,
  );
  const api = startChild(
    'ironic-api',
    'uwsgi',
    uwsgiArguments(port, configuration),
    join(directory, 'api.log'),
    steadyOrder,
  );
  return {
    port,
    conductor,
    api,
    async stop() {
      await api.stop();
      await conductor.stop();
    },
  };
}
