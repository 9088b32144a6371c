// The Remote Framebuffer Protocol: logging in at servers of each version, letting viewers of each in, and what passes of those who look.
import assert from 'node:assert/strict';
import { duplexPair, Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import fc from 'fast-check';
import { letIn, refuse } from '../src/console/rfb/let-in.ts';
import { answerChallenge, logIn } from '../src/console/rfb/log-in.ts';
import { lookOnly } from '../src/console/rfb/look-only.ts';

const signal = new AbortController().signal;
const reason = (text: string) => [0, 0, 0, text.length, ...Buffer.from(text)];

/** A server that says all this at once, whatever it hears; answers what it heard. */
async function logInAt(password: string | null, line: string, ...bytes: readonly number[]): Promise<number[]> {
  const [server, viewer] = duplexPair();
  server.write(Buffer.concat([Buffer.from(line), Buffer.from(bytes)]));
  await logIn(viewer, { password, signal });
  viewer.end();
  return [...(await buffer(server))];
}

test('a server of each version lets us in without a password', async () => {
  assert.deepEqual(await logInAt(null, 'RFB 003.003\n', 0, 0, 0, 1), [...Buffer.from('RFB 003.003\n')]);
  assert.deepEqual(await logInAt(null, 'RFB 003.005\n', 0, 0, 0, 1), [...Buffer.from('RFB 003.003\n')]);
  assert.deepEqual(await logInAt(null, 'RFB 003.007\n', 2, 5, 1), [...Buffer.from('RFB 003.007\n'), 1]);
  assert.deepEqual(await logInAt(null, 'RFB 003.008\n', 1, 1, 0, 0, 0, 0), [...Buffer.from('RFB 003.008\n'), 1]);
  assert.deepEqual(await logInAt('x', 'RFB 003.889\n', 1, 1, 0, 0, 0, 0), [...Buffer.from('RFB 003.008\n'), 1]);
});

test('a challenge is answered with what counts of the password', async () => {
  const challenge = Buffer.from(Array.from({ length: 16 }, (_, index) => index * 16));
  const answer = answerChallenge(challenge, 'secret12');
  assert.equal(answer.length, 16);
  assert.deepEqual(answerChallenge(challenge, 'secret12 and more'), answer);
  assert.notDeepEqual(answerChallenge(challenge, 'secret13'), answer);
  const sent = await logInAt('secret12', 'RFB 003.008\n', 1, 2, ...challenge, 0, 0, 0, 0);
  assert.deepEqual(sent, [...Buffer.from('RFB 003.008\n'), 2, ...answer]);
  const old = await logInAt('secret12', 'RFB 003.003\n', 0, 0, 0, 2, ...challenge, 0, 0, 0, 0);
  assert.deepEqual(old, [...Buffer.from('RFB 003.003\n'), ...answer]);
});

test('why a server lets nobody in is told', async () => {
  const sixteen = new Array(16).fill(7);
  for (const [password, line, bytes, told] of [
    [null, 'RFB 003.008\n', [0, ...reason('too many viewers')], /it refuses: too many viewers/],
    [null, 'RFB 003.003\n', [0, 0, 0, 0, ...reason('no')], /it refuses: no/],
    [null, 'RFB 003.008\n', [1, 2], /wants a password/],
    ['x', 'RFB 003.008\n', [2, 19, 16], /offers the security VeNCrypt, Tight; None and VNC Authentication/],
    ['x', 'RFB 003.008\n', [1, 99], /type 99/],
    ['x', 'RFB 003.008\n', [1, 2, ...sixteen, 0, 0, 0, 1, ...reason('wrong')], /refuses the password: wrong/],
    ['x', 'RFB 003.007\n', [1, 2, ...sixteen, 0, 0, 0, 1], /refuses the password: it gives no reason/],
    [null, 'HTTP/1.1 400 Bad', [], /speaks no RFB: it begins with "HTTP\/1\.1 40/],
    [null, 'RFB 003.008\n', [0, 255, 255, 255, 255], /no reason that can be read/],
  ] as const) {
    await assert.rejects(logInAt(password, line, ...bytes), told);
  }
});

test('a server that goes in the midst is no success', async () => {
  const [server, viewer] = duplexPair();
  server.end('RFB 003.008\n\u0001');
  await assert.rejects(logIn(viewer, { password: null, signal }), /closed/);
});

test('viewers of each version are let in, and told in their own way when they are not', async () => {
  for (const [line, says, hears] of [
    ['RFB 003.008\n', [1, 0], [1, 1, 0, 0, 0, 0]],
    ['RFB 003.007\n', [1, 1], [1, 1]],
    ['RFB 003.003\n', [1], [0, 0, 0, 1]],
  ] as const) {
    const [server, viewer] = duplexPair();
    viewer.write(Buffer.concat([Buffer.from(line), Buffer.from(says)]));
    await letIn(server, signal);
    server.end();
    assert.deepEqual([...(await buffer(viewer))], [...Buffer.from('RFB 003.008\n'), ...hears]);
  }
  for (const [line, hears] of [
    ['RFB 003.008\n', [0, ...reason('not now')]],
    ['RFB 003.003\n', [0, 0, 0, 0, ...reason('not now')]],
  ] as const) {
    const [server, viewer] = duplexPair();
    viewer.write(line);
    await refuse(server, 'not now', signal);
    assert.deepEqual([...(await buffer(viewer))], [...Buffer.from('RFB 003.008\n'), ...hears]);
  }
  const [server, viewer] = duplexPair();
  viewer.write(Buffer.from('RFB 003.008\n\u0002\u0001'));
  await assert.rejects(letIn(server, signal), /chose the security type 2/);
});

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const counted = (head: (count: number) => number[], each: number) =>
  fc.integer({ min: 0, max: 20 }).chain((count) => bytes(count * each).map((rest) => [...head(count), ...rest]));
const asking = fc.oneof(
  bytes(19).map((rest) => [0, ...rest]),
  counted((count) => [2, 0, 0, count], 4),
  bytes(9).map((rest) => [3, ...rest]),
  bytes(9).map((rest) => [150, ...rest]),
  counted((count) => [248, 0, 0, 0, 0, 0, 0, 0, count], 1),
);
const acting = fc.oneof(
  bytes(7).map((rest) => [4, ...rest]),
  bytes(5).map((rest) => [5, ...rest]),
  counted((count) => [6, 0, 0, 0, 0, 0, 0, count], 1),
  // The extended clipboard counts below zero.
  counted((count) => [6, 0, 0, 0, ...(count === 0 ? [0, 0, 0, 0] : [255, 255, 255, 256 - count])], 1),
  bytes(3).map((rest) => [250, ...rest]),
  counted((count) => [251, 0, 0, 0, 0, 0, count, 0], 16),
  bytes(10).map((rest) => [255, 0, ...rest]),
  fc.constantFrom([255, 1, 0, 0], [255, 1, 0, 1], [255, 1, 0, 2, 3, 2, 0, 0, 1, 1]),
);

test('of all that a viewer sends, in whatever pieces, only what asks for pictures passes', async () => {
  const message = fc.oneof(
    asking.map((each) => ({ each, passes: true })),
    acting.map((each) => ({ each, passes: false })),
  );
  const property = fc.asyncProperty(fc.array(message), fc.integer({ min: 1, max: 50 }), async (messages, piece) => {
    const all = Buffer.from(messages.flatMap(({ each }) => each));
    const pieces = Array.from({ length: Math.ceil(all.length / piece) }, (_, at) =>
      all.subarray(at * piece, (at + 1) * piece),
    );
    const passed = await buffer(Readable.from(pieces).pipe(lookOnly()));
    const expected = Buffer.from(messages.filter(({ passes }) => passes).flatMap(({ each }) => each));
    assert.deepEqual(passed, expected);
  });
  await fc.assert(property, { numRuns: 200 });
});

test('a message that is not known ends it, since it might act', async () => {
  const filter = lookOnly();
  filter.write(Buffer.of(77, 1, 2, 3));
  await assert.rejects(buffer(filter), /message of type 77/);
});
