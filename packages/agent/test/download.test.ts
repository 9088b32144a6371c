// Downloads go on after broken connections and absences, and give up with words.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, beforeEach, suite, test } from 'node:test';
import type { ImageInfo } from '@wrought/contract';
import { type Download, openDownload } from '../src/image/download.ts';
import { type FakeServer, startFakeServer } from './support/fake-server.ts';
import { quietLog } from './support/fake-tools.ts';

const LIMITS = {
  imageConnectionTimeoutSeconds: 5,
  imageConnectionRetries: 3,
  imageRetryIntervalSeconds: 0.05,
  insecure: false,
  cafile: null,
};

async function readAll(download: Download): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of download.chunks) chunks.push(chunk);
  return Buffer.concat(chunks);
}

suite('image downloads', () => {
  const content = randomBytes(1_000_000);
  let server: FakeServer;
  let image: ImageInfo;
  before(async () => {
    server = await startFakeServer();
    image = { id: 'the-image', urls: [`http://127.0.0.1:${server.port}/i`] };
  });
  beforeEach(() => {
    server.requests.length = 0;
    server.images.set('/i', { content });
  });
  after(() => server.close());

  test('a whole image with its size', async () => {
    const download = await openDownload(image, LIMITS, quietLog);
    assert.equal(download.sizeBytes, content.length);
    assert.ok((await readAll(download)).equals(content));
  });

  test('a broken connection is taken up where it broke', async () => {
    server.images.set('/i', { content, breaksAfterBytes: [300_000, 200_000] });
    assert.ok((await readAll(await openDownload(image, LIMITS, quietLog))).equals(content));
    const ranges = server.requests.map((line) => line.split(' ')[3]);
    assert.deepEqual(ranges, ['-', 'bytes=300000-', 'bytes=500000-']);
  });

  test('a server without ranges sends all again, and what is known is skipped', async () => {
    server.images.set('/i', { content, breaksAfterBytes: [300_000], ignoresRanges: true });
    assert.ok((await readAll(await openDownload(image, LIMITS, quietLog))).equals(content));
  });

  test('passing errors are waited out', async () => {
    server.nextStatuses.set('/i', [503, 503]);
    assert.ok((await readAll(await openDownload(image, LIMITS, quietLog))).equals(content));
  });

  test('the second URL is taken when the first is not there', async () => {
    const both = { ...image, urls: [`http://127.0.0.1:${server.port}/absent`, ...image.urls] };
    assert.equal((await openDownload(both, LIMITS, quietLog)).url, image.urls[0]);
  });

  test('an image that is not there fails at once, with URL and status', async () => {
    const absent = { ...image, urls: [`http://127.0.0.1:${server.port}/absent`] };
    await assert.rejects(openDownload(absent, LIMITS, quietLog), /the-image.*\/absent was answered 404/);
    assert.equal(server.requests.length, 1);
  });

  test('an absent server fails after its retries, with URL and reason', async () => {
    const gone = await startFakeServer();
    await gone.close();
    const absent = { ...image, urls: [`http://127.0.0.1:${gone.port}/i`] };
    await assert.rejects(
      openDownload(absent, LIMITS, quietLog),
      new RegExp(`4 times.*GET http://127.0.0.1:${gone.port}/i: .*ECONNREFUSED`),
    );
  });

  test('an absence in the middle is waited out', async () => {
    const first = await startFakeServer();
    first.images.set('/i', { content, breaksAfterBytes: [400_000] });
    const { port } = first;
    const download = await openDownload(
      { ...image, urls: [`http://127.0.0.1:${port}/i`] },
      { ...LIMITS, imageConnectionRetries: 200 },
      quietLog,
    );
    const start = await download.chunks.next();
    await first.close();
    const second = await startFakeServer(port);
    second.images.set('/i', { content });
    const rest = await readAll(download);
    await second.close();
    assert.ok(Buffer.concat([start.value ?? Buffer.alloc(0), rest]).equals(content));
  });
});
