// A store that fails now and then: no run is lost with it.
import assert from 'node:assert/strict';
import { done, park } from '../src/drivers/kit/index.ts';
import type { Store } from '../src/store/store.ts';
import { requester, startConductor } from './support/conductor.ts';
import { testOnBoth } from './support/databases.ts';
import { deployStep, scripted, scriptedDriver, waitingStep } from './support/scripted-driver.ts';

const available = { driver: 'scripted', provision_state: 'available' } as const;

/** Lets the next transactions of a store fail after their work, as a full disk does at the commit. */
function failingStore(store: Store): { failNext(count: number): void; left(): number } {
  const { transaction } = store;
  let failures = 0;
  const failing: Store['transaction'] = (work) =>
    transaction(async (trx) => {
      const result = await work(trx);
      if (failures > 0) {
        failures -= 1;
        throw new Error('the disk is full');
      }
      return result;
    });
  Object.assign(store, { transaction: failing });
  return {
    failNext(count) {
      failures = count;
    },
    left: () => failures,
  };
}

testOnBoth('an outcome that can not be stored at once is stored a little later, without another effect', async (t) => {
  let effects = 0;
  const step = deployStep('work', 80, async () => {
    effects += 1;
    return done();
  });
  const server = await startConductor(t, {
    ...scripted(scriptedDriver({ steps: [step] })),
    watchBoundary(boundary, run) {
      if (boundary === 'after effect' && run.plan[run.position]?.step === 'work') {
        store.failNext(1);
      }
    },
  });
  const store = failingStore(server.store);
  const node = await server.node(available);
  await server.conductor.doors.start.provision({ node, verb: 'active', requester });
  const active = await server.untilState(node.uuid, 'active');
  assert.equal(active.last_error, null);
  assert.equal(effects, 1);
  assert.equal(store.left(), 0);
});

testOnBoth('a run whose outcome can not be stored at all fails, and says why', async (t) => {
  let attempts = 0;
  const step = deployStep('work', 80, async () => done());
  const server = await startConductor(t, {
    ...scripted(scriptedDriver({ steps: [step] })),
    watchBoundary(boundary, run) {
      if (boundary === 'after effect' && run.plan[run.position]?.step === 'work') {
        attempts += 1;
        // As many as there are tries to store an outcome.
        store.failNext(3);
      }
    },
  });
  const store = failingStore(server.store);
  const node = await server.node(available);
  await server.conductor.doors.start.provision({ node, verb: 'active', requester });
  const failed = await server.untilState(node.uuid, 'deploy failed');
  assert.equal(failed.last_error, 'The server met an unexpected error: the disk is full');
  assert.equal(failed.reservation, null);
  assert.equal(attempts, 1);
});

testOnBoth('a run goes on when the store works again, even if its failure could not be stored', async (t) => {
  let attempts = 0;
  const step = deployStep('work', 80, async () => done());
  const server = await startConductor(t, {
    ...scripted(scriptedDriver({ steps: [step] })),
    watchBoundary(boundary, run) {
      if (boundary === 'after effect' && run.plan[run.position]?.step === 'work') {
        attempts += 1;
        store.failNext(attempts === 1 ? 4 : 0);
      }
    },
  });
  const store = failingStore(server.store);
  const node = await server.node(available);
  await server.conductor.doors.start.provision({ node, verb: 'active', requester });
  await server.untilState(node.uuid, 'active', 20_000);
  assert.equal(attempts, 2, 'the step declares that it may be repeated');
});

testOnBoth('a parked run polls again although one of its answers was lost', async (t) => {
  let polls = 0;
  const step = waitingStep('deploy', 100, {
    execute: async () => park('a task of the BMC', { pollSeconds: 0.01 }),
    async resume() {
      polls += 1;
      if (polls === 1) {
        // Every try to store the answer, and the try to store that it failed.
        store.failNext(4);
      }
      return done();
    },
  });
  const server = await startConductor(t, scripted(scriptedDriver({ steps: [step] })));
  const store = failingStore(server.store);
  const node = await server.node(available);
  await server.conductor.doors.start.provision({ node, verb: 'active', requester });
  await server.untilState(node.uuid, 'active', 20_000);
  assert.equal(polls, 2);
});

testOnBoth('a request that can not be stored is refused and leaves the node as it was', async (t) => {
  const server = await startConductor(t, scripted(scriptedDriver({ steps: [] })));
  const store = failingStore(server.store);
  const node = await server.node(available);
  store.failNext(1);
  await assert.rejects(server.conductor.doors.start.provision({ node, verb: 'active', requester }), /the disk is full/);
  const after = await server.untilState(node.uuid, 'available');
  assert.equal(after.version, node.version);
  assert.deepEqual(await server.store.read.selectFrom('runs').selectAll().execute(), []);
});
