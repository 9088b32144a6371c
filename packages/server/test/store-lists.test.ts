// Lists of the store on both databases: every order, every page boundary, every filter.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  chassisResource,
  conductorResource,
  deployTemplateResource,
  nodeResource,
  portResource,
  type Resource,
} from '@wrought/contract';
import { chassisTable } from '../src/store/chassis.ts';
import { takeLease } from '../src/store/conductor-lease.ts';
import { conductorMarker, listConductorRows } from '../src/store/conductors.ts';
import { appendHistory } from '../src/store/evidence.ts';
import { findHistoryRow, historyMarker, listHistoryRows } from '../src/store/history.ts';
import { listNodeRows, type NodeFilters, nodeMarker } from '../src/store/node-list.ts';
import { insertNode, type NewNode } from '../src/store/nodes.ts';
import type { Marker, Page } from '../src/store/paging.ts';
import { insertPort, listPortRows, type PortFilters, portTable } from '../src/store/port-list.ts';
import type { Store } from '../src/store/store.ts';
import { templateTable } from '../src/store/templates.ts';
import { newStore, testOnBoth } from './support/databases.ts';

type Row = Readonly<Record<string, unknown>>;

/** How a list is read: a page of it, and the marker of a row. */
interface List {
  readonly identity: string;
  page(page: Page): Promise<readonly Row[]>;
  marker(identity: string, sortKey: string): Promise<Marker | undefined>;
}

/** Values that the collations of databases put in different orders; bytes decide here. Two are equal, and some are missing. */
const words = ['b', 'B', null, 'a', 'Z', 'ä', '_', 'a', null, 'A1', 'A-1', ''] as const;

/** The order that is wanted: nothing before everything, then by bytes, then by number. */
function compare(a: Row, b: Row, sortKey: string): number {
  const [left, right] = [a[sortKey], b[sortKey]];
  const byId = Number(a.id) - Number(b.id);
  if (left === right) {
    return byId;
  }
  if (left === null || right === null) {
    return left === null ? -1 : 1;
  }
  if (typeof left === 'number') {
    return left - Number(right);
  }
  return Buffer.compare(Buffer.from(String(left)), Buffer.from(String(right)));
}

/** Reads a list page by page, in pages so small that every boundary is met. */
async function readAll(list: List, sortKey: string, descending: boolean): Promise<Row[]> {
  const rows: Row[] = [];
  let marker: Marker | undefined;
  for (;;) {
    const page = await list.page({ sortKey, descending, limit: 1, ...(marker === undefined ? {} : { marker }) });
    const last = page.at(-1);
    if (last === undefined) {
      return rows;
    }
    rows.push(...page);
    assert.ok(rows.length < 100, 'the pages end');
    marker = await list.marker(String(last[list.identity]), sortKey);
    assert.ok(marker !== undefined);
  }
}

async function checkOrders(list: List, sortKeys: readonly string[], count: number): Promise<void> {
  const all = await list.page({ sortKey: 'id', descending: false, limit: 1000 });
  assert.equal(all.length, count);
  assert.equal(await list.marker(randomUUID(), 'id'), undefined);
  for (const sortKey of ['id', ...sortKeys]) {
    const wanted = [...all].sort((a, b) => compare(a, b, sortKey)).map((row) => row[list.identity]);
    for (const descending of [false, true]) {
      const seen = await readAll(list, sortKey, descending);
      const order = descending ? wanted.toReversed() : wanted;
      assert.deepEqual(
        seen.map((row) => row[list.identity]),
        order,
        `${sortKey} ${descending ? 'desc' : 'asc'}`,
      );
    }
  }
}

function sortKeysOf(of: Resource): string[] {
  return Object.entries(of.fields).flatMap(([name, field]) => (field.sort ? [name] : []));
}

async function addNodes(store: Store, nodes: readonly Partial<NewNode>[]) {
  return store.transaction(async (trx) => {
    const made = [];
    for (const fields of nodes) {
      const node = { uuid: randomUUID(), driver: 'ipmi', provision_state: 'enroll' as const, ...fields };
      made.push(await insertNode(trx, node));
    }
    return made;
  });
}

const nodeColumns = ['id', ...new Set(['uuid', 'driver', 'conductor_group', ...sortKeysOf(nodeResource)])];

testOnBoth('nodes come in the order of every sortable field, over every page boundary', async (t) => {
  const store = await newStore(t);
  await addNodes(
    store,
    words.map((word, at) => ({
      name: word === null ? null : `${word}${at}`,
      owner: word,
      resource_class: word,
      description: word,
      maintenance: at % 3 === 0,
      retired: at % 2 === 0,
      automated_clean: at % 3 === 0 ? null : at % 3 === 1,
      instance_uuid: at % 4 === 0 ? randomUUID() : null,
    })),
  );
  const list: List = {
    identity: 'uuid',
    page: (page) => listNodeRows(store.read, nodeColumns, {}, page),
    marker: (uuid, sortKey) => nodeMarker(store.read, uuid, sortKey),
  };
  await checkOrders(list, sortKeysOf(nodeResource), words.length);
});

testOnBoth('ports, chassis and templates come in the order of every sortable field', async (t) => {
  const store = await newStore(t);
  const [node] = await addNodes(store, [{}]);
  await store.transaction(async (trx) => {
    for (const [at, word] of words.entries()) {
      const address = `52:54:00:00:00:${String(99 - at)}`;
      const port = { uuid: randomUUID(), node_id: node?.id ?? 0, address, physical_network: word, pxe_enabled: at > 3 };
      await insertPort(trx, { ...port, description: word, is_smartnic: at > 6 });
      await chassisTable.insert(trx, { uuid: randomUUID(), description: word, extra: {} });
      await templateTable.insert(trx, { uuid: randomUUID(), name: `${word}${at}`, steps: [], extra: {} });
    }
  });
  for (const [of, list] of [
    [portResource, portList(store)],
    [chassisResource, tableList(store, chassisTable)],
    [deployTemplateResource, tableList(store, templateTable)],
  ] as const) {
    await checkOrders(list, sortKeysOf(of), words.length);
  }
});

function portList(store: Store): List {
  return {
    identity: 'uuid',
    page: (page) => listPortRows(store.read, {}, page),
    marker: (uuid, sortKey) => portTable.marker(store.read, uuid, sortKey),
  };
}

function tableList(store: Store, table: typeof chassisTable | typeof templateTable): List {
  return {
    identity: 'uuid',
    page: (page) => table.page(store.read, page),
    marker: (uuid, sortKey) => table.marker(store.read, uuid, sortKey),
  };
}

testOnBoth('conductors and histories come in the order of every field that they are sorted by', async (t) => {
  const store = await newStore(t);
  const [node, other] = await addNodes(store, [{}, {}]);
  assert.ok(node !== undefined && other !== undefined);
  await store.transaction(async (trx) => {
    for (const [at, word] of words.entries()) {
      const conductor = {
        hostname: `${word}${at}`,
        conductor_group: word ?? '',
        drivers: [],
        internal_url: null,
        durationSeconds: at,
      };
      await takeLease(trx, conductor);
      await appendHistory(trx, node, {
        severity: at % 2 === 0 ? 'INFO' : 'ERROR',
        event_type: 'provisioning',
        event: word ?? '',
        user: word,
      });
    }
    await appendHistory(trx, other, { severity: 'INFO', event_type: 'provisioning', event: 'of another' });
  });
  const conductors: List = {
    identity: 'hostname',
    page: (page) => listConductorRows(store.read, page),
    marker: (hostname, sortKey) => conductorMarker(store.read, hostname, sortKey),
  };
  await checkOrders(conductors, sortKeysOf(conductorResource), words.length);
  const history: List = {
    identity: 'uuid',
    page: (page) => listHistoryRows(store.read, node.id, page),
    marker: (uuid, sortKey) => historyMarker(store.read, uuid, sortKey),
  };
  await checkOrders(history, ['created_at', 'severity', 'event', 'user', 'uuid'], words.length);
  const [newest] = await listHistoryRows(store.read, other.id, { sortKey: 'id', descending: true, limit: 1 });
  assert.equal((await findHistoryRow(store.read, newest?.uuid.toUpperCase() ?? ''))?.event, 'of another');
});

testOnBoth('filters of nodes leave the same nodes', async (t) => {
  const store = await newStore(t);
  const chassis = randomUUID();
  const instance = randomUUID();
  const [parent] = await addNodes(store, [{ name: 'parent', description: '100% of _it_' }]);
  await addNodes(store, [
    { name: 'child', parent_node: parent?.uuid ?? '' },
    { name: 'used', instance_uuid: instance, instance_name: 'vm', provision_state: 'active', chassis_uuid: chassis },
    { name: 'kept', maintenance: true, retired: true, fault: 'power failure', resource_class: 'Gold', lessee: 'P1' },
    { name: 'shard', shard: 's1', owner: 'p1', conductor_group: 'g', driver: 'redfish', description: '100 OF it' },
    { name: 'lower', resource_class: 'gold', shard: 'S1', lessee: 'p1', description: 'back\\slash' },
  ]);
  const named = async (filters: NodeFilters) => {
    const page = { sortKey: 'id', descending: false, limit: 100 };
    return (await listNodeRows(store.read, ['name', 'uuid', 'driver'], filters, page)).map((row) => row.name);
  };
  const cases: readonly [NodeFilters, readonly string[]][] = [
    [{}, ['parent', 'used', 'kept', 'shard', 'lower']],
    [{ include_children: true }, ['parent', 'child', 'used', 'kept', 'shard', 'lower']],
    [{ parent_node: parent?.uuid ?? '' }, ['child']],
    [{ chassis_uuid: chassis }, ['used']],
    [{ instance_uuid: instance }, ['used']],
    [{ instance_name: 'vm' }, ['used']],
    [{ provision_state: 'active' }, ['used']],
    [{ driver: 'redfish' }, ['shard']],
    [{ resource_class: 'gold' }, ['lower']],
    [{ fault: 'power failure' }, ['kept']],
    [{ conductor_group: 'g' }, ['shard']],
    [{ owner: 'p1' }, ['shard']],
    [{ lessee: 'p1' }, ['lower']],
    [{ project: 'p1' }, ['shard', 'lower']],
    [{ maintenance: true }, ['kept']],
    [{ maintenance: false }, ['parent', 'used', 'shard', 'lower']],
    [{ retired: true }, ['kept']],
    [{ retired: false }, ['parent', 'used', 'shard', 'lower']],
    [{ associated: true }, ['used']],
    [{ associated: false }, ['parent', 'kept', 'shard', 'lower']],
    [{ sharded: true }, ['shard', 'lower']],
    [{ sharded: false }, ['parent', 'used', 'kept']],
    [{ shard: ['s1', 's2'] }, ['shard']],
    [{ shard: [] }, []],
    [{ description_contains: '100' }, ['parent', 'shard']],
    [{ description_contains: '0%' }, ['parent']],
    [{ description_contains: '_it_' }, ['parent']],
    [{ description_contains: 'OF' }, ['shard']],
    [{ description_contains: 'k\\s' }, ['lower']],
    [{ description_contains: '' }, ['parent', 'shard', 'lower']],
    [{ owner: 'nobody\0' }, []],
  ];
  for (const [filters, wanted] of cases) {
    assert.deepEqual(await named(filters), wanted, JSON.stringify(filters));
  }
});

testOnBoth('filters of ports leave the same ports', async (t) => {
  const store = await newStore(t);
  const [one, two] = await addNodes(store, [
    { shard: 's1', owner: 'p1' },
    { conductor_group: 'g', lessee: 'p2' },
  ]);
  assert.ok(one !== undefined && two !== undefined);
  const group = randomUUID();
  await store.transaction(async (trx) => {
    const add = (name: string, node: { id: number }, more: object = {}) =>
      insertPort(trx, { uuid: randomUUID(), node_id: node.id, address: `52:54:00:00:00:0${name}`, name, ...more });
    await add('1', one, { description: 'left_port' });
    await add('2', one, { portgroup_uuid: group });
    await add('3', two, { description: 'LEFT port' });
  });
  const named = async (filters: PortFilters) => {
    const page = { sortKey: 'id', descending: false, limit: 100 };
    return (await listPortRows(store.read, filters, page)).map((row) => row.name);
  };
  const cases: readonly [PortFilters, readonly string[]][] = [
    [{}, ['1', '2', '3']],
    [{ node_uuid: one.uuid }, ['1', '2']],
    [{ address: '52:54:00:00:00:03' }, ['3']],
    [{ portgroup_uuid: group }, ['2']],
    [{ shard: ['s1'] }, ['1', '2']],
    [{ shard: [] }, []],
    [{ conductor_groups: ['g'] }, ['3']],
    [{ project: 'p2' }, ['3']],
    [{ description_contains: 't_p' }, ['1']],
    [{ description_contains: 'LEFT' }, ['3']],
  ];
  for (const [filters, wanted] of cases) {
    assert.deepEqual(await named(filters), wanted, JSON.stringify(filters));
  }
});
