// Images: references that are allowed, checksums in every form, reachability, the cache, and the boot file server.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { findChecksum, parseChecksum } from '../src/boot/checksum.ts';
import { createFileCache } from '../src/boot/file-cache.ts';
import { readReference } from '../src/boot/file-reference.ts';
import { type FileRequest, parseRange, startFileServer } from '../src/boot/http-server.ts';
import { createBootServices } from '../src/boot/services.ts';
import { headUrl, WebError, webOptions } from '../src/boot/web.ts';
import { loadConfig } from '../src/config/index.ts';
import { preparedImage } from '../src/drivers/agent/image-info.ts';
import { forgetImage, imageServer, prepareImage, validateImage } from '../src/drivers/agent/image-preparation.ts';
import { silentLog } from './support/conductor.ts';
import { testNode, testTask } from './support/task.ts';

const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');
const digest = sha256('an image');

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'wrought-images-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A web server with the given files; counts what is asked of it. */
async function webServer(t: TestContext, files: Record<string, string>) {
  const asked: string[] = [];
  const server = createServer((req, response) => {
    asked.push(`${req.method} ${req.url}`);
    const content = files[req.url ?? ''];
    if (content?.startsWith('-> ')) {
      response.writeHead(302, { location: content.slice(3) }).end();
    } else if (content === undefined) {
      response.writeHead(404).end();
    } else {
      response.writeHead(200, { etag: `"${sha256(content)}"`, 'content-length': content.length });
      response.end(req.method === 'HEAD' ? undefined : content);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

test('a redirection to what is no URL is an error that names it', async (t) => {
  const web = await webServer(t, { '/a': '-> http://[' });
  const options = { guard: null, verifyCa: true, timeoutSeconds: 5 };
  await assert.rejects(headUrl(`${web.url}/a`, options), (error) => {
    assert.ok(error instanceof WebError);
    assert.equal(error.message, `HEAD ${web.url}/a was redirected to "http://[", which is no URL`);
    return true;
  });
});

test('a URL of a user leads to no link-local or denied address: not by itself, nor by a name, nor by a redirection', async (t) => {
  const web = await webServer(t, { '/a': 'an image', '/meta': '-> http://169.254.169.254/latest/meta-data' });
  const options = webOptions(loadConfig({ dataDirectory: '/nonexistent', set: [] }));
  assert.equal(
    (await headUrl(`${web.url}/a`, options)).contentLength,
    8,
    'an image server on the same machine may be asked',
  );
  const denied = [
    ['http://169.254.169.254/', '169.254.0.0/16'],
    // Other ways to write the same.
    ['http://0xa9fea9fe/', '169.254.0.0/16'],
    ['http://[::ffff:169.254.169.254]/', '169.254.0.0/16'],
    ['http://0/', '0.0.0.0/8'],
    ['http://[::]/', '::/128'],
    ['http://[fe80::1]/', 'fe80::/10'],
    ['http://224.0.0.1/', '224.0.0.0/4'],
    ['http://100.100.100.200/', '100.100.100.200/32'],
    [`${web.url}/meta`, '169.254.0.0/16'],
  ] as const;
  for (const [url, network] of denied) {
    await assert.rejects(headUrl(url, options), (error: Error) => {
      assert.ok(error instanceof WebError);
      assert.ok(error.message.includes(`lies in ${network}, to which URLs of users may not lead`), error.message);
      return true;
    });
  }
  const closed = webOptions(
    loadConfig({ dataDirectory: '/nonexistent', set: ['image.denied_networks=["127.0.0.0/8", "::1"]'] }),
  );
  const { port } = new URL(web.url);
  for (const host of ['127.0.0.1', 'localhost']) {
    await assert.rejects(headUrl(`http://${host}:${port}/a`, closed), /(127\.0\.0\.1 lies in 127|::1 lies in ::1)/);
  }
  const proxied = { ...closed, proxy: `http://localhost:${port}` };
  await assert.rejects(headUrl('http://images.invalid/a', proxied), /lies in/);
  assert.equal(web.asked.length, 2, 'what is denied was not asked');
  await assert.rejects(
    async () => loadConfig({ dataDirectory: '/nonexistent', set: ['image.denied_networks=["10/8"]'] }),
    {
      message: /image\.denied_networks.*"10\/8" is no network; allowed: an address, or one with a length/s,
    },
  );
});

async function setUp(t: TestContext, set: readonly string[] = []) {
  const directory = await temporaryFolder(t);
  const config = loadConfig({ dataDirectory: directory, set: ['deploy.http_url=http://10.0.0.1:8088', ...set] });
  const { environment } = await createBootServices({ config: () => config, log: silentLog });
  const taskFor = (instance_info: Record<string, unknown>) => testTask({ config, node: { instance_info } }).task;
  return { directory, config, environment, taskFor };
}

test('an image from a URL is checked where it is, and its digest kept', async (t) => {
  const web = await webServer(t, { '/a.qcow2': 'an image', '/old.qcow2': '-> /a.qcow2' });
  const { environment, taskFor } = await setUp(t);
  const task = taskFor({
    image_source: `${web.url}/old.qcow2`,
    image_os_hash_algo: 'sha256',
    image_os_hash_value: digest,
  });
  task.learn(await prepareImage(task, environment));
  assert.deepEqual(preparedImage(task.node), {
    url: `${web.url}/old.qcow2`,
    os_hash_algo: 'sha256',
    os_hash_value: digest,
  });
  assert.ok(web.asked.every((line) => line.startsWith('HEAD')));
});

test('what is wrong with an image is said before a machine is powered', async (t) => {
  const web = await webServer(t, {
    '/a.qcow2': 'an image',
    '/SHA256SUMS': `${digest}  other.qcow2\n${digest}  more.qcow2\n`,
    '/loop': '-> /loop',
    '/file': '-> file:///etc/passwd',
  });
  const { taskFor, directory, environment } = await setUp(t, ['agent.allow_md5_checksum=false']);
  const good = { image_source: `${web.url}/a.qcow2`, image_checksum: digest };
  const cases: [Record<string, unknown>, RegExp][] = [
    [{}, /lacks instance_info\/image_source/],
    [{ image_source: `${web.url}/a.qcow2` }, /needs a checksum/],
    [{ ...good, image_source: `${web.url}/none` }, /127\.0\.0\.1.*\/none was answered with status 404/],
    [{ ...good, image_source: 'http://127.0.0.1:1/a' }, /127\.0\.0\.1:1\/a failed: .*ECONNREFUSED/],
    [{ ...good, image_source: `${web.url}/loop` }, /redirected more than 5 times/],
    [{ ...good, image_source: `${web.url}/file` }, /not http or https/],
    [{ ...good, image_source: 'file:///etc/passwd' }, /is not allowed.*file_url_allowed_paths/],
    [{ ...good, image_source: 'oci://registry/a' }, /does not speak with/],
    [{ ...good, image_source: '6ba7b810-9dad-11d1-80b4-00c04fd430c8' }, /does not speak with/],
    [{ ...good, image_source: 'ftp://a/b' }, /neither an http, https or file URL/],
    [{ ...good, image_checksum: 'xyz' }, /"xyz" is no digest.*sha256/],
    [{ ...good, image_checksum: `sha256:${'0'.repeat(63)}` }, /is no digest/],
    [{ ...good, image_checksum: '0'.repeat(32) }, /MD5.*allow_md5_checksum/],
    [{ ...good, image_checksum: `${web.url}/SHA256SUMS` }, /SHA256SUMS has no entry for "a\.qcow2"/],
    [{ ...good, image_checksum: `${web.url}/missing` }, /missing was answered with status 404/],
    [{ ...good, image_os_hash_algo: 'crc', image_os_hash_value: '0' }, /image_os_hash_algo is "crc"; allowed: md5/],
    [{ ...good, image_os_hash_algo: 'sha512', image_os_hash_value: digest }, /no sha512 digest/],
    [{ ...good, image_type: 'partition' }, /whole disk images/],
    [{ ...good, kernel: 'k', ramdisk: 'r' }, /whole disk images/],
    [{ ...good, swap_mb: 5 }, /swap_mb/],
    [{ ...good, image_download_source: 'swift' }, /"swift"; allowed: http, local/],
  ];
  for (const [instance_info, expected] of cases) {
    await assert.rejects(prepareImage(taskFor(instance_info), environment), expected, JSON.stringify(instance_info));
  }
  const withPassword = taskFor({ ...good, image_source: `${web.url.replace('//', '//user:hidden@')}/none` });
  await assert.rejects(validateImage(withPassword), (error: Error) => !error.message.includes('hidden'));
  assert.deepEqual(await readdir(directory), []);
});

test('a file of checksums is read', async (t) => {
  const web = await webServer(t, { '/a.qcow2': 'an image', '/SUMS': `SHA256 (a.qcow2) = ${digest.toUpperCase()}\n` });
  const { environment, taskFor } = await setUp(t);
  const task = taskFor({ image_source: `${web.url}/a.qcow2`, image_checksum: `${web.url}/SUMS` });
  task.learn(await prepareImage(task, environment));
  assert.equal(preparedImage(task.node)?.os_hash_value, digest);
});

test('a file image is served by us, with a digest of our own, until it is forgotten', async (t) => {
  const { directory, config, environment, taskFor } = await setUp(t);
  await mkdir(join(directory, 'images'));
  const file = join(directory, 'images/a.raw');
  await writeFile(file, 'an image');
  const task = taskFor({ image_source: `file://${file}` });
  task.learn(await prepareImage(task, environment));
  const name = `agent_images/${task.node.uuid}/image`;
  assert.deepEqual(preparedImage(task.node), {
    url: `http://10.0.0.1:8088/${name}`,
    os_hash_algo: 'sha256',
    os_hash_value: digest,
    conductor: config.conductor.host,
  });
  assert.equal(await readFile(join(directory, 'httpboot', name), 'utf8'), 'an image');
  task.learn(await forgetImage(task, environment));
  assert.equal(preparedImage(task.node), null);
  await assert.rejects(stat(join(directory, 'httpboot', name)));
});

test('the server of an image is that from which the machine fetches it', async (t) => {
  const { config } = await setUp(t);
  const of = (instance_info: Record<string, unknown>) => imageServer(testNode({ instance_info }), config);
  const image_source = 'https://images.example.org:8443/a.qcow2';
  assert.equal(of({ image_source }), 'images.example.org:8443');
  assert.equal(of({ image_source, image_download_source: 'local' }), '10.0.0.1:8088');
  assert.equal(of({ image_source: 'file:///a.raw' }), '10.0.0.1:8088');
  assert.equal(of({ image_source, image_download_source: 'swift' }), null);
  assert.equal(of({ image_source: 'http://[' }), '10.0.0.1:8088');
  assert.equal(of({}), null);
});

test('"local" brings the image here first', async (t) => {
  const web = await webServer(t, { '/a.raw': 'an image' });
  const { directory, environment, taskFor } = await setUp(t);
  const info = { image_source: `${web.url}/a.raw`, image_checksum: digest, image_download_source: 'local' };
  const [one, two] = [taskFor(info), taskFor(info)];
  await prepareImage(one, environment);
  await prepareImage(two, environment);
  for (const { node } of [one, two]) {
    assert.equal(await readFile(join(directory, 'httpboot/agent_images', node.uuid, 'image'), 'utf8'), 'an image');
  }
  assert.equal(web.asked.filter((line) => line.startsWith('GET')).length, 1, 'one download for both');
});

test('references lead nowhere they should not', async (t) => {
  const folder = await temporaryFolder(t);
  const allowed = join(folder, 'images');
  await mkdir(allowed);
  await writeFile(join(allowed, 'ok'), '');
  await writeFile(join(folder, 'secret'), '');
  await symlink(join(folder, 'secret'), join(allowed, 'link'));
  const config = loadConfig({ set: [`conductor.file_url_allowed_paths=["${allowed}"]`] });
  assert.deepEqual(await readReference('it', `file://${allowed}/ok`, config), {
    kind: 'path',
    path: join(allowed, 'ok'),
  });
  for (const [reference, expected] of [
    [`file://${allowed}/link`, /is not allowed/],
    [`file://${allowed}/../secret`, /is not allowed/],
    [`${folder}/secret`, /is not allowed/],
    [`${folder}/images-not`, /does not exist/],
    ['relative/path', /neither/],
  ] as const) {
    await assert.rejects(readReference('it', reference, config), expected, reference);
  }
});

/** Makes files look as if they were used last so long ago. */
async function ageFiles(folder: string, minutes: number): Promise<void> {
  const time = new Date(Date.now() - minutes * 60_000);
  for (const name of await readdir(folder)) {
    await utimes(join(folder, name), time, time);
  }
}

test('the cache follows its source, shares copies, and lets go of unused ones', async (t) => {
  const folder = await temporaryFolder(t);
  const cache = createFileCache(join(folder, '.cache'));
  const web = webOptions(loadConfig());
  const source = { kind: 'path', path: join(folder, 'kernel') } as const;
  await writeFile(source.path, 'one');
  await Promise.all(['a', 'b', 'c'].map((name) => cache.place(source, join(folder, name, 'kernel'), web)));
  assert.equal((await readdir(join(folder, '.cache'))).length, 1);
  assert.equal((await stat(join(folder, 'a/kernel'))).ino, (await stat(join(folder, 'b/kernel'))).ino);
  await writeFile(source.path, 'two, longer');
  await cache.place(source, join(folder, 'a', 'kernel'), web);
  assert.equal(await readFile(join(folder, 'a/kernel'), 'utf8'), 'two, longer');
  assert.equal(await readFile(join(folder, 'b/kernel'), 'utf8'), 'one');
  assert.deepEqual(await readdir(join(folder, 'a')), ['kernel'], 'nothing temporary stays');
  await rm(join(folder, 'b'), { recursive: true });
  await rm(join(folder, 'c'), { recursive: true });
  const bounds = { maxAgeMinutes: 60, maxMebibytes: 1 };
  await cache.prune(bounds);
  assert.equal((await readdir(join(folder, '.cache'))).length, 2, 'what was just asked for stays');
  await ageFiles(join(folder, '.cache'), 61);
  await cache.prune(bounds);
  assert.equal((await readdir(join(folder, '.cache'))).length, 1);
  assert.equal(await readFile(join(folder, 'a/kernel'), 'utf8'), 'two, longer');
  const missing = { kind: 'path', path: join(folder, 'none') } as const;
  await assert.rejects(cache.place(missing, join(folder, 'd/kernel'), web), /none can not be read: .*ENOENT/);
});

test('a cache over its size lets go of what was unused longest, and of no file of a node', async (t) => {
  const folder = await temporaryFolder(t);
  const cacheFolder = join(folder, '.cache');
  const cache = createFileCache(cacheFolder);
  const web = webOptions(loadConfig());
  const MEBIBYTE = 1024 * 1024;
  const names = ['used', 'oldest', 'older', 'newer'];
  for (const [index, name] of names.entries()) {
    await writeFile(join(folder, name), Buffer.alloc(MEBIBYTE, name));
    await cache.place({ kind: 'path', path: join(folder, name) }, join(folder, 'nodes', name), web);
    const [entry] = (await readdir(cacheFolder)).filter((each) => !each.startsWith('aged-'));
    await rename(join(cacheFolder, entry ?? ''), join(cacheFolder, `aged-${name}`));
    const time = new Date(Date.now() - (60 - index) * 60_000);
    await utimes(join(cacheFolder, `aged-${name}`), time, time);
  }
  for (const name of names.slice(1)) {
    await rm(join(folder, 'nodes', name));
  }
  await writeFile(join(cacheFolder, 'new-under-way'), '');
  await writeFile(join(cacheFolder, 'new-left-behind'), '');
  const longAgo = new Date(Date.now() - 120 * 60_000);
  await utimes(join(cacheFolder, 'new-left-behind'), longAgo, longAgo);
  await cache.prune({ maxAgeMinutes: 600, maxMebibytes: 2 });
  assert.deepEqual((await readdir(cacheFolder)).sort(), ['aged-newer', 'aged-used', 'new-under-way']);
});

test('checksums in any form are read, and nothing else', () => {
  const lengths = { md5: 32, sha256: 64, sha512: 128 } as const;
  const hex = (length: number) =>
    fc
      .array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length })
      .map((all) => all.join(''));
  const drawn = fc
    .constantFrom('md5', 'sha256', 'sha512')
    .chain((algorithm) => fc.tuple(fc.constant(algorithm), hex(lengths[algorithm as keyof typeof lengths])));
  fc.assert(
    fc.property(drawn, fc.stringMatching(/^[\w.+-]{1,20}$/), ([algorithm, value], name) => {
      const expected = { algorithm, value };
      assert.deepEqual(parseChecksum(value), expected);
      assert.deepEqual(parseChecksum(`${algorithm.toUpperCase()}:${value.toUpperCase()}`), expected);
      for (const line of [
        `${algorithm.toUpperCase()} (${name}) = ${value}`,
        `${value}  ${name}`,
        `${value} *${name}`,
        `${value}  ./${name}`,
        value,
      ]) {
        assert.deepEqual(findChecksum(`# comment\n\n${line}\n`, name), expected, line);
      }
      assert.equal(findChecksum(`${value}  x${name}\n`, name), null);
    }),
  );
  fc.assert(
    fc.property(fc.string(), (text) => {
      const parsed = parseChecksum(text);
      assert.ok(parsed === null || /^[0-9a-f]+$/.test(parsed.value));
      findChecksum(text, 'a');
    }),
  );
});

test('ranges are what the standard says', () => {
  assert.deepEqual(parseRange('bytes=2-4', 10), { start: 2, end: 4 });
  assert.deepEqual(parseRange('bytes=-3', 10), { start: 7, end: 9 });
  assert.deepEqual(parseRange('bytes=8-', 10), { start: 8, end: 9 });
  assert.deepEqual(parseRange('bytes=8-99', 10), { start: 8, end: 9 });
  assert.equal(parseRange('bytes=10-', 10), undefined);
  assert.equal(parseRange(undefined, 10), null);
  assert.equal(parseRange('bytes=1-2,4-5', 10), null);
  fc.assert(
    fc.property(fc.nat(100), fc.nat(100), fc.integer({ min: 1, max: 100 }), (a, b, size) => {
      const range = parseRange(`bytes=${a}-${b}`, size);
      if (range !== null && range !== undefined) {
        assert.ok(range.start <= range.end && range.end < size);
      }
    }),
  );
});

test('the boot file server serves its root, only that, and tells what was fetched', async (t) => {
  const folder = await temporaryFolder(t);
  const root = join(folder, 'root');
  await mkdir(join(root, '.cache'), { recursive: true });
  await writeFile(join(root, 'kernel'), '0123456789');
  await writeFile(join(root, 'empty'), '');
  await writeFile(join(root, '.cache/x'), 'x');
  await writeFile(join(folder, 'secret'), 's');
  await symlink(join(folder, 'secret'), join(root, 'link'));
  const told: FileRequest[] = [];
  const server = await startFileServer({
    root,
    listen: '127.0.0.1:0',
    onRequest: (each) => void told.push(each),
    onError: (error) => {
      throw error;
    },
  });
  t.after(() => server.close());
  const [, port] = server.address.split(':');
  const ask = (path: string, options: { method?: string; headers?: Record<string, string> } = {}) =>
    new Promise<{ status: number | undefined; body: string; length: string | undefined }>((resolve, reject) => {
      const call = request({ host: '127.0.0.1', port, path, ...options }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode, body, length: response.headers['content-length'] }),
        );
      });
      call.once('error', reject);
      call.end();
    });
  assert.deepEqual(await ask('/kernel'), { status: 200, body: '0123456789', length: '10' });
  assert.deepEqual(await ask('/empty'), { status: 200, body: '', length: '0' });
  assert.deepEqual(await ask('/kernel', { method: 'HEAD' }), { status: 200, body: '', length: '10' });
  assert.deepEqual(await ask('/kernel', { headers: { range: 'bytes=3-5' } }), {
    status: 206,
    body: '345',
    length: '3',
  });
  assert.equal((await ask('/kernel', { headers: { range: 'bytes=20-' } })).status, 416);
  assert.equal((await ask('/kernel', { method: 'PUT' })).status, 405);
  for (const path of [
    '/none',
    '/',
    '/.cache/x',
    '/../secret',
    '/%2e%2e/secret',
    '/link',
    '/%00',
    '/%zz',
    '/kernel/x',
  ]) {
    assert.equal((await ask(path)).status, 404, path);
  }
  assert.deepEqual(told[0], {
    path: 'kernel',
    method: 'GET',
    remoteAddress: '127.0.0.1',
    status: 200,
    bytesSent: 10,
    isComplete: true,
  });
  await assert.rejects(
    startFileServer({ root, listen: server.address, onRequest() {}, onError() {} }),
    /deploy\.http_listen: can not listen on .*another program listens there/,
  );
});
