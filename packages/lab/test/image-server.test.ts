// The image server serves ranges, counts what it sent, and breaks as it is told.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { parseRange } from '../src/image-server/file-service.ts';
import { type ImageServer, startImageServer } from '../src/index.ts';
import { bringUp, type TestLab } from './support.ts';

const deadlineSeconds = 30;
const path = '/images/disk.raw';
const content = randomBytes(3 * 1024 * 1024 + 17);

let testLab: TestLab;
let server: ImageServer;

before(async () => {
  testLab = await bringUp({ machines: 0 });
  const root = join(testLab.lab.directory, 'files');
  mkdirSync(join(root, 'images'), { recursive: true });
  writeFileSync(join(root, path), content);
  server = await startImageServer({ namespace: testLab.lab.record.namespace, root, listen: '10.99.0.1:0' });
});
after(async () => {
  await server.close();
  await testLab.remove();
});

interface Fetched {
  status?: number;
  bytes: number;
  sha256: string;
  error?: string;
}

// Runs inside the namespace, because only there the server can be reached.
const fetchProgram = `
  const { createHash } = require('node:crypto');
  const [url, range] = process.argv.slice(1);
  const hash = createHash('sha256');
  const result = { bytes: 0 };
  (async () => {
    try {
      const response = await fetch(url, { headers: range ? { range } : {} });
      result.status = response.status;
      for await (const chunk of response.body) { hash.update(chunk); result.bytes += chunk.length; }
    } catch (error) { result.error = String(error.cause ?? error); }
    result.sha256 = hash.digest('hex');
    console.log(JSON.stringify(result));
  })();
`;

async function get(file: string, range = ''): Promise<Fetched> {
  const { stdout } = await testLab.lab.run(process.execPath, ['-e', fetchProgram, server.url + file, range]);
  return JSON.parse(stdout) as Fetched;
}

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

test('serves whole files and ranges, and counts them', async () => {
  assert.deepEqual(await get(path), { bytes: content.length, status: 200, sha256: digest(content) });
  const part = await get(path, 'bytes=1000000-');
  assert.deepEqual(part, { bytes: content.length - 1000000, status: 206, sha256: digest(content.subarray(1000000)) });
  assert.equal((await get(path, 'bytes=99999999-')).status, 416);
  assert.equal((await get('/images/none')).status, 404);
  assert.equal((await get('/../../etc/passwd')).status, 404);
  const statistics = await server.statistics(path);
  assert.equal(statistics.completed, 2);
  assert.equal(statistics.bytesServed, content.length * 2 - 1000000);
  assert.deepEqual(statistics.ranges, ['bytes=1000000-', 'bytes=99999999-']);
});

test('answers with an error status, and cuts the connection after so many bytes', async () => {
  await server.setFault(path, { status: 503 });
  assert.equal((await get(path)).status, 503);
  await server.setFault(path, { cutAfterBytes: 500000 });
  const cut = await get(path);
  assert.equal(cut.bytes, 500000);
  assert.match(cut.error ?? '', /other side closed|terminated|ECONNRESET/);
  await server.setFault(path, {});
  assert.equal((await get(path)).sha256, digest(content));
});

test('holds a download until it is released, and says when it is there', async () => {
  const before = await server.statistics(path);
  await server.setFault(path, { holdAfterBytes: 1000000 });
  const download = get(path);
  const held = await server.waitFor(path, { held: 1 }, deadlineSeconds);
  assert.equal(held.bytesServed - before.bytesServed, 1000000);
  await assert.rejects(server.waitFor(path, { completed: before.completed + 1 }, 0.1), /did not reach .* only/);
  await server.release(path);
  assert.equal((await download).sha256, digest(content));
  const done = await server.waitFor(path, { completed: before.completed + 1 }, deadlineSeconds);
  assert.equal(done.held, 0);
});

test('keeps to a rate', async () => {
  const before = await server.statistics(path);
  await server.setFault(path, { bytesPerSecond: 200_000, delayMilliseconds: 10 });
  const download = get(path);
  const some = await server.waitFor(path, { bytesServed: before.bytesServed + 100_000 }, deadlineSeconds);
  assert.ok(some.bytesServed - before.bytesServed < content.length, 'the rest is still to come');
  await server.close();
  assert.notEqual((await download).error, undefined, 'a server that ends cuts its downloads');
});

test('a range never leaves the file', () => {
  const bound = fc.option(fc.nat({ max: 5000 }), { nil: undefined });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4000 }), bound, bound, (size, from, to) => {
      const range = parseRange(`bytes=${from ?? ''}-${to ?? ''}`, size);
      if (range === undefined) return;
      assert.ok(range.start >= 0 && range.start <= range.end && range.end < size);
    }),
  );
});
