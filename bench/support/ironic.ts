// The peer: Debian's Ironic (API in uwsgi with two workers, one conductor) with MariaDB, without authentication, with the fake driver.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram, startChild } from './child.ts';
import { ironicConfiguration } from './ironic-configuration.ts';
import { type MariaDb, startMariaDb } from './mariadb.ts';
import { freePort, type Installation, type Server, type Subject, waitForAnswer } from './subject.ts';

/** Debian's packages are for Debian's Python, which need not be the first on the path. */
const python = '/usr/bin/python3';

const API_WORKERS = 2;

function uwsgiArguments(port: number, configuration: string): string[] {
  // What Debian's ironic-api-uwsgi.ini says, with as many workers as this comparison has cores and without a log line a request.
  return [
    '--plugins=python3',
    `--http-socket=127.0.0.1:${port}`,
    `--processes=${API_WORKERS}`,
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

async function start(directory: string, database: MariaDb, configuration: string): Promise<Server> {
  const port = await freePort();
  const begin = performance.now();
  const conductor = startChild(
    'ironic-conductor',
    python,
    ['/usr/bin/ironic-conductor', `--config-file=${configuration}`],
    join(directory, 'conductor.log'),
  );
  const api = startChild('ironic-api', 'uwsgi', uwsgiArguments(port, configuration), join(directory, 'api.log'));
  await waitForAnswer(port, '/v1', [conductor, api]);
  const readyMilliseconds = performance.now() - begin;
  await waitForAnswer(port, '/v1/drivers/fake-hardware', [conductor, api]);
  return {
    host: '127.0.0.1',
    port,
    serverPids: [conductor.pid, api.pid],
    databasePids: [database.pid],
    readyMilliseconds,
    usableMilliseconds: performance.now() - begin,
    async stop() {
      await api.stop();
      await conductor.stop();
    },
  };
}

/** One node is created through the API, the others are its copies in the database: its own creation takes minutes. */
async function populate(server: Server, database: MariaDb, nodes: number): Promise<void> {
  const response = await fetch(`http://${server.host}:${server.port}/v1/nodes`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-OpenStack-Ironic-API-Version': '1.82' },
    body: JSON.stringify({ driver: 'fake-hardware' }),
  });
  if (response.status !== 201) throw new Error(`POST /v1/nodes: ${response.status} ${await response.text()}`);
  const { uuid } = (await response.json()) as { uuid: string };
  const columns = await database.query(
    'ironic',
    `SELECT GROUP_CONCAT(column_name) FROM information_schema.columns
     WHERE table_schema = 'ironic' AND table_name = 'nodes' AND column_name NOT IN ('id', 'uuid');`,
  );
  const missing = nodes - Number(await database.query('ironic', 'SELECT COUNT(*) FROM nodes;'));
  if (missing <= 0) return;
  await database.query(
    'ironic',
    `INSERT INTO nodes (uuid, ${columns.trim()})
     SELECT UUID(), ${columns.trim()} FROM nodes, seq_1_to_${missing} WHERE uuid = '${uuid}';
     ANALYZE TABLE nodes;`,
  );
}

export const ironic: Subject = {
  name: 'ironic',
  title: 'Ironic (Debian)',
  // Its uwsgi closes every connection, whatever the client offers.
  modes: ['close'],
  async install(directory): Promise<Installation> {
    const begin = performance.now();
    const database = await startMariaDb(directory);
    try {
      const state = join(directory, 'ironic');
      mkdirSync(state);
      const configuration = join(directory, 'ironic.conf');
      writeFileSync(configuration, ironicConfiguration(state, database.socket, await freePort()));
      await database.query('', 'CREATE DATABASE ironic CHARACTER SET utf8;');
      await runProgram(python, ['/usr/bin/ironic-dbsync', `--config-file=${configuration}`, 'create_schema']);
      return {
        setupMilliseconds: performance.now() - begin,
        start: () => start(directory, database, configuration),
        populate: (server, _generator, nodes) => populate(server, database, nodes),
        close: () => database.stop(),
      };
    } catch (error) {
      await database.stop();
      throw error;
    }
  },
};
