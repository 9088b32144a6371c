// One place for each BMC: order, one call at a time, and what a silent BMC costs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BmcSilentError, createBmcGovernor } from '../src/drivers/kit/index.ts';
import { gate } from './support/scripted-driver.ts';

class Silence extends Error {}
const foreground = (endpoint: string) => ({ endpoint, isBackground: false });
const background = (endpoint: string) => ({ endpoint, isBackground: true });

function newGovernor() {
  const clock = { now: 1_000_000 };
  const governor = createBmcGovernor({ isSilence: (error) => error instanceof Silence, now: () => clock.now });
  return { governor, clock };
}

const silent = async () => {
  throw new Silence('Nothing answered within 5 s.');
};

test('calls to one BMC run one at a time and in order, those to others beside them', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 30 }), async (endpoints) => {
      const { governor } = newGovernor();
      const running = new Map<string, number>();
      const done: Record<string, number[]> = {};
      await Promise.all(
        endpoints.map((endpoint, index) =>
          governor.run(foreground(endpoint), async () => {
            assert.equal(running.get(endpoint) ?? 0, 0);
            running.set(endpoint, 1);
            await new Promise((resolve) => setImmediate(resolve));
            running.set(endpoint, 0);
            done[endpoint] = [...(done[endpoint] ?? []), index];
          }),
        ),
      );
      for (const endpoint of new Set(endpoints)) {
        const asked = endpoints.flatMap((each, index) => (each === endpoint ? [index] : []));
        assert.deepEqual(done[endpoint], asked);
      }
      assert.ok(governor.conditions().every(({ pending }) => pending === 0));
    }),
  );
});

test('an error of one call is its own: the next one runs', async () => {
  const { governor } = newGovernor();
  const refused = governor.run(foreground('a'), async () => {
    throw new TypeError('refused');
  });
  const next = governor.run(foreground('a'), async () => 'done');
  await assert.rejects(refused, TypeError);
  assert.equal(await next, 'done');
  assert.equal(governor.conditions()[0]?.silence, null);
});

test('all that wait for a BMC that turns out silent fail with it at once', async () => {
  const { governor } = newGovernor();
  const asked = gate();
  const first = governor.run(foreground('a'), async () => {
    await asked.pass();
    return silent();
  });
  let isTried = false;
  const others = [1, 2, 3].map(() =>
    governor.run(foreground('a'), async () => {
      isTried = true;
    }),
  );
  const elsewhere = governor.run(foreground('b'), async () => 'of another BMC');
  assert.equal(await elsewhere, 'of another BMC');
  asked.open();
  await assert.rejects(first, Silence);
  for (const other of others) {
    await assert.rejects(other, (error) => {
      assert.ok(error instanceof BmcSilentError);
      assert.match(
        error.message,
        /^The BMC at a was not asked: it has been silent since .* \(one call\)\. Nothing answered within 5 s\.$/,
      );
      return true;
    });
  }
  assert.equal(isTried, false);
});

test('calls in the background leave a silent BMC alone for a growing pause', async () => {
  const { governor, clock } = newGovernor();
  const pauses: number[] = [];
  for (let call = 0; call < 8; call += 1) {
    await assert.rejects(governor.run(background('a'), silent), Silence);
    const { silence } = governor.conditions()[0] ?? {};
    assert.ok(silence);
    pauses.push((silence.askedAgainAt - clock.now) / 1000);
    clock.now = silence.askedAgainAt - 1;
    await assert.rejects(governor.run(background('a'), silent), BmcSilentError);
    clock.now = silence.askedAgainAt;
  }
  assert.deepEqual(pauses, [10, 20, 40, 80, 160, 300, 300, 300]);
  assert.equal(await governor.run(background('a'), async () => 'back'), 'back');
  assert.equal(governor.conditions()[0]?.silence, null);
});

test('who waits for an answer is let through to a silent BMC, and an answer ends the silence', async () => {
  const { governor } = newGovernor();
  await assert.rejects(governor.run(background('a'), silent), Silence);
  await assert.rejects(governor.run(background('a'), silent), BmcSilentError);
  assert.equal(await governor.run(foreground('a'), async () => 'mended'), 'mended');
  assert.equal(await governor.run(background('a'), async () => 'asked'), 'asked');
});
