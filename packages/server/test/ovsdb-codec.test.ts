// OVSDB on the wire: values survive it, objects are found however the bytes come, and what is no OVSDB is refused.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { connectOvsdb } from '../src/network/switches/ovsdb/client.ts';
import { createJsonStream } from '../src/network/switches/ovsdb/json-stream.ts';
import { type Atom, decodeRow, decodeValue, encodeRow, encodeValue } from '../src/network/switches/ovsdb/value.ts';

const reference = fc.record({ kind: fc.constantFrom('uuid', 'named-uuid'), id: fc.uuid() }, { noNullPrototype: true });
const atom: fc.Arbitrary<Atom> = fc.oneof(fc.string({ unit: 'grapheme' }), fc.integer(), fc.boolean(), reference);
const value = fc.oneof(
  atom,
  fc.array(atom),
  fc.uniqueArray(fc.tuple(fc.string(), atom), { selector: ([key]) => key }).map((pairs) => new Map(pairs)),
);

test('what is encoded is decoded as it was', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ minLength: 1 }), value, { noNullPrototype: true }), (row) => {
      assert.deepEqual(decodeRow(JSON.parse(JSON.stringify(encodeRow(row)))), row);
    }),
  );
});

test('what is none of its values is refused', () => {
  for (const json of [null, [], ['set', [null]], ['map', [['a']]], ['uuid', 7], { a: 1 }, ['set', [['set', []]]]]) {
    assert.throws(() => decodeValue(json), TypeError, JSON.stringify(json));
  }
  assert.deepEqual(encodeValue([]), ['set', []]);
  assert.throws(() => decodeRow([1]), TypeError);
});

test('objects are found wherever the stream is cut', () => {
  const json = fc.oneof(
    fc.dictionary(
      fc.string(),
      fc.json().map((text) => JSON.parse(text)),
    ),
    fc.array(fc.string()),
  );
  fc.assert(
    fc.property(fc.array(json), fc.array(fc.nat(30)), fc.constantFrom('', '\n', ' \t'), (objects, cuts, between) => {
      const bytes = Buffer.from(objects.map((each) => JSON.stringify(each)).join(between));
      const take = createJsonStream();
      const found: unknown[] = [];
      let at = 0;
      for (const length of [...cuts, bytes.length]) {
        found.push(...take(bytes.subarray(at, at + length)));
        at += length;
      }
      assert.deepEqual(found, JSON.parse(JSON.stringify(objects)));
    }),
  );
});

test('text that is no JSON object is refused at once', () => {
  for (const text of ['SSH-2.0-OpenSSH', '7', '"a"', '}{', ' null']) {
    assert.throws(() => createJsonStream()(Buffer.from(text)), SyntaxError, text);
  }
});

/** A server that does this with each connection. */
async function listen(t: { after(work: () => void): void }, serve: Parameters<Server['on']>[1]) {
  const server = createServer(serve as never).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  const address = server.address();
  return { kind: 'tcp', host: '127.0.0.1', port: typeof address === 'object' ? (address?.port ?? 0) : 0 } as const;
}

/** Answers to each request of a client: that it is there when it asks so, and to a transaction what is given here. */
function answer(socket: Socket, transaction: string): void {
  const take = createJsonStream();
  socket.on('data', (bytes: Buffer) => {
    for (const { id, method } of take(bytes) as { id: number; method?: string }[]) {
      if (method !== undefined) {
        socket.write(`{"id":${id},${method === 'echo' ? '"result":[],"error":null' : transaction}}`);
      }
    }
  });
}

test('echoes of the server are answered, and answers of no request are left alone', async (t) => {
  const said: string[] = [];
  const place = await listen(t, (socket: Socket) => {
    socket.on('error', () => {});
    socket.write('{"id":"echo","method":"echo","params":["here?"]} {"id":99,"result":[],"error":null}');
    socket.on('data', (bytes: Buffer) => void said.push(String(bytes)));
    answer(socket, '"result":[{"rows":[{"name":"a"}]}],"error":null');
  });
  const client = await connectOvsdb(place, { timeoutSeconds: 10 });
  const select = { op: 'select', table: 'Port', where: [], columns: ['name'] } as const;
  assert.deepEqual(await client.transact('Open_vSwitch', [select]), [{ rows: [{ name: 'a' }], count: 0 }]);
  await client.close();
  assert.match(said.join(''), /"id":"echo","result":\["here\?"\]/);
});

test('a server that says something else, refuses, or goes away is told by its address', async (t) => {
  const answers = [
    ['"result":null,"error":"unknown database"', /a request was refused: "unknown database"/],
    ['"result":[{"error":"constraint violation","details":"no"}],"error":null', /select in table Port.*no/],
    ['"result":[{}, {"error":"aborted"}],"error":null', /refused at the whole: aborted/],
  ] as const;
  for (const [text, expected] of answers) {
    const place = await listen(t, (socket: Socket) => {
      socket.on('error', () => {});
      answer(socket, text);
    });
    const client = await connectOvsdb(place, { timeoutSeconds: 10 });
    const select = { op: 'select', table: 'Port', where: [], columns: ['name'] } as const;
    await assert.rejects(client.transact('Open_vSwitch', [select]), expected);
    await client.close();
  }
  const hangingUp = await listen(t, (socket: Socket) => {
    socket.on('error', () => {});
    socket.on('data', () => socket.destroy());
  });
  await assert.rejects(connectOvsdb(hangingUp, { timeoutSeconds: 10 }), /the connection was closed/);
  const other = await listen(t, (socket: Socket) => {
    socket.on('error', () => {});
    socket.write('SSH-2.0-switch\r\n');
  });
  await assert.rejects(connectOvsdb(other, { timeoutSeconds: 10 }), /tcp:127\.0\.0\.1:\d+: what came is no OVSDB/);
});
