// Calls between processes: they carry what the doors take and answer, and only who has the key of the installation is heard.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { connect } from 'node:tls';
import { type Node, RegisteredError, registeredError } from '@wrought/contract';
import { ConductorUnreachableError, createCallClient } from '../../src/cluster/call-client.ts';
import { createCallServer } from '../../src/cluster/call-server.ts';
import { vendorAnswerFromWire } from '../../src/cluster/methods.ts';
import { clientOptions } from '../../src/cluster/pre-shared-key.ts';
import type { Doors } from '../../src/flows/doors.ts';

const key = randomBytes(32);
const node = { uuid: 'a-node' } as Node;
const log = { info() {}, warn() {}, error() {} };

/** Doors that have what a test gives them, and nothing else. */
const doorsWith = (given: { start?: object; call?: object; signal?: object }) => given as unknown as Doors;

async function serve(t: TestContext, doors: Doors | undefined) {
  const calls = createCallServer({ key, hostname: 'c-1', log });
  calls.server.listen(0, '127.0.0.1');
  await once(calls.server, 'listening');
  if (doors !== undefined) {
    calls.serve(doors);
  }
  t.after(() => calls.close(0));
  const { port } = calls.server.address() as AddressInfo;
  return { calls, port, target: { hostname: 'c-1', internalUrl: `https://127.0.0.1:${port}` } };
}

function newClient(t: TestContext, options: { key?: Buffer; seconds?: number } = {}) {
  const client = createCallClient(options.key ?? key, () => options.seconds ?? 10);
  t.after(() => client.close());
  return client;
}

test('arguments and answers arrive as they are, also large ones', async (t) => {
  const seen: unknown[] = [];
  const text = '€'.repeat(1_000_000);
  const doors = doorsWith({
    start: {
      provision: async (asked: unknown) => {
        seen.push(asked);
      },
    },
    call: { supportedBootDevices: async (asked: unknown) => [asked, text] },
  });
  const { target } = await serve(t, doors);
  const client = newClient(t);
  const asked = { node, verb: 'active', configdrive: text, requester: { requestId: 'r', user: null, project: null } };
  assert.equal(await client.call(target, 'start.provision', [asked]), null);
  assert.deepEqual(seen, [asked]);
  assert.deepEqual(await client.call(target, 'call.supportedBootDevices', [node]), [node, text]);
});

test('errors of the registry come back as such, others as the failure of that conductor', async (t) => {
  const doors = doorsWith({
    call: {
      validate: async () => {
        throw registeredError('TemporaryFailure', { reason: 'Not now.' }, { retryAfterSeconds: 7 });
      },
      injectNmi: async () => {
        throw new TypeError('x is not a function');
      },
    },
  });
  const { target } = await serve(t, doors);
  const client = newClient(t);
  await assert.rejects(client.call(target, 'call.validate', [node]), (error) => {
    assert.ok(error instanceof RegisteredError);
    assert.deepEqual(
      [error.code, error.status, error.message, error.retryAfterSeconds],
      ['TemporaryFailure', 503, 'Not now.', 7],
    );
    return true;
  });
  await assert.rejects(
    client.call(target, 'call.injectNmi', [node]),
    /^Error: Conductor c-1 failed at call\.injectNmi: x is not a function$/,
  );
});

test('answers of vendor methods keep their kind: JSON, text, bytes', async (t) => {
  const answers = [
    { kind: 'accepted' },
    { kind: 'json', value: { kind: 'text', text: 'a value of a client' } },
    { kind: 'raw', content: 'text' },
    { kind: 'raw', content: Buffer.from([0, 255, 128]) },
  ];
  const doors = doorsWith({ call: { vendor: { callOfNode: async (_node: Node, at: number) => answers[at] } } });
  const { target } = await serve(t, doors);
  const client = newClient(t);
  for (const [at, answer] of answers.entries()) {
    const got = await client.call(target, 'vendor.callOfNode', [node, at]);
    assert.deepEqual(vendorAnswerFromWire(got), answer);
  }
});

test('what is no method of a door can not be called', async (t) => {
  const { target } = await serve(t, doorsWith({ call: {}, start: {} }));
  const client = newClient(t);
  for (const method of ['call.withLock', 'start.constructor', 'nothing', '__proto__', 'call.vendor']) {
    await assert.rejects(client.call(target, method, []), /There is no method/, method);
  }
});

test('a call for another conductor is refused, and one that comes too early', async (t) => {
  const { target } = await serve(t, undefined);
  const client = newClient(t);
  await assert.rejects(
    client.call({ ...target, hostname: 'c-2' }, 'call.validate', []),
    /This is conductor c-1 and not c-2/,
  );
  await assert.rejects(client.call(target, 'call.validate', []), {
    status: 503,
    retryAfterSeconds: 2,
    message: 'Conductor c-1 is starting.',
  });
});

test('what is no call is refused and says what one is', async (t) => {
  const { port } = await serve(t, doorsWith({}));
  for (const [body, code] of [
    ['{', -32_700],
    ['null', -32_600],
    ['{"jsonrpc": "2.0", "id": "1", "method": "call.validate"}', -32_600],
  ] as const) {
    const sending = request({ port, host: '127.0.0.1', method: 'POST', ...clientOptions(key) });
    sending.end(body);
    const [response] = await once(sending, 'response');
    const chunks: Buffer[] = [];
    for await (const chunk of response) {
      chunks.push(chunk);
    }
    assert.equal(JSON.parse(Buffer.concat(chunks).toString()).error.code, code, body);
  }
});

test('without the key nothing is said: not by another key, not by a certificate, not in the clear', async (t) => {
  const { target, port } = await serve(t, doorsWith({ call: { validate: async () => 'secret' } }));
  const stranger = newClient(t, { key: randomBytes(32) });
  await assert.rejects(stranger.call(target, 'call.validate', [node]), ConductorUnreachableError);
  const plainTls = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
  await assert.rejects(once(plainTls, 'secureConnect'), /handshake failure/);
  await assert.rejects(fetch(`http://127.0.0.1:${port}/`));
});

test('a server without the key is not trusted', async (t) => {
  const impostor = createCallServer({ key: randomBytes(32), hostname: 'c-1', log });
  impostor.server.listen(0, '127.0.0.1');
  await once(impostor.server, 'listening');
  t.after(() => impostor.close(0));
  const { port } = impostor.server.address() as AddressInfo;
  const target = { hostname: 'c-1', internalUrl: `https://127.0.0.1:${port}` };
  await assert.rejects(newClient(t).call(target, 'call.validate', [node]), (error) => {
    assert.ok(error instanceof ConductorUnreachableError);
    assert.equal(error.mayHaveBegun, false);
    return true;
  });
});

test('a conductor that does not answer is named with its address and the limit', async (t) => {
  const doors = doorsWith({ call: { validate: () => new Promise(() => {}) } });
  const { target } = await serve(t, doors);
  const client = newClient(t, { seconds: 0.2 });
  await assert.rejects(client.call(target, 'call.validate', [node]), (error) => {
    assert.ok(error instanceof ConductorUnreachableError);
    assert.equal(error.mayHaveBegun, true);
    assert.match(
      error.message,
      /c-1 at https:\/\/127\.0\.0\.1:\d+ .* no answer within 0\.2 s \(cluster\.call_timeout\)/,
    );
    return true;
  });
});
