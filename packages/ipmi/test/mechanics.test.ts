// The small parts under a session: timer wheel, round-trip times, queues, turns.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TimeoutError } from '../src/index.ts';
import { Budget } from '../src/session/budget.ts';
import { Exchange, type Outgoing } from '../src/session/exchange.ts';
import { Fifo } from '../src/session/fifo.ts';
import { Flight } from '../src/session/flight.ts';
import { resolvePeer } from '../src/session/peer.ts';
import { onlyReads } from '../src/session/repeatable.ts';
import { RoundTrip } from '../src/session/round-trip.ts';
import { type Timed, TimerWheel } from '../src/session/timer-wheel.ts';
import { Turns } from '../src/session/turns.ts';

const entry = (expire: (now: number) => void): Timed => ({ expiresAt: 0, slot: -1, expire });

test('the wheel expires each at its time, not before, and what was cancelled never', async () => {
  const wheel = new TimerWheel(1, true);
  const delays = [1, 5, 3, 20, 700, 2, 600];
  const start = performance.now();
  const cancelled = entry(() => assert.fail('was cancelled'));
  wheel.schedule(cancelled, start + 4);
  const expired = delays.map(
    (delay) =>
      new Promise<number>((resolve) => {
        // Longer than one turn of the wheel (512 ticks) is possible.
        wheel.schedule(entry(resolve), start + delay);
      }),
  );
  wheel.cancel(cancelled);
  for (const [index, now] of (await Promise.all(expired)).entries()) {
    assert.ok(now >= start + (delays[index] as number));
  }
});

test('an entry that is scheduled again counts once, from the last time', async () => {
  const wheel = new TimerWheel(1, true);
  let count = 0;
  const late = performance.now() + 30;
  await new Promise<void>((resolve) => {
    const moved = entry((now) => {
      count++;
      assert.ok(now >= late);
      resolve();
    });
    wheel.schedule(moved, performance.now() + 1);
    wheel.schedule(moved, late);
  });
  assert.equal(count, 1);
});

test('the wait before a packet is sent again follows the measured times, and doubles', () => {
  const roundTrip = new RoundTrip();
  assert.deepEqual(
    [1, 2, 3, 9].map((attempts) => roundTrip.timeout(attempts)),
    [1000, 2000, 4000, 8000],
  );
  for (let count = 0; count < 50; count++) roundTrip.measured(5);
  assert.equal(roundTrip.timeout(1), 500);
  assert.equal(roundTrip.timeout(2), 1000);
  for (let count = 0; count < 50; count++) roundTrip.measured(count % 2 === 0 ? 1500 : 2500);
  assert.ok(roundTrip.timeout(1) > 2500);
});

test('a queue gives in the order in which it took', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 300 }), (pushes) => {
      const fifo = new Fifo<number>();
      const array: number[] = [];
      for (const [index, push] of pushes.entries()) {
        if (push) {
          fifo.push(index);
          array.push(index);
        } else {
          assert.equal(fifo.peek(), array[0]);
          assert.equal(fifo.shift(), array.shift());
        }
        assert.equal(fifo.length, array.length);
      }
    }),
  );
});

const outgoing = (sentAt: number): Outgoing => ({
  peer: { address: '192.0.2.1', port: 623, family: 4 },
  settled: false,
  begins: false,
  flying: false,
  sentAt,
  nextPacket: () => Buffer.alloc(0),
  refused: () => undefined,
  fail: () => undefined,
});

test('as many packets as are answered promptly are under way, and silent ones count for a moment only', () => {
  const flight = new Flight();
  const packets = Array.from({ length: 512 }, () => outgoing(0));
  for (const packet of packets) flight.started(packet);
  assert.ok(flight.full);
  flight.landed(packets[7] as Outgoing);
  flight.landed(packets[7] as Outgoing);
  assert.ok(!flight.full);
  flight.started(outgoing(0));
  flight.clear(99);
  assert.ok(flight.full);
  flight.clear(100);
  assert.ok(!flight.full);
});

test('what a part of a budget spends is spent of the whole, and never more than that has', () => {
  const whole = new Budget(100);
  const part = whole.part(0.4);
  assert.equal(part.left, 40);
  part.spend(30);
  assert.deepEqual([part.left, whole.left], [10, 70]);
  whole.spend(65);
  assert.deepEqual([part.left, whole.left], [5, 5]);
  part.spend(50);
  assert.deepEqual([part.left, whole.left], [0, 0]);
});

test('the time in which a packet waits for room does not count against the BMC', async () => {
  const wheel = new TimerWheel(1, true);
  const queued: Outgoing[] = [];
  const sender = { wheel, enqueue: (exchange: Outgoing) => void queued.push(exchange), landed: () => undefined };
  const budget = new Budget(20);
  const { peer } = outgoing(0);
  const makePacket = () => Buffer.alloc(1);
  const exchange = new Exchange<string>({ peer, what: 'test', makePacket, roundTrip: new RoundTrip(), budget }, sender);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.deepEqual([queued.length, exchange.settled, budget.left], [1, false, 20]);
  queued[0]?.nextPacket(performance.now());
  await assert.rejects(exchange.answered, (error) => {
    return error instanceof TimeoutError && error.attempts === 1 && error.milliseconds >= 20;
  });
  assert.equal(budget.left, 0);
});

test('turns are taken in order, and a signal leaves the line', async () => {
  const turns = new Turns();
  const order: string[] = [];
  await turns.take();
  const controller = new AbortController();
  const first = turns.take().then(() => order.push('first'));
  const gone = turns.take(controller.signal);
  const second = turns.take().then(() => order.push('second'));
  controller.abort(new Error('left'));
  await assert.rejects(gone, /left/);
  await assert.rejects(turns.take(controller.signal), /left/);
  turns.give();
  await first;
  turns.give();
  await second;
  assert.deepEqual(order, ['first', 'second']);
  assert.ok(turns.busy);
  turns.give();
  assert.ok(!turns.busy);
});

test('requests that only read are known; power, resets and what is unknown are not among them', () => {
  assert.ok(onlyReads(0x06, 0x01, undefined));
  assert.ok(onlyReads(0x0a, 0x43, undefined));
  assert.ok(onlyReads(0x2c, 0x02, Buffer.of(0xdc, 1, 0, 0)));
  for (const [netFn, command] of [
    [0x00, 0x02],
    [0x00, 0x08],
    [0x06, 0x02],
    [0x06, 0x33],
    [0x0a, 0x47],
    [0x2c, 0x02],
    [0x30, 0x01],
  ] as const) {
    assert.ok(!onlyReads(netFn, command, Buffer.of(0)));
  }
});

test('addresses are brought into the form of the socket', async () => {
  assert.deepEqual(await resolvePeer('127.0.0.1', 1), { address: '127.0.0.1', port: 1, family: 4 });
  assert.deepEqual(await resolvePeer('FD00:0:0::01', 1), { address: 'fd00::1', port: 1, family: 6 });
  assert.deepEqual(await resolvePeer('fe80::1%lo', 1), { address: 'fe80::1%lo', port: 1, family: 6 });
});
