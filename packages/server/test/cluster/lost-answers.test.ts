// Conductors whose answers get lost: the client of the API is told what is true, and nothing of where conductors listen.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Node, ProvisionVerb, RegisteredError } from '@wrought/contract';
import { createCallClient } from '../../src/cluster/call-client.ts';
import { createCallServer } from '../../src/cluster/call-server.ts';
import { clusterDoors, type LocalAnswers } from '../../src/cluster/doors.ts';
import { storedMembers } from '../../src/cluster/members.ts';
import { countRefusals } from '../../src/cluster/refusals.ts';
import { done } from '../../src/drivers/kit/index.ts';
import { getNode } from '../../src/store/nodes.ts';
import { requester, startConductor, type TestConductor } from '../support/conductor.ts';
import { deployStep, gate, scripted, scriptedDriver } from '../support/scripted-driver.ts';

/** Doors of an API to a conductor that does (or does not) what it is asked for and is gone before it can say so. */
async function doorsThatLoseAnswers(t: TestContext, server: TestConductor, does: () => boolean) {
  const key = randomBytes(32);
  const logged: object[] = [];
  const log = { info() {}, warn: (details: object) => void logged.push(details), error() {} };
  const hostname = (await server.store.read.selectFrom('conductors').select('hostname').executeTakeFirstOrThrow())
    .hostname;
  const calls = createCallServer({ key, hostname, log });
  calls.server.listen(0, '127.0.0.1');
  await once(calls.server, 'listening');
  t.after(() => calls.close(0));
  const { port } = calls.server.address() as AddressInfo;
  const { start, call, signal } = server.conductor.doors;
  calls.serve({
    call,
    signal,
    start: {
      ...start,
      async provision(request) {
        if (does()) {
          await start.provision(request);
        }
        calls.server.closeAllConnections();
        await new Promise(() => {});
      },
    },
  });
  await server.store.transaction((trx) =>
    trx
      .updateTable('conductors')
      .set({ internal_url: `https://127.0.0.1:${port}` })
      .execute(),
  );
  const members = storedMembers(server.store);
  await members.refresh();
  const client = createCallClient(key, () => 10);
  t.after(() => client.close());
  const doors = clusterDoors({ store: server.store, members, client, log, answers: {} as LocalAnswers });
  return {
    logged,
    hostname,
    port,
    provision: (node: Node, verb: ProvisionVerb) =>
      doors.start.provision({ node, verb, requester: { ...requester, requestId: 'req-lost' } }),
  };
}

test('a verb without a run whose answer got lost is answered as what it is: done, or unknown', async (t) => {
  const held = gate();
  const driver = scriptedDriver({
    steps: [
      deployStep('work', 80, async () => {
        await held.pass();
        return done();
      }),
    ],
  });
  const server = await startConductor(t, scripted(driver));
  let does = true;
  const { provision, logged, hostname, port } = await doorsThatLoseAnswers(t, server, () => does);
  const { read } = server.store;

  const available = await server.node({ driver: 'scripted', provision_state: 'available' });
  await provision(available, 'manage');
  assert.equal((await getNode(read, available.uuid)).provision_state, 'manageable');

  const deploying = await server.node({ driver: 'scripted', provision_state: 'available' });
  await provision(deploying, 'active');
  await server.conductor.doors.start.provision({
    node: await getNode(read, available.uuid),
    verb: 'provide',
    requester: { ...requester, requestId: 'another' },
  });
  await server.untilState(available.uuid, 'available');

  does = false;
  const again = await getNode(read, available.uuid);
  await assert.rejects(provision(again, 'manage'), (error: RegisteredError) => {
    assert.equal(error.status, 503);
    assert.equal(
      error.message,
      `Conductor ${hostname} gave no answer. What was asked for may happen all the same: look at it before you ask again.`,
    );
    return true;
  });
  assert.equal((await getNode(read, available.uuid)).provision_state, 'available');
  assert.match(JSON.stringify(logged.map((each) => String((each as { err?: Error }).err))), new RegExp(`:${port}`));
  held.open();
  await server.untilState(deploying.uuid, 'active');
});

test('an abort and an unhold whose answers got lost have happened', async (t) => {
  const held = gate();
  const driver = scriptedDriver({
    steps: [
      deployStep('work', 80, async () => {
        await held.pass();
        return done();
      }),
    ],
  });
  const server = await startConductor(t, scripted(driver));
  const { provision } = await doorsThatLoseAnswers(t, server, () => true);
  const { read } = server.store;
  const steps = [{ interface: 'deploy', step: 'hold', args: {}, priority: 90 }];
  const holding = await server.node({ driver: 'scripted', provision_state: 'available' });
  await server.conductor.doors.start.provision({ node: holding, verb: 'active', deploySteps: steps, requester });
  await server.untilState(holding.uuid, 'deploy hold');
  await provision(await getNode(read, holding.uuid), 'unhold');
  held.open();
  await server.untilState(holding.uuid, 'active');

  const other = await server.node({ driver: 'scripted', provision_state: 'available' });
  await server.conductor.doors.start.provision({ node: other, verb: 'active', deploySteps: steps, requester });
  await server.untilState(other.uuid, 'deploy hold');
  await provision(await getNode(read, other.uuid), 'abort');
  await server.untilState(other.uuid, 'deploy failed');
});

test('many refused connections are told once, with their number', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const told: unknown[] = [];
  const refusals = countRefusals({ info: (details: object) => void told.push(details) });
  for (let at = 1; at <= 50; at += 1) {
    refusals.note(new Error(`scan ${at}`));
  }
  assert.deepEqual(told, [{ refused: 1, last: 'scan 1' }]);
  t.mock.timers.tick(60_000);
  assert.deepEqual(told.slice(1), [{ refused: 49, last: 'scan 50' }]);
  t.mock.timers.tick(600_000);
  refusals.note(new Error('another day'));
  refusals.close();
  assert.deepEqual(told.slice(2), [{ refused: 1, last: 'another day' }]);
});
