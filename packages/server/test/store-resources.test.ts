// What the tables of plain resources share, on both databases.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { biosSettingRows, replaceBiosSettings } from '../src/store/bios-settings.ts';
import { insertNode, uniqueColumn } from '../src/store/nodes.ts';
import { ownersOf } from '../src/store/plain-table.ts';
import { insertPort } from '../src/store/port-list.ts';
import {
  deletePortgroup,
  insertPortgroup,
  listPortgroupRows,
  portgroupFromRow,
  portgroupTable,
  updatePortgroup,
} from '../src/store/portgroups.ts';
import type { Store } from '../src/store/store.ts';
import { listVolumeRows, volumeTables } from '../src/store/volumes.ts';
import { countStatements } from './support/counting-store.ts';
import { newStore, testOnBoth } from './support/databases.ts';

const page = { sortKey: 'id', descending: false, limit: 100 };

async function node(store: Store, fields: { owner?: string; lessee?: string; shard?: string } = {}) {
  return store.transaction((trx) =>
    insertNode(trx, { uuid: randomUUID(), driver: 'fake-hardware', provision_state: 'enroll', ...fields }),
  );
}

testOnBoth('rows keep their types, and know whose their node is', async (t) => {
  const store = await newStore(t);
  const { id: node_id, uuid: nodeUuid } = await node(store, { owner: 'p1', lessee: 'p2' });
  const uuid = randomUUID();
  const row = await store.transaction((trx) =>
    insertPortgroup(trx, { uuid, node_id, mode: '802.3ad', properties: { miimon: 100 }, name: 'bond0' }),
  );
  assert.deepEqual(ownersOf(row), { owner: 'p1', lessee: 'p2' });
  const portgroup = portgroupFromRow(row);
  assert.deepEqual(
    [portgroup.node_uuid, portgroup.properties, portgroup.standalone_ports_supported, portgroup.dynamic_portgroup],
    [nodeUuid, { miimon: 100 }, true, false],
  );
  assert.equal((await portgroupTable.findByIdent(store.read, 'bond0'))?.uuid, uuid);
  assert.equal((await portgroupTable.findByIdent(store.read, uuid.toUpperCase()))?.uuid, uuid);
  assert.equal(await portgroupTable.find(store.read, randomUUID()), undefined);
});

testOnBoth('pages follow a column with empty values, both ways', async (t) => {
  const store = await newStore(t);
  const { id: node_id } = await node(store);
  for (const name of ['b', null, 'a', null]) {
    await store.transaction((trx) => insertPortgroup(trx, { uuid: randomUUID(), node_id, mode: 'm', name }));
  }
  for (const descending of [false, true]) {
    const seen: (string | null)[] = [];
    let marker: { id: number; value: string | number | null } | undefined;
    for (;;) {
      const rows = await listPortgroupRows(
        store.read,
        {},
        { sortKey: 'name', descending, limit: 1, ...(marker === undefined ? {} : { marker }) },
      );
      const [row] = rows;
      if (row === undefined) {
        break;
      }
      seen.push(row.name);
      marker = await portgroupTable.marker(store.read, row.uuid, 'name');
    }
    assert.deepEqual(seen, descending ? ['b', 'a', null, null] : [null, null, 'a', 'b']);
  }
});

testOnBoth('lists are narrowed by what the nodes are', async (t) => {
  const store = await newStore(t);
  const own = await node(store, { owner: 'p1', shard: 's1' });
  const leased = await node(store, { owner: 'p2', lessee: 'p1' });
  const foreign = await node(store, { owner: 'p2', shard: 's2' });
  const names = new Map<string, string>();
  for (const [name, { id: node_id }] of Object.entries({ own, leased, foreign })) {
    const uuid = randomUUID();
    names.set(uuid, name);
    await store.transaction((trx) => insertPortgroup(trx, { uuid, node_id, mode: 'm' }));
  }
  const found = async (filters: Parameters<typeof listPortgroupRows>[1]) =>
    (await listPortgroupRows(store.read, filters, page)).map(({ uuid }) => names.get(uuid));
  assert.deepEqual(await found({}), ['own', 'leased', 'foreign']);
  assert.deepEqual(await found({ project: 'p1' }), ['own', 'leased']);
  assert.deepEqual(await found({ project: 'p1', shard: ['s1', 's2'] }), ['own']);
  assert.deepEqual(await found({ shard: [] }), []);
  assert.deepEqual(await found({ node_uuid: foreign.uuid }), ['foreign']);
});

testOnBoth('a repeated unique value is named by its first column', async (t) => {
  const store = await newStore(t);
  const { id: node_id } = await node(store);
  const connector = { node_id, type: 'iqn', connector_id: 'a', extra: {} };
  const target = { node_id, volume_type: 'iscsi', boot_index: 0, volume_id: 'v', properties: {}, extra: {} };
  const { volume_connectors: connectors, volume_targets: targets } = volumeTables;
  await store.transaction((trx) => connectors.insert(trx, { ...connector, uuid: randomUUID() }));
  await store.transaction((trx) => targets.insert(trx, { ...target, uuid: randomUUID() }));
  for (const [insert, column] of [
    [connectors.insert, 'volume_connectors.type'],
    [targets.insert, 'volume_targets.node_id'],
  ] as const) {
    const values = column.startsWith('volume_c') ? connector : target;
    await assert.rejects(
      store.transaction((trx) => insert(trx, { ...values, uuid: randomUUID() })),
      (error) => uniqueColumn(error) === column,
    );
  }
  assert.equal((await listVolumeRows(store.read, 'volume_targets', {}, page)).length, 1);
});

testOnBoth('a port group hands its network on, and stays while it has ports', async (t) => {
  const store = await newStore(t);
  const { id: node_id } = await node(store);
  const uuid = randomUUID();
  const group = await store.transaction((trx) => insertPortgroup(trx, { uuid, node_id, mode: 'm' }));
  const port = await store.transaction((trx) =>
    insertPort(trx, { uuid: randomUUID(), node_id, address: '52:54:00:00:00:01', portgroup_uuid: uuid }),
  );
  await store.transaction((trx) => updatePortgroup(trx, group, { physical_network: 'net1' }));
  const { physical_network } = await store.read
    .selectFrom('ports')
    .selectAll()
    .where('id', '=', port.id)
    .executeTakeFirstOrThrow();
  assert.equal(physical_network, 'net1');
  assert.equal(await store.transaction((trx) => deletePortgroup(trx, group)), false);
  await store.transaction((trx) => trx.deleteFrom('ports').execute());
  assert.equal(await store.transaction((trx) => deletePortgroup(trx, group)), true);
});

testOnBoth('BIOS settings are written together, and only those that changed are touched', async (t) => {
  const counter = countStatements();
  const store = counter.watch(await newStore(t));
  const { id } = await node(store);
  const settings = (to: number, value: string) =>
    Array.from({ length: to }, (_, at) => ({
      name: `Setting${at}`,
      value: at % 2 === 0 ? value : 'same',
      lower_bound: at,
    }));
  const write = (given: ReturnType<typeof settings>) =>
    counter.during(() => store.transaction((trx) => replaceBiosSettings(trx, id, given)));
  const few = await write(settings(4, 'on'));
  assert.equal(await write(settings(900, 'on')), few);
  const before = await biosSettingRows(store.read, id);
  assert.equal(await write(settings(800, 'off')), few + 1);
  const after = await biosSettingRows(store.read, id);
  assert.deepEqual([before.length, after.length], [900, 800]);
  for (const row of after) {
    const { id: wasId, created_at } = before.find(({ name }) => name === row.name) ?? {};
    const at = Number(row.name.slice('Setting'.length));
    assert.deepEqual([row.id, row.created_at, row.lower_bound], [wasId, created_at, at]);
    assert.deepEqual([row.value, row.updated_at === null], at % 2 === 0 ? ['off', false] : ['same', true]);
  }
  assert.equal(await write(settings(800, 'off')), 1, 'nothing changed');
  await write([]);
  assert.deepEqual(await biosSettingRows(store.read, id), []);
});
