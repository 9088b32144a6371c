// Who may work on a node: bounded waiting, the words for whoever does not get it, and release after a crash.
import assert from 'node:assert/strict';
import { isRegisteredError } from '@wrought/contract';
import { loadConfig } from '../src/config/index.ts';
import { done } from '../src/drivers/kit/index.ts';
import { createNodeLocks } from '../src/flows/locks.ts';
import { getNode, updateNode } from '../src/store/nodes.ts';
import type { TestConductor } from './support/conductor.ts';
import { requester, startConductor } from './support/conductor.ts';
import { testOnBoth } from './support/databases.ts';
import { deployStep, gate, scripted, scriptedDriver } from './support/scripted-driver.ts';

const impatient = ['conductor.node_locked_retry_attempts=2', 'conductor.node_locked_retry_interval=0.02'];

/** A node whose deployment works until the gate is opened. */
async function busyNode(t: Parameters<typeof startConductor>[0], ...set: string[]) {
  const working = gate();
  const step = deployStep('work', 80, async () => {
    await working.pass();
    return done();
  });
  const server = await startConductor(
    t,
    scripted(scriptedDriver({ steps: [step] }), 'conductor.host=conductor-1', ...set),
  );
  const node = await server.node({ driver: 'scripted', provision_state: 'available' });
  await server.conductor.doors.start.provision({ node, verb: 'active', requester });
  await working.reached;
  return { server, working, node };
}

/** Writes a reservation as a process would leave it that was killed during a call. */
async function reserve(server: TestConductor, uuid: string, host: string): Promise<void> {
  await server.store.transaction(async (trx) => {
    const reservation = { reservation: host, reserved_at: new Date().toISOString(), reserved_for: 'set boot device' };
    await updateNode(trx, await getNode(trx, uuid), reservation);
  });
}

testOnBoth('whoever waits in vain is told holder, age, purpose and when to try again', async (t) => {
  const { server, working, node } = await busyNode(t, ...impatient);
  await assert.rejects(server.conductor.doors.call.setBootDevice(node, 'pxe', true), (error: unknown) => {
    assert.ok(isRegisteredError(error, 'NodeLocked'));
    assert.equal(error.status, 409);
    assert.match(
      error.message,
      new RegExp(`^Node ${node.uuid} is locked by host conductor-1, \\d+ s ago, for "deploy"\\.`),
    );
    assert.equal(error.retryAfterSeconds, 1);
    return true;
  });
  working.open();
  await server.untilState(node.uuid, 'active');
});

testOnBoth('whoever waits long enough gets the node when the work on it ends', async (t) => {
  const { server, working, node } = await busyNode(t, 'conductor.node_locked_retry_interval=10');
  const setting = server.conductor.doors.call.setBootDevice(node, 'pxe', true);
  working.open();
  await setting;
  await server.untilState(node.uuid, 'active');
});

testOnBoth(
  'whoever asks for a node during a long call waits no longer than configured, many as they are',
  async (t) => {
    const slow = ['conductor.node_locked_retry_attempts=1', 'conductor.node_locked_retry_interval=1'];
    const server = await startConductor(t, scripted(scriptedDriver({}), ...slow));
    const node = await server.node({ driver: 'scripted', provision_state: 'manageable' });
    const config = loadConfig({ dataDirectory: server.directory, set: slow });
    const locks = createNodeLocks(server.store, () => config, 'conductor-1');
    const call = gate();
    const working = locks.reserved(node, 'a long call', () => call.pass());
    await call.reached;
    const waiting = await Promise.allSettled(
      Array.from({ length: 50 }, () => locks.reserved(node, 'another call', async () => {})),
    );
    assert.ok(waiting.every(({ status }) => status === 'rejected'));
    assert.match(String(Object(waiting[49]).reason), /for "a long call"/);
    call.open();
    await working;
    await locks.reserved(node, 'another call', async () => {});
  },
);

testOnBoth('two requests at the same time come one after the other', async (t) => {
  const server = await startConductor(t, scripted(scriptedDriver({})));
  const node = await server.node({ driver: 'scripted', provision_state: 'manageable' });
  const { call } = server.conductor.doors;
  const order: string[] = [];
  const first = gate();
  const one = call.withLock(node, 'one', async () => {
    await first.pass();
    order.push('one');
  });
  const two = call.withLock(node, 'two', async () => {
    order.push('two');
  });
  await first.reached;
  first.open();
  await Promise.all([one, two]);
  assert.deepEqual(order, ['one', 'two']);
});

testOnBoth('a request that fails lets the next one in', async (t) => {
  const server = await startConductor(t, scripted(scriptedDriver({})));
  const node = await server.node({ driver: 'scripted', provision_state: 'manageable' });
  const { call } = server.conductor.doors;
  await assert.rejects(call.setBootDevice(node, 'floppy', true), /Invalid boot device "floppy".* takes: pxe\./);
  assert.equal((await getNode(server.store.read, node.uuid)).reservation, null);
  await call.setBootDevice(node, 'pxe', true);
});

testOnBoth('a call shows the reservation and its purpose while it works', async (t) => {
  const server = await startConductor(t, scripted(scriptedDriver({})));
  const node = await server.node({ driver: 'scripted', provision_state: 'manageable' });
  const config = loadConfig({ dataDirectory: server.directory, set: [] });
  const locks = createNodeLocks(server.store, () => config, 'conductor-1');
  await locks.reserved(node, 'read the sensors', async (held) => {
    assert.equal(held.reservation, 'conductor-1');
    await locks.releaseAbandoned();
    const shown = await getNode(server.store.read, node.uuid);
    assert.equal(shown.reserved_for, 'read the sensors');
    assert.ok(shown.reserved_at !== null);
  });
  assert.equal((await getNode(server.store.read, node.uuid)).reserved_for, null);
});

testOnBoth('a reservation that a crash left behind a call is dropped at the next start', async (t) => {
  const first = await startConductor(t, scripted(scriptedDriver({}), 'conductor.host=conductor-1'));
  const node = await first.node({ driver: 'scripted', provision_state: 'manageable' });
  const foreign = await first.node({ driver: 'scripted', provision_state: 'manageable' });
  await reserve(first, node.uuid, 'conductor-1');
  await reserve(first, foreign.uuid, 'conductor-2');
  const second = await first.restart();
  assert.equal((await getNode(second.store.read, node.uuid)).reservation, null);
  assert.equal((await getNode(second.store.read, foreign.uuid)).reservation, 'conductor-2');
});

testOnBoth('a run keeps its reservation over a crash and gives it back at its end', async (t) => {
  const { server, working, node } = await busyNode(t, 'conductor.graceful_shutdown_timeout=0');
  const second = await server.takeOver();
  const during = await getNode(second.store.read, node.uuid);
  assert.equal(during.reservation, 'conductor-1');
  assert.equal(during.reserved_for, 'deploy');
  working.open();
  const active = await second.untilState(node.uuid, 'active');
  assert.equal(active.reservation, null);
});
