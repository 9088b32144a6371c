// The conductor whose process is killed while it attaches, detaches, gives another MAC address or tears down: real Neutron, a fake machine, the deploy interface direct.
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Node } from '@wrought/contract';
import { loadConfig } from '@wrought/server/config';
import { createChangeRules } from '../../packages/server/src/api/change-rules.ts';
import { createBootServices } from '../../packages/server/src/boot/services.ts';
import { type Conductor, createConductor } from '../../packages/server/src/conductor.ts';
import agentDriver from '../../packages/server/src/drivers/agent/index.ts';
import fakeDriver from '../../packages/server/src/drivers/fake/index.ts';
import type { TaskLog } from '../../packages/server/src/drivers/kit/index.ts';
import noopDriver from '../../packages/server/src/drivers/noop/index.ts';
import networkDriver from '../../packages/server/src/network/index.ts';
import { getNode } from '../../packages/server/src/store/nodes.ts';
import { portTable } from '../../packages/server/src/store/port-list.ts';
import { portsOfNode } from '../../packages/server/src/store/ports.ts';
import { openStore, type Store } from '../../packages/server/src/store/store.ts';

export const actions = ['attach', 'detach', 'change address', 'tear down'] as const;
export type Action = (typeof actions)[number];

/** What a process is told. */
export interface CrashOptions {
  readonly directory: string;
  /** Options of the server, as `--set` takes them. */
  readonly set: readonly string[];
  readonly node: string;
  readonly vif: string;
}

export interface Running {
  readonly store: Store;
  readonly conductor: Conductor;
}

const log: TaskLog = { debug() {}, info() {}, warn() {}, error() {} };
const POLL_MILLISECONDS = 10;

/** Runs `work` with a conductor on the directory. */
export async function withConductor<Result>(
  { directory, set }: Pick<CrashOptions, 'directory' | 'set'>,
  work: (running: Running) => Promise<Result>,
): Promise<Result> {
  const config = loadConfig({
    dataDirectory: directory,
    set: [
      'drivers.enabled=["fake-hardware"]',
      'conductor.host=crash',
      'conductor.sync_power_state_interval=0',
      'conductor.graceful_shutdown_timeout=1',
      'nova.send_power_notifications=false',
      ...set,
    ],
  });
  const { environment } = await createBootServices({ config: () => config, log });
  const drivers = [noopDriver, fakeDriver, networkDriver, agentDriver];
  const store = await openStore(join(directory, 'wrought.db'));
  const conductor = await createConductor({
    changeRules: createChangeRules,
    store,
    config: () => config,
    log,
    drivers: await Promise.all(drivers.map((driver) => driver(environment))),
    onFenced: (error) => {
      throw error;
    },
  });
  try {
    await conductor.resume();
    return await work({ store, conductor });
  } finally {
    await conductor.stop();
    await store.close();
    await environment.cloud.close();
  }
}

/** Resolves when nobody works on the node, with the node as it is then. */
export async function untilRest({ store }: Running, uuid: string): Promise<Node> {
  for (;;) {
    const node = await getNode(store.read, uuid);
    if (node.reservation === null && node.target_provision_state === null) {
      return node;
    }
    await sleep(POLL_MILLISECONDS);
  }
}

/** Does it to the node, to its end. */
export async function act(running: Running, { node: uuid, vif }: CrashOptions, action: Action): Promise<void> {
  const { start, call } = running.conductor.doors;
  const node = await getNode(running.store.read, uuid);
  switch (action) {
    case 'attach':
      return call.attachVif(node, { id: vif }, { userToken: null });
    case 'detach':
      return call.detachVif(node, vif);
    case 'change address': {
      const [port] = await portsOfNode(running.store.read, node.id);
      if (port === undefined) throw new Error(`node ${uuid} has no port`);
      const address = port.address.replace('52:54:00:cc', '52:54:00:ce');
      // As a PATCH of the port does it: Neutron is told, then the port is written.
      await call.withLock(node, 'change of a port', async (fresh) => {
        await call.changeCarrier(fresh, { uuid: port.uuid, address });
        await running.store.transaction((trx) => portTable.update(trx, port.id, { address }));
      });
      return;
    }
    case 'tear down':
      await start.provision({
        node,
        verb: 'deleted',
        requester: { requestId: 'req-crash', user: null, project: null },
      });
      await untilRest(running, uuid);
  }
}
