// A conductor over a store of the test's database, with the fake drivers and a network that does nothing.

import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { interfaceKindNames, type Node } from '@wrought/contract';
import { createChangeRules } from '../../src/api/change-rules.ts';
import { type Conductor, type ConductorOptions, createConductor } from '../../src/conductor.ts';
import { loadConfig } from '../../src/config/index.ts';
import fakeDriver from '../../src/drivers/fake/index.ts';
import {
  type Driver,
  type DriverEnvironment,
  type NetworkInterface,
  phaseMethods,
  type TaskLog,
} from '../../src/drivers/kit/index.ts';
import noopDriver from '../../src/drivers/noop/index.ts';
import type { BoundaryWatcher } from '../../src/flows/engine/context.ts';
import { getNode, insertNode } from '../../src/store/nodes.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { newDatabase } from './databases.ts';

export const requester = { requestId: 'req-test', user: 'tester', project: null };

export const silentLog: TaskLog = { debug() {}, info() {}, warn() {}, error() {} };

const network: NetworkInterface = {
  kind: 'network',
  name: 'noop',
  properties: {},
  validate: async () => {},
  ...phaseMethods(
    async () => ({}),
    async () => ({}),
  ),
  configureTenantNetworks: async () => ({}),
  unconfigureTenantNetworks: async () => ({}),
  attachVif: async () => ({}),
  detachVif: async () => ({}),
  listVifs: async () => [],
};

export interface TestConductor {
  readonly store: Store;
  readonly conductor: Conductor;
  readonly directory: string;
  /** Inserts a fake node. */
  node(fields?: Partial<Parameters<typeof insertNode>[1]>): Promise<Node>;
  /** Waits until the node has the state; fails with what it has after the deadline. */
  untilState(uuid: string, state: string, deadlineMilliseconds?: number): Promise<Node>;
  /** Stops it, and starts another one on the same store. */
  restart(): Promise<TestConductor>;
  /** Starts another one on the same store while this one still runs, as if this one's process slept. */
  takeOver(): Promise<TestConductor>;
  stop(): Promise<void>;
}

export interface TestConductorOptions {
  readonly set?: readonly string[];
  readonly directory?: string;
  /** A database that exists; otherwise a new one is made. */
  readonly database?: string;
  readonly drivers?: readonly Driver[];
  readonly watchBoundary?: BoundaryWatcher;
  readonly log?: TaskLog;
  readonly onFenced?: (error: Error) => void;
  readonly boot?: ConductorOptions['boot'];
  readonly tellSensors?: ConductorOptions['tellSensors'];
  readonly tellPower?: ConductorOptions['tellPower'];
  readonly tellHosts?: ConductorOptions['tellHosts'];
  readonly observer?: ConductorOptions['observer'];
  /** A store that somebody else opened and closes. */
  readonly store?: Store;
}

/** Starts a conductor that ends with the test. */
export async function startConductor(t: TestContext, options: TestConductorOptions = {}): Promise<TestConductor> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'wrought-test-')));
  const config = loadConfig({
    dataDirectory: directory,
    set: ['drivers.enabled=["fake-hardware"]', 'conductor.graceful_shutdown_timeout=1', ...(options.set ?? [])],
  });
  const log = options.log ?? silentLog;
  const environment: DriverEnvironment = { config: () => config, log };
  const database = options.database ?? (await newDatabase(t, directory));
  const store = options.store ?? (await openStore(database));
  const conductor = await createConductor({
    store,
    config: () => config,
    log,
    drivers: [
      await noopDriver(environment),
      await fakeDriver(environment),
      { hardwareTypes: [], interfaces: [network] },
      ...(options.drivers ?? []),
    ],
    changeRules: createChangeRules,
    ...(options.boot === undefined ? {} : { boot: options.boot }),
    ...(options.tellSensors === undefined ? {} : { tellSensors: options.tellSensors }),
    tellPower: options.tellPower,
    tellHosts: options.tellHosts,
    observer: options.observer,
    watchBoundary: options.watchBoundary,
    // The call that found out is refused by itself.
    onFenced: options.onFenced ?? (() => {}),
  });
  await conductor.resume();
  const successors: TestConductor[] = [];
  let isStopped = false;
  async function stop(): Promise<void> {
    if (!isStopped) {
      isStopped = true;
      for (const successor of successors) {
        await successor.stop();
      }
      await conductor.stop();
      if (options.store === undefined) {
        await store.close();
      }
    }
  }
  if (options.store === undefined) {
    t.after(async () => {
      await stop();
      await rm(directory, { recursive: true, force: true });
    });
  }

  return {
    store,
    conductor,
    directory,
    async node(fields = {}) {
      const driver = fields.driver ?? 'fake-hardware';
      const named = Object.fromEntries(
        interfaceKindNames.map((kind) => [`${kind}_interface`, fields[`${kind}_interface`]]),
      );
      return store.transaction((trx) =>
        insertNode(trx, {
          uuid: randomUUID(),
          driver,
          provision_state: 'enroll',
          ...conductor.doors.call.resolveInterfaces(driver, named),
          ...fields,
        }),
      );
    },
    async untilState(uuid, state, deadlineMilliseconds = 10_000) {
      const deadline = performance.now() + deadlineMilliseconds;
      for (;;) {
        const node = await getNode(store.read, uuid);
        if (node.provision_state === state && node.reservation === null) {
          return node;
        }
        if (performance.now() > deadline) {
          throw new Error(
            `Node ${uuid} is "${node.provision_state}" (reserved: ${node.reservation}), not "${state}". Last error: ${node.last_error}`,
          );
        }
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    async restart() {
      await stop();
      return startConductor(t, { ...options, directory, database });
    },
    async takeOver() {
      const successor = await startConductor(t, { ...options, directory, database, store });
      successors.push(successor);
      return successor;
    },
    stop,
  };
}
