// Doors for API tests: in memory, over the real store; they record what they were asked to do.
import {
  type InterfaceField,
  type InterfaceKind,
  interfaceKindNames,
  type Node,
  nextState,
  powerTargets,
  registeredError,
  verbs,
} from '@wrought/contract';
import type { Doors, DriverSummary, PowerRequest, ProvisionRequest } from '../../src/flows/doors.ts';
import { findNode, getNode, updateNode } from '../../src/store/nodes.ts';
import type { Store } from '../../src/store/store.ts';

export const CONDUCTOR_HOST = '127.0.0.1';

/** What each hardware type takes, the default first. */
const drivers: Readonly<Record<string, Readonly<Record<InterfaceKind, readonly string[]>>>> = {
  'fake-hardware': interfaces({
    power: ['fake', 'ipmitool', 'redfish'],
    deploy: ['fake', 'direct'],
    network: ['noop'],
    storage: ['noop'],
  }),
  'manual-management': interfaces({ network: ['noop'], storage: ['noop'], deploy: ['direct'], boot: ['ipxe'] }, [
    'no-op',
  ]),
  ipmi: interfaces({ power: ['ipmitool'], management: ['ipmitool'], network: ['noop'], storage: ['noop'] }, ['no-op']),
};

function interfaces(
  named: Partial<Record<InterfaceKind, readonly string[]>>,
  others: readonly string[] = ['fake'],
): Record<InterfaceKind, readonly string[]> {
  return byKind((kind) => named[kind] ?? others);
}

function byKind<Value>(make: (kind: InterfaceKind) => Value): Record<InterfaceKind, Value> {
  return Object.fromEntries(interfaceKindNames.map((kind) => [kind, make(kind)])) as Record<InterfaceKind, Value>;
}

const enabledNames = byKind((kind) => new Set(Object.values(drivers).flatMap((types) => types[kind])));

export interface RecordedCalls {
  readonly provisions: ProvisionRequest[];
  readonly powers: PowerRequest[];
  readonly allocations: number[];
  readonly heartbeats: { readonly node: string; readonly body: unknown }[];
}

function resolve(driver: string, named: Readonly<Partial<Record<InterfaceField, string | null>>>) {
  const type = drivers[driver];
  if (type === undefined) {
    throw registeredError('DriverNotFound', { driver, valid: Object.keys(drivers).join(', ') });
  }
  const chosen = interfaceKindNames.map((kind) => {
    const field: InterfaceField = `${kind}_interface`;
    const name = named[field] ?? type[kind][0] ?? '';
    if (!enabledNames[kind].has(name)) {
      throw registeredError('InterfaceNotFoundInEntrypoint', {
        iface: kind,
        name,
        valid: [...enabledNames[kind]].join(', '),
      });
    }
    if (!type[kind].includes(name)) {
      throw registeredError('IncompatibleInterface', { iface: kind, name, driver, valid: type[kind].join(', ') });
    }
    return [field, name] as const;
  });
  return Object.fromEntries(chosen) as Record<InterfaceField, string>;
}

function summaries(): DriverSummary[] {
  return Object.entries(drivers)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, type]) => ({
      name,
      hosts: [CONDUCTOR_HOST],
      type: 'dynamic',
      defaultInterfaces: byKind((kind) => type[kind][0] ?? null),
      enabledInterfaces: type,
    }));
}

/** Throws what a node that somebody else holds answers with. */
function refuseLocked(node: Node): void {
  if (node.reservation !== null) {
    throw registeredError(
      'NodeLocked',
      { node: node.uuid, host: node.reservation, age: 0, purpose: node.reserved_for ?? 'a test' },
      { retryAfterSeconds: 1 },
    );
  }
}

/** Makes the doors. Provision verbs make the first transition of the state machine and stop there. */
export function fakeDoors(store: Store): Doors & { readonly calls: RecordedCalls } {
  const calls: RecordedCalls = { provisions: [], powers: [], allocations: [], heartbeats: [] };
  const bootDevices = new Map<string, { boot_device: string; persistent: boolean }>();
  const queues = new Map<number, Promise<unknown>>();
  const write = (node: Node, changes: Parameters<typeof updateNode>[2]) =>
    store.transaction(async (trx) => {
      await updateNode(trx, await getNode(trx, node.uuid), changes);
    });
  return {
    calls,
    start: {
      async provision(request) {
        refuseLocked(request.node);
        const to = nextState(request.node.provision_state, verbs[request.verb].event);
        if (to === undefined) {
          throw new Error(`The API let the verb "${request.verb}" through in "${request.node.provision_state}".`);
        }
        calls.provisions.push(request);
        await write(request.node, { provision_state: to });
      },
      allocate(id) {
        calls.allocations.push(id);
      },
      bootMode: async ({ node }) => refuseLocked(node),
      secureBoot: async ({ node }) => refuseLocked(node),
      console: async ({ node }) => refuseLocked(node),
      attachVirtualMedium: async ({ node }) => refuseLocked(node),
      detachVirtualMedia: async ({ node }) => refuseLocked(node),
      async power(request) {
        refuseLocked(request.node);
        calls.powers.push(request);
        await write(request.node, { power_state: powerTargets[request.target].end });
      },
    },
    call: {
      vendor: {
        methodsOfNode: () => [],
        methodsOfDriver: () => [],
        async callOfNode(_node, { method }) {
          throw registeredError('InvalidParameterValue', { reason: `There is no vendor method "${method}".` });
        },
        async callOfDriver(_driver, { method }) {
          throw registeredError('InvalidParameterValue', { reason: `There is no vendor method "${method}".` });
        },
      },
      async injectNmi(node) {
        throw registeredError('UnsupportedDriverExtension', {
          interface: 'management',
          implementation: node.management_interface,
          node: node.uuid,
          extension: 'inject_nmi',
        });
      },
      indicators: async () => [],
      getIndicator: async () => 'on',
      setIndicator: async (node) => refuseLocked(node),
      virtualMedia: async () => [],
      consoleInfo: async () => null,
      async joinConsole({ uuid }) {
        throw registeredError('InvalidState', { reason: `The console of node ${uuid} is switched off.` });
      },
      dropConsole: async () => {},
      hasRaid: () => true,
      async validate() {
        return byKind(() => ({ result: true }));
      },
      async getBootDevice(node) {
        refuseLocked(node);
        return bootDevices.get(node.uuid) ?? { boot_device: 'pxe', persistent: false };
      },
      async setBootDevice(node, device, persistent) {
        refuseLocked(node);
        if (device !== 'pxe') {
          throw registeredError('InvalidParameterValue', { reason: `The boot device ${device} is not supported.` });
        }
        bootDevices.set(node.uuid, { boot_device: device, persistent });
      },
      async supportedBootDevices() {
        return ['pxe'];
      },
      async switchPorts() {
        return [];
      },
      async listVifs() {
        return [];
      },
      async attachVif(node) {
        refuseLocked(node);
      },
      async detachVif(node) {
        refuseLocked(node);
      },
      async changeCarrier() {},
      drivers: summaries,
      driverProperties(driver) {
        if (drivers[driver] === undefined) {
          throw registeredError('DriverNotFound', { driver, valid: Object.keys(drivers).join(', ') });
        }
        return { B1: 'B1 description. Required.', B2: 'B2 description. Required.' };
      },
      resolveInterfaces: resolve,
      async withLock(node, _purpose, work) {
        const mine = (queues.get(node.id) ?? Promise.resolve()).then(async () => {
          const present = await getNode(store.read, node.uuid);
          refuseLocked(present);
          return work(present);
        });
        queues.set(
          node.id,
          mine.catch(() => {}),
        );
        return mine;
      },
      conductorOf: (node) =>
        drivers[node.driver] !== undefined && node.conductor_group === '' ? CONDUCTOR_HOST : null,
    },
    signal: {
      inspection: async (node) => refuseLocked(node),
      async heartbeat(node, body) {
        calls.heartbeats.push({ node: node.uuid, body });
      },
      async lookup(node) {
        const handedOut = node.driver_internal_info.agent_secret_token;
        if (handedOut !== undefined) {
          return { node, agentToken: '******' };
        }
        const agentToken = 'a-token-of-the-fixture-that-is-long-enough';
        await write(node, { driver_internal_info: { ...node.driver_internal_info, agent_secret_token: agentToken } });
        return { node: (await findNode(store.read, node.uuid)) ?? node, agentToken };
      },
    },
  };
}
