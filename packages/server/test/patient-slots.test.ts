// Places that slow work gives up: the others go on, within bounds, and every piece ends with its own end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadConfig } from '../src/config/index.ts';
import { looksAtOnce } from '../src/periodic/look-slots.ts';
import { createPatientSlots } from '../src/periodic/patient-slots.ts';
import { gate } from './support/scripted-driver.ts';

const slots = (places: number, placesBeside: number, patienceMilliseconds: number) =>
  createPatientSlots({ places: () => places, placesBeside, patienceMilliseconds });

test('work that takes long lets the next one begin, and is still awaited', async () => {
  const slow = gate();
  const { use } = slots(1, 1, 20);
  let hasEnded = false;
  const first = use(async () => {
    await slow.pass();
    hasEnded = true;
  });
  await use(async () => assert.equal(hasEnded, false));
  slow.open();
  await first;
  assert.equal(hasEnded, true);
});

test('work that is quick keeps its place: no more run at once than there are places', async () => {
  const { use } = slots(2, 10, 60_000);
  let running = 0;
  let most = 0;
  await Promise.all(
    Array.from({ length: 20 }, () =>
      use(async () => {
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
      }),
    ),
  );
  assert.equal(most, 2);
});

test('not more goes on beside than is allowed', async () => {
  const gates = Array.from({ length: 4 }, () => gate());
  const { use } = slots(1, 2, 10);
  const begun: number[] = [];
  const all = gates.map((each, index) =>
    use(async () => {
      begun.push(index);
      await each.pass();
    }),
  );
  // Two beside and one in the place; the fourth waits until one of them ends.
  await gates[2]?.reached;
  assert.deepEqual(begun, [0, 1, 2]);
  gates[0]?.open();
  await gates[3]?.reached;
  for (const each of gates) {
    each.open();
  }
  await Promise.all(all);
});

test('a failure is that of whoever asked, quick or late', async () => {
  const { use } = slots(1, 1, 10);
  await assert.rejects(
    use(async () => {
      throw new Error('at once');
    }),
    /at once/,
  );
  const slow = gate();
  const late = use(async () => {
    await slow.pass();
    throw new Error('late');
  });
  await use(async () => {});
  slow.open();
  await assert.rejects(late, /late/);
  await use(async () => {});
});

test('how long the others take is learned: work that takes much longer gives its place up before its time', async () => {
  const slow = gate();
  const { use } = slots(1, 1, 3_600_000);
  await use(async () => {});
  const first = use(() => slow.pass());
  await slow.reached;
  // Would wait an hour if the patience were not learned.
  await use(async () => {});
  slow.open();
  await first;
});

test('work that is known to be slow takes no place of the others, and does not crowd out those that give theirs up', async () => {
  const gates = Array.from({ length: 2 }, () => gate());
  const unknown = gate();
  const { use, useBeside } = slots(1, 2, 10);
  const known = gates.map((each) => useBeside(() => each.pass()));
  await gates[0]?.reached;
  const first = use(() => unknown.pass());
  await use(async () => {});
  for (const each of [...gates, unknown]) {
    each.open();
  }
  await Promise.all([...known, first]);
});

test('as many BMCs are asked at one time as is wanted, and no more processes of ipmitool than the cores can run', () => {
  const inProcess = loadConfig();
  const withProcesses = loadConfig({ set: ['ipmi.backend=ipmitool'] });
  assert.equal(looksAtOnce(256, inProcess, 2), 256);
  assert.equal(looksAtOnce(256, withProcesses, 2), 8);
  assert.equal(looksAtOnce(3, withProcesses, 2), 3);
});
