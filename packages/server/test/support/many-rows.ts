// Fills a store with any number of rows of every resource, so that what a list costs can be seen.
import { randomUUID } from 'node:crypto';
import { allocationTable } from '../../src/store/allocations.ts';
import { chassisTable } from '../../src/store/chassis.ts';
import { appendHistory } from '../../src/store/evidence.ts';
import { writeFirmwareComponents } from '../../src/store/firmware-components.ts';
import { inspectionRuleTable } from '../../src/store/inspection-rules.ts';
import { getNode, insertNode } from '../../src/store/nodes.ts';
import { insertPort } from '../../src/store/port-list.ts';
import { insertPortgroup } from '../../src/store/portgroups.ts';
import { runbookTable } from '../../src/store/runbooks.ts';
import type { Store, StoreTransaction } from '../../src/store/store.ts';
import { templateTable } from '../../src/store/templates.ts';
import { volumeTables } from '../../src/store/volumes.ts';
import { OWNER } from './callers.ts';

/** The UUID of the second row of every resource; the second node has history and firmware components as many as there are rows. */
export const SECOND = '5b0e6f7c-9a3c-4f0e-8d7a-1f2c3b4a5d6e';

const uuidOf = (at: number) => (at === 1 ? SECOND : randomUUID());
const step = { interface: 'deploy', step: 'wipe', order: 1, priority: 1, args: {} };

/** What stands by itself. */
async function addPlain(trx: StoreTransaction, at: number): Promise<void> {
  const name = `CUSTOM_${at}`;
  await chassisTable.insert(trx, { uuid: uuidOf(at), description: name, extra: {} });
  await templateTable.insert(trx, { uuid: uuidOf(at), name, steps: [step], extra: {} });
  await runbookTable.insert(trx, {
    uuid: uuidOf(at),
    name,
    steps: [step],
    disable_ramdisk: false,
    public: true,
    traits: [name],
    extra: {},
  });
  await inspectionRuleTable.insert(trx, {
    uuid: uuidOf(at),
    priority: at,
    phase: 'main',
    sensitive: false,
    actions: [{ op: 'add-trait', args: { name } }],
    conditions: [],
  });
}

/** A node with one of everything that a node can have. All nodes are in the second chassis. */
async function addNode(trx: StoreTransaction, at: number): Promise<void> {
  const { id } = await insertNode(trx, {
    uuid: uuidOf(at),
    name: `node-${at}`,
    driver: 'fake-hardware',
    provision_state: 'available',
    power_state: 'power off',
    traits: ['CUSTOM_A', 'CUSTOM_B'],
    chassis_uuid: SECOND,
    owner: OWNER,
  });
  const address = `52:54:00:00:${Buffer.from([at >> 8]).toString('hex')}:${Buffer.from([at & 255]).toString('hex')}`;
  const group = await insertPortgroup(trx, { uuid: uuidOf(at), node_id: id, name: `group-${at}`, mode: '802.3ad' });
  await insertPort(trx, { uuid: uuidOf(at), node_id: id, address, name: `port-${at}`, portgroup_uuid: group.uuid });
  await volumeTables.volume_connectors.insert(trx, {
    uuid: uuidOf(at),
    node_id: id,
    type: 'iqn',
    connector_id: `iqn.${at}`,
    extra: {},
  });
  await volumeTables.volume_targets.insert(trx, {
    uuid: uuidOf(at),
    node_id: id,
    volume_type: 'iscsi',
    boot_index: 0,
    volume_id: `volume-${at}`,
    properties: {},
    extra: {},
  });
  await allocationTable.insert(trx, {
    uuid: uuidOf(at),
    name: `allocation-${at}`,
    node_id: id,
    state: 'active',
    owner: OWNER,
    resource_class: 'gold',
    traits: ['CUSTOM_A'],
    candidate_nodes: [],
    extra: {},
  });
}

/** What the second node has many of. */
async function addToSecondNode(trx: StoreTransaction, from: number, to: number): Promise<void> {
  const node = await getNode(trx, SECOND);
  for (let at = from; at < to; at += 1) {
    await appendHistory(trx, node, { severity: 'INFO', event_type: 'deploying', event: `event ${at}` });
    const versions = { initial_version: '1', current_version: '2', last_version_flashed: '2' };
    await writeFirmwareComponents(trx, node.id, [{ component: `component-${at}`, ...versions }]);
  }
}

/** Adds rows of every resource until there are `to` of each, of which there were `from`. */
export async function fillUp(store: Store, from: number, to: number): Promise<void> {
  await store.transaction(async (trx) => {
    for (let at = from; at < to; at += 1) {
      await addPlain(trx, at);
    }
    for (let at = from; at < to; at += 1) {
      await addNode(trx, at);
    }
    await addToSecondNode(trx, from, to);
  });
}
