// The peer: Debian's Ironic with MariaDB and the fake driver.
import { type IronicInstallation, installIronic, type MariaDb } from '@wrought/lab';
import { type Installation, type Server, type Subject, waitForAnswer } from './subject.ts';

async function start({ database, start: startProcesses }: IronicInstallation): Promise<Server> {
  const begin = performance.now();
  const { port, conductor, api, stop } = await startProcesses();
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
    stop,
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
    const installation = await installIronic(directory);
    return {
      setupMilliseconds: performance.now() - begin,
      start: () => start(installation),
      populate: (server, _generator, nodes) => populate(server, installation.database, nodes),
      close: () => installation.close(),
    };
  },
};
