// Machines that never came up in their ramdisk are booted again: once each time-out, and only while nothing is heard of them.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Node } from '@wrought/contract';
import { appendTimeline } from '../src/store/evidence.ts';
import { getNode } from '../src/store/nodes.ts';
import { secondsFromNow } from '../src/store/time.ts';
import { bootMac, newBootMachine, startOn, untilSaid, waitingNode } from './support/boot-machine.ts';
import type { TestConductor } from './support/conductor.ts';
import { newDatabase, testOnBoth } from './support/databases.ts';
import { agentOf } from './support/signal-agent.ts';

async function setUp(t: TestContext, ...set: readonly string[]) {
  const directory = await mkdtemp(join(tmpdir(), 'wrought-retry-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const machine = await newBootMachine(t, 'rack', set);
  const server = await startOn(t, machine, await newDatabase(t, directory));
  const node = await waitingNode(server);
  assert.deepEqual(machine.told.splice(0), ['pxe', 'power on']);
  return { machine, server, node };
}

/** Makes the wait look as if it had begun so long ago. */
async function waitSince({ store }: TestConductor, { id }: Node, seconds: number): Promise<void> {
  await store.transaction(async (trx) => {
    const at = secondsFromNow(-seconds);
    await trx.updateTable('runs').set({ updated_at: at }).where('node_id', '=', id).execute();
    await trx.updateTable('timeline').set({ at }).where('node_id', '=', id).execute();
  });
}

testOnBoth('a machine that gave no sign is set to the network and power cycled, once each time-out', async (t) => {
  const { machine, server, node } = await setUp(t, 'pxe.boot_retry_timeout=60');
  const { conductor } = server;
  await conductor.retryBoots();
  assert.deepEqual(machine.told, [], 'it has time yet');
  await waitSince(server, node, 61);
  await Promise.all([conductor.retryBoots(), conductor.retryBoots()]);
  assert.deepEqual(machine.told.splice(0), ['pxe', 'power off', 'power on']);
  await untilSaid(server, node, 'gave no sign for 61 s (pxe.boot_retry_timeout), so it boots again (retry 1)');
  const waiting = await getNode(server.store.read, node.uuid);
  assert.deepEqual([waiting.provision_state, waiting.reservation], ['wait call-back', null]);
  await conductor.retryBoots();
  assert.deepEqual(machine.told, []);
  await waitSince(server, node, 61);
  await conductor.retryBoots();
  assert.deepEqual(machine.told.splice(0), ['pxe', 'power off', 'power on']);

  const heartbeat = await agentOf(server, node.uuid);
  await heartbeat();
  await server.untilState(node.uuid, 'active');
  assert.deepEqual(machine.told, ['disk']);
});

test('a machine that asks for addresses or files gets its time from then on', async (t) => {
  const { machine, server, node } = await setUp(t, 'pxe.boot_retry_timeout=60');
  await waitSince(server, node, 300);
  await server.store.transaction((trx) =>
    appendTimeline(trx, node.id, [{ kind: 'http', message: `${bootMac} fetched the kernel`, at: secondsFromNow(-30) }]),
  );
  await server.conductor.retryBoots();
  assert.deepEqual(machine.told, []);
});

test('no machine is booted again where that is not configured, in maintenance, or while others work on it', async (t) => {
  const { machine, server, node } = await setUp(t);
  await waitSince(server, node, 3600);
  await server.conductor.retryBoots();
  assert.deepEqual(machine.told, []);

  const other = await setUp(t, 'pxe.boot_retry_timeout=60');
  for (const change of [{ maintenance: 1 }, { maintenance: 0, reservation: 'somebody' }] as const) {
    await other.server.store.transaction((trx) =>
      trx.updateTable('nodes').set(change).where('id', '=', other.node.id).execute(),
    );
    await waitSince(other.server, other.node, 3600);
    await other.server.conductor.retryBoots();
    assert.deepEqual(other.machine.told, []);
  }
});
