// The process that is killed: a conductor on a data directory that begins or goes on with a scenario until its node comes to rest.
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type HeartbeatBody, interfaceKindNames, type Node } from '@wrought/contract';
import { createChangeRules } from '../../src/api/change-rules.ts';
import { type Conductor, createConductor } from '../../src/conductor.ts';
import { lockDataDirectory } from '../../src/data-lock.ts';
import type { BoundaryWatcher } from '../../src/flows/engine/context.ts';
import { stepName } from '../../src/store/journal.ts';
import { findNode, getNode, insertNode } from '../../src/store/nodes.ts';
import { insertPort } from '../../src/store/port-list.ts';
import { findRun, unfinishedRunOf } from '../../src/store/runs.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { harnessConfig, harnessDrivers, silentLog } from './harness-conductor.ts';
import { recorderClient } from './recorder-client.ts';
import type { Scenario } from './scenario.ts';
import { scenarios } from './scenarios.ts';

/** Where the child ends itself. `crossing` counts all crossings of this process; the rest names one. */
export type Kill =
  | { readonly crossing: number }
  | { readonly flow: string; readonly step: string; readonly by: string; readonly boundary: string };

export interface ChildOptions {
  readonly directory: string;
  readonly recorderUrl: string;
  readonly nodeUuid: string;
  readonly scenario: string;
  readonly kill: Kill | null;
}

/** What of a node can be compared between two runs. */
export type NodeReport = Pick<
  Node,
  | 'provision_state'
  | 'target_provision_state'
  | 'power_state'
  | 'target_power_state'
  | 'reservation'
  | 'maintenance'
  | 'fault'
  | 'last_error'
>;

const requester = { requestId: 'req-unhold', user: 'crash-harness', project: null };
const POLL_MILLISECONDS = 3;
const LONGEST_RUN_MILLISECONDS = 20_000;

const options = JSON.parse(process.argv[2] ?? '{}') as ChildOptions;
const recorder = recorderClient(options.recorderUrl, options.nodeUuid);

function watcher(store: Store): BoundaryWatcher {
  let crossings = 0;
  return async (boundary, run) => {
    const planned = run.plan[run.position];
    const node = await findNode(store.read, options.nodeUuid);
    if (planned === undefined || node === undefined) {
      return;
    }
    const kind = interfaceKindNames.find((each) => each === planned.interface);
    const implementation = kind === undefined ? 'none' : node[`${kind}_interface`];
    const by =
      planned.interface === 'flow'
        ? 'flow'
        : planned.source === 'reserved'
          ? 'reserved'
          : planned.description === undefined
            ? implementation
            : 'agent';
    const present = await findRun(store.read, run.id);
    const isWaiting = boundary === 'after journal' && present?.status === 'parked';
    const crossing = {
      boundary: isWaiting ? 'after journal of its wait' : boundary,
      flow: run.flow,
      step: stepName(planned),
      by,
      key: `${run.uuid}/${run.phase}/${run.position}`,
    };
    await recorder.cross(crossing);
    crossings += 1;
    const { kill } = options;
    const isMeant =
      kill !== null &&
      ('crossing' in kill
        ? kill.crossing === crossings
        : kill.flow === crossing.flow &&
          kill.step === crossing.step &&
          kill.by === crossing.by &&
          kill.boundary === crossing.boundary);
    if (isMeant) {
      process.kill(process.pid, 'SIGKILL');
      await new Promise(() => {});
    }
  };
}

async function readJson(request: IncomingMessage): Promise<HeartbeatBody & { node: string }> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as HeartbeatBody & { node: string };
}

/** The door for the agent: lookups and heartbeats reach the signal door as the API would hand them on. */
async function openDoor(store: Store, conductor: Conductor): Promise<string> {
  async function take(request: IncomingMessage): Promise<object> {
    const { node: uuid, ...body } = await readJson(request);
    const node = await getNode(store.read, uuid);
    if (request.url === '/lookup') {
      return { agent_token: (await conductor.doors.signal.lookup(node)).agentToken };
    }
    await conductor.doors.signal.heartbeat(node, body);
    return {};
  }
  const server = createServer((request, response) => {
    take(request).then(
      (body) => response.writeHead(200).end(JSON.stringify(body)),
      (error: Error) => response.writeHead(400).end(JSON.stringify({ error: error.message })),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What an operator and the agent of a fake machine do for a node that waits for them. */
async function helpOn(node: Node): Promise<void> {
  const { start, signal } = conductor.doors;
  if (node.reservation !== null) {
    return;
  }
  if (node.provision_state.endsWith(' hold')) {
    await start.provision({ node, verb: 'unhold', requester });
  }
  if (node.provision_state === 'service wait' && node.driver === 'fake-hardware') {
    await signal.lookup(node);
    const looked = await getNode(store.read, node.uuid);
    const token = String(looked.driver_internal_info.agent_secret_token);
    await signal.heartbeat(looked, { callback_url: 'http://192.0.2.9', agent_token: token, agent_version: '1' });
  }
}

async function untilRest(store: Store, node: Node): Promise<NodeReport> {
  const deadline = performance.now() + LONGEST_RUN_MILLISECONDS;
  for (;;) {
    const runs = await Promise.all(
      (['provision', 'power'] as const).map((lane) => unfinishedRunOf(store.read, node.id, lane)),
    );
    if (runs.every((run) => run === undefined)) {
      const now = await getNode(store.read, node.uuid);
      const { provision_state, target_provision_state, power_state, target_power_state } = now;
      const { reservation, maintenance, fault, last_error } = now;
      return {
        provision_state,
        target_provision_state,
        power_state,
        target_power_state,
        reservation,
        maintenance,
        fault,
        last_error,
      };
    }
    await helpOn(await getNode(store.read, node.uuid));
    if (performance.now() > deadline) {
      throw new Error(`The node does not come to rest: ${JSON.stringify(runs)} ${JSON.stringify(node)}`);
    }
    await sleep(POLL_MILLISECONDS);
  }
}

function addNode({ node: { driver = 'recorder', ...fields }, ports = [] }: Scenario): Promise<Node> {
  const interfaces = conductor.doors.call.resolveInterfaces(driver, fields);
  return store.transaction(async (trx) => {
    const added = await insertNode(trx, {
      uuid: options.nodeUuid,
      driver,
      ...interfaces,
      ...fields,
      instance_info: { ...fields.instance_info, image_source: `${options.recorderUrl}/image.raw` },
    });
    for (const port of ports) {
      await insertPort(trx, { uuid: randomUUID(), node_id: added.id, ...port });
    }
    return added;
  });
}

const scenario = scenarios.find(({ name }) => name === options.scenario);
if (scenario === undefined) {
  throw new Error(`There is no scenario "${options.scenario}".`);
}
const lock = lockDataDirectory(options.directory);
const config = harnessConfig(options.directory, [...scenario.set, `neutron.endpoint_override=${options.recorderUrl}`]);
const store = await openStore(join(options.directory, 'wrought.db'));
const conductor = await createConductor({
  changeRules: createChangeRules,
  store,
  config: () => config,
  log: silentLog,
  drivers: await harnessDrivers(config, options.recorderUrl),
  watchBoundary: watcher(store),
  onFenced: (error) => {
    throw error;
  },
});
await recorder.setDoor(await openDoor(store, conductor));
const node = (await findNode(store.read, options.nodeUuid)) ?? (await addNode(scenario));
const runs = await store.read.selectFrom('runs').select('id').where('node_id', '=', node.id).execute();
if (runs.length === 0) {
  await scenario.begin(conductor.doors.start, node);
} else {
  await conductor.resume();
}
const report = await untilRest(store, node);
await conductor.stop();
await store.close();
lock.release();
process.stdout.write(`${JSON.stringify(report)}\n`, () => process.exit(0));
