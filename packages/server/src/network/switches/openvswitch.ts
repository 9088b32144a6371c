// Switch driver openvswitch: ports of a bridge of Open vSwitch, through its database (ovs-vswitchd.conf.db(5)).
import { setTimeout as sleep } from 'node:timers/promises';
import { connectOvsdb, type OvsdbClient, type OvsdbPlace } from './ovsdb/client.ts';
import { OvsdbError, OvsdbValueError } from './ovsdb/errors.ts';
import type { Operation } from './ovsdb/operation.ts';
import { elements, namedUuid, type Reference, type Row, uuid } from './ovsdb/value.ts';
import type { LagConfig, PortState } from './port-config.ts';
import { type SeenPort, SwitchError, type SwitchSession, type WantedPort } from './switch-driver.ts';
import { sortedVlans } from './vlans.ts';

const DATABASE = 'Open_vSwitch';
const DESCRIPTION_KEY = 'wrought-port';
const POLL_MILLISECONDS = 20;

export interface OpenvswitchOptions {
  readonly place: OvsdbPlace;
  readonly bridge: string;
  /** Longest time to connect, for one answer, and until ovs-vswitchd has done what was written. */
  readonly timeoutSeconds: number;
}

/** A row of table Port, with the names of its interfaces. */
interface PortRow {
  readonly id: string;
  readonly name: string;
  readonly interfaces: readonly string[];
  readonly row: Row;
}

interface Bridge {
  readonly id: string;
  readonly row: Row;
  readonly ports: readonly PortRow[];
  /** UUIDs of table Interface by name. */
  readonly interfaces: ReadonlyMap<string, string>;
}

const idOf = (reference: unknown) => (reference as Reference).id;
const numbers = (row: Row, column: string) => elements(row[column]).map(Number);

async function readBridge(client: OvsdbClient, name: string): Promise<Bridge> {
  const [bridges, ports, interfaces] = await client.transact(DATABASE, [
    { op: 'select', table: 'Bridge', where: [['name', '==', name]], columns: ['_uuid', 'ports'] },
    {
      op: 'select',
      table: 'Port',
      where: [],
      columns: ['_uuid', 'name', 'interfaces', 'tag', 'trunks', 'vlan_mode', 'lacp'],
    },
    { op: 'select', table: 'Interface', where: [], columns: ['_uuid', 'name'] },
  ]);
  const row = bridges?.rows[0];
  if (row === undefined) {
    throw new SwitchError(`Open vSwitch has no bridge "${name}". Name one of its bridges in the option "bridge".`);
  }
  const names = new Map((interfaces?.rows ?? []).map((each) => [idOf(each._uuid), String(each.name)]));
  const own = new Set(elements(row.ports).map(idOf));
  return {
    id: idOf(row._uuid),
    row: { ports: row.ports ?? [] },
    ports: (ports?.rows ?? [])
      .filter((each) => own.has(idOf(each._uuid)))
      .map((each) => ({
        id: idOf(each._uuid),
        name: String(each.name),
        interfaces: elements(each.interfaces).map((reference) => names.get(idOf(reference)) ?? ''),
        row: each,
      })),
    interfaces: new Map([...names].map(([id, each]) => [each, id])),
  };
}

function portWith(bridge: Bridge, bridgeName: string, name: string): PortRow {
  const port = bridge.ports.find(({ interfaces }) => interfaces.includes(name));
  if (port === undefined) {
    throw new SwitchError(
      `Bridge "${bridgeName}" has no port "${name}". Look at local_link_connection/port_id of the port, and at the ports of the switch.`,
    );
  }
  return port;
}

function lagOf(port: PortRow, name: string): LagConfig | null {
  if (port.name === name) {
    return null;
  }
  const [protocol] = elements(port.row.lacp);
  return { name: port.name, aggregation: protocol === 'active' || protocol === 'passive' ? 'lacp' : 'static' };
}

function seenPort(port: PortRow, name: string): SeenPort {
  const lag = lagOf(port, name);
  const [tag] = numbers(port.row, 'tag');
  const trunks = sortedVlans(numbers(port.row, 'trunks'));
  // Without a mode a tag makes an access port (vlan_mode of table Port).
  const mode = elements(port.row.vlan_mode)[0] ?? (tag === undefined ? 'trunk' : 'access');
  if (tag !== undefined && mode === 'access') {
    return { name, state: { mode, native_vlan: tag, allowed_vlans: [], lag } };
  }
  if (tag !== undefined && mode === 'native-untagged' && trunks.length > 0) {
    return { name, state: { mode: 'trunk', native_vlan: tag, allowed_vlans: trunks, lag } };
  }
  const vlans = trunks.length === 0 ? 'every VLAN' : `the VLANs ${trunks.join(', ')}`;
  return {
    name,
    state: null,
    reason: `its mode is ${String(mode)}, with ${vlans}${tag === undefined ? '' : `, tag ${tag}`}`,
  };
}

function vlanColumns({ mode, native_vlan, allowed_vlans, lag }: PortState, isGroup: boolean): Row {
  return {
    tag: native_vlan,
    trunks: mode === 'access' ? [] : allowed_vlans,
    vlan_mode: mode === 'access' ? 'access' : 'native-untagged',
    // Of the bond modes only balance-slb needs nothing of the other end.
    bond_mode: isGroup ? (lag?.aggregation === 'lacp' ? 'balance-tcp' : 'balance-slb') : [],
    lacp: isGroup ? (lag?.aggregation === 'lacp' ? 'active' : 'off') : [],
  };
}

/** The operations that make ports so; groups are ports with several interfaces. */
function operationsFor(bridge: Bridge, bridgeName: string, wanted: readonly WantedPort[]): Operation[] {
  const moving = new Set(wanted.map(({ name }) => name));
  const byPort = Map.groupBy(wanted, ({ name, state }) => state.lag?.name ?? name);
  const operations: Operation[] = [];
  const references = (names: readonly string[]) => names.map((name) => uuid(bridge.interfaces.get(name) ?? ''));
  const inBridge = (mutator: 'insert' | 'delete', port: Reference): Operation => ({
    op: 'mutate',
    table: 'Bridge',
    where: [['_uuid', '==', uuid(bridge.id)]],
    mutations: [['ports', mutator, [port]]],
  });

  for (const port of bridge.ports.filter(
    ({ name, interfaces }) => !byPort.has(name) && interfaces.some((each) => moving.has(each)),
  )) {
    const others = port.interfaces.filter((each) => !moving.has(each));
    operations.push(
      others.length === 0
        ? inBridge('delete', uuid(port.id))
        : {
            op: 'update',
            table: 'Port',
            where: [['_uuid', '==', uuid(port.id)]],
            row: { interfaces: references(others) },
          },
    );
  }
  for (const [name, [first, ...more]] of byPort) {
    if (first === undefined) {
      continue;
    }
    const { state, description } = first;
    const existing = bridge.ports.find((port) => port.name === name);
    const others = existing?.interfaces.filter((each) => !moving.has(each)) ?? [];
    if (state.lag === null && others.length > 0) {
      throw new SwitchError(
        `Port "${name}" of bridge "${bridgeName}" is grouped under its own name with ${others.join(', ')}. Take the group apart with ovs-vsctl first.`,
      );
    }
    const members = [...[first, ...more].map((each) => each.name), ...others];
    const isWhole =
      members.length === existing?.interfaces.length && members.every((each) => existing.interfaces.includes(each));
    const row: Row = {
      ...vlanColumns(state, state.lag !== null),
      ...(isWhole ? {} : { interfaces: references(members) }),
    };
    if (existing === undefined) {
      const uuidName = `port${operations.length}`;
      operations.push(
        {
          op: 'insert',
          table: 'Port',
          row: { ...row, name, external_ids: new Map([[DESCRIPTION_KEY, description]]) },
          uuidName,
        },
        inBridge('insert', namedUuid(uuidName)),
      );
    } else {
      const where = [['_uuid', '==', uuid(existing.id)]] as const;
      operations.push(
        { op: 'update', table: 'Port', where, row },
        {
          op: 'mutate',
          table: 'Port',
          where,
          mutations: [
            ['external_ids', 'delete', [DESCRIPTION_KEY]],
            ['external_ids', 'insert', new Map([[DESCRIPTION_KEY, description]])],
          ],
        },
      );
    }
  }
  if (!operations.some(({ table }) => table === 'Bridge')) {
    return operations;
  }
  // What was read is still so: nobody regrouped ports in between.
  const where = [['_uuid', '==', uuid(bridge.id)]] as const;
  return [{ op: 'wait', table: 'Bridge', where, columns: ['ports'], rows: [bridge.row] }, ...operations];
}

/** Writes, and waits until ovs-vswitchd has done it (next_cfg and cur_cfg of table Open_vSwitch). */
async function writeAndWait(client: OvsdbClient, operations: readonly Operation[], seconds: number): Promise<void> {
  const results = await client.transact(DATABASE, [
    ...operations,
    { op: 'mutate', table: DATABASE, where: [], mutations: [['next_cfg', '+=', 1]] },
    { op: 'select', table: DATABASE, where: [], columns: ['next_cfg'] },
  ]);
  const sought = Number(results.at(-1)?.rows[0]?.next_cfg);
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const [current] = await client.transact(DATABASE, [
      { op: 'select', table: DATABASE, where: [], columns: ['cur_cfg'] },
    ]);
    if (Number(current?.rows[0]?.cur_cfg) >= sought) {
      return;
    }
    if (performance.now() > deadline) {
      throw new SwitchError(
        `The database has the change, but ovs-vswitchd did not do it within ${seconds} s. Look whether ovs-vswitchd runs, and at its log.`,
      );
    }
    await sleep(POLL_MILLISECONDS);
  }
}

/** Says what the library said, as an error of a switch. */
async function asSwitchError<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    const isOfOvsdb = error instanceof OvsdbError || error instanceof OvsdbValueError;
    throw isOfOvsdb ? new SwitchError(error.message, { cause: error }) : error;
  }
}

/** Connects to the database of a switch. @throws SwitchError */
export async function openOpenvswitch(options: OpenvswitchOptions, signal: AbortSignal): Promise<SwitchSession> {
  const { bridge: bridgeName, timeoutSeconds } = options;
  const client = await asSwitchError(() => connectOvsdb(options.place, { timeoutSeconds, signal }));
  return {
    groupName: (name) => name,
    readPorts: (names) =>
      asSwitchError(async () => {
        const bridge = await readBridge(client, bridgeName);
        return names.map((name) => seenPort(portWith(bridge, bridgeName, name), name));
      }),
    writePorts: (ports) =>
      asSwitchError(async () => {
        const bridge = await readBridge(client, bridgeName);
        for (const { name } of ports) {
          portWith(bridge, bridgeName, name);
        }
        await writeAndWait(client, operationsFor(bridge, bridgeName, ports), timeoutSeconds);
      }),
    close: () => client.close(),
  };
}
