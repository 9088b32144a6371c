// Firmware images for whatever they are: fetched by the BMC, served by this server, or sent; checked, refused, and taken back.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { RedfishSimulatorOptions } from '@wrought/lab';
import { startFileServer } from '../src/boot/http-server.ts';
import { readFirmwareImages } from '../src/drivers/redfish/firmware-images.ts';
import { untilSaid } from './support/boot-machine.ts';
import { imageOf, imageServer } from './support/firmware-images.ts';
import { startRedfishConductor } from './support/redfish-conductor.ts';

const digestOf = (name: string, algorithm = 'sha256') => createHash(algorithm).update(imageOf(name)).digest('hex');

/** A conductor whose HTTP root is served, and a step that updates. */
async function setUp(t: TestContext, options: Partial<RedfishSimulatorOptions> = {}, set: readonly string[] = []) {
  const root = await mkdtemp(join(tmpdir(), 'wrought-firmware-'));
  t.after(() => rm(root, { recursive: true, force: true }));
  const served: string[] = [];
  const files = await startFileServer({
    root,
    listen: '127.0.0.1:0',
    onRequest: ({ method, path, status }) => void served.push(`${method} ${status} ${path}`),
    onError: (error) => assert.fail(String(error)),
  });
  t.after(() => files.close());
  const under = await startRedfishConductor(
    t,
    options,
    [
      `deploy.http_root=${root}`,
      `deploy.external_http_url=http://${files.address}`,
      `conductor.file_url_allowed_paths=["${root}"]`,
      'redfish.firmware_update_verify_timeout=10',
      ...set,
    ],
    { driver: 'redfish-without-agent' },
  );
  const images = await imageServer(t);
  const update = (...firmware_images: object[]) =>
    under.clean(under.server, { interface: 'management', step: 'update_firmware', args: { firmware_images } });
  const versions = async () => {
    const answer = await fetch(`${under.service.url}/redfish/v1/UpdateService/FirmwareInventory?$expand=.`, {
      headers: { authorization: `Basic ${Buffer.from('admin:secret12').toString('base64')}` },
    });
    const { Members } = (await answer.json()) as { Members: { Version: string }[] };
    return Members.map(({ Version }) => Version);
  };
  const left = () => readdir(join(root, 'firmware')).catch(() => []);
  return { ...under, images, update, versions, served, root, left };
}

test('images are fetched by the BMC one after the other, and the machine restarts for each', async (t) => {
  const { server, node, update, images, versions, resets, served } = await setUp(t, { scheme: 'http' });
  await update(
    { url: `${images.url}/bios-9.9.1.bin`, checksum: digestOf('bios-9.9.1.bin') },
    { url: `${images.url}/nic-9.9.2.bin`, checksum: digestOf('nic-9.9.2.bin', 'sha1'), wait: 1 },
  );
  const updated = await server.untilState(node.uuid, 'manageable', 120_000);
  assert.equal(updated.last_error, null);
  const now = await versions();
  assert.ok(now.includes('9.9.1') && now.includes('9.9.2'), now.join());
  assert.deepEqual(images.asked, ['/bios-9.9.1.bin', '/nic-9.9.2.bin']);
  assert.deepEqual(resets, ['On', 'Off', 'On']);
  assert.deepEqual(served, []);
});

test('images are served by this server, and taken back in the end', async (t) => {
  const { server, node, update, images, versions, served, left } = await setUp(t, { scheme: 'http' }, [
    'redfish.firmware_source=local',
  ]);
  await update({ url: `${images.url}/bios-9.9.1.bin`, checksum: digestOf('bios-9.9.1.bin', 'sha512') });
  await server.untilState(node.uuid, 'manageable', 120_000);
  assert.ok((await versions()).includes('9.9.1'));
  assert.deepEqual(served, [`GET 200 firmware/${node.uuid}/bios-9.9.1.bin`]);
  assert.deepEqual(images.asked, ['/bios-9.9.1.bin'], 'what is served is what was checked');
  assert.deepEqual(await left(), []);
});

test('a file of this server is sent to the BMC, or served where the step says so', async (t) => {
  const { server, node, update, root, versions, served } = await setUp(t, { scheme: 'http' });
  const file = (name: string) => ({ url: `file://${root}/${name}`, checksum: digestOf(name) });
  for (const name of ['bios-9.9.1.bin', 'nic-9.9.2.bin']) {
    await writeFile(join(root, name), imageOf(name));
  }
  await update(file('bios-9.9.1.bin'), { ...file('nic-9.9.2.bin'), source: 'local' });
  await server.untilState(node.uuid, 'manageable', 120_000);
  const now = await versions();
  assert.ok(now.includes('9.9.1') && now.includes('9.9.2'), now.join());
  assert.deepEqual(served, [`GET 200 firmware/${node.uuid}/nic-9.9.2.bin`]);
});

test('an image with another checksum is not installed', async (t) => {
  const { server, node, update, images, versions, left } = await setUp(t, { scheme: 'http' });
  await update({ url: `${images.url}/bios-9.9.1.bin`, checksum: digestOf('bios-9.9.2.bin'), source: 'local' });
  const failed = await server.untilState(node.uuid, 'clean failed', 60_000);
  assert.match(failed.last_error ?? '', /The sha256 of the firmware image bios-9\.9\.1\.bin is [0-9a-f]{64}, not /);
  assert.ok(!(await versions()).includes('9.9.1'));
  assert.deepEqual(await left(), []);
});

test('a server that dies while the BMC installs goes on with it, and the BMC is not asked twice', async (t) => {
  const { server, node, update, images, versions, service, left } = await setUp(t, { scheme: 'http', taskSeconds: 2 });
  let tasks = 0;
  service.onChange((change) => {
    if (change.what === 'message' && /TaskStarted$/.test(change.messageId)) tasks += 1;
  });
  await update({ url: `${images.url}/bios-9.9.1.bin`, checksum: digestOf('bios-9.9.1.bin'), source: 'local' });
  await untilSaid(server, node, 'The BMC installs the firmware image bios-9.9.1.bin');
  const next = await server.takeOver();
  await next.untilState(node.uuid, 'manageable', 60_000);
  assert.ok((await versions()).includes('9.9.1'));
  assert.equal(tasks, 1);
  assert.deepEqual(await left(), []);
});

test('arguments that can not be are refused with what is allowed', () => {
  const good = { url: 'https://192.0.2.1/a.bin', checksum: 'a'.repeat(40) };
  const read = (firmware_images: unknown) => readFirmwareImages({ firmware_images });
  assert.equal(read([good])[0]?.checksum?.algorithm, 'sha1');
  for (const [value, words] of [
    [undefined, /firmware_images is undefined; allowed: a list such as/],
    [[], /firmware_images is \[\]/],
    [['x'], /firmware_images\[0\] is "x"; allowed: an object/],
    [[good, { ...good, url: 'here' }], /firmware_images\[1\]\.url is "here"; allowed: an URL/],
    [[{ url: good.url }], /firmware_images\[0\]\.checksum is undefined; allowed: the SHA-1, SHA-256 or SHA-512/],
    [[{ ...good, checksum: 'a'.repeat(32) }], /checksum is "a+"; allowed/],
    [[{ ...good, wait: 0 }], /wait is 0; allowed: whole seconds from 1 up/],
    [[{ ...good, source: 'swift' }], /source is "swift"; allowed: http, local/],
    [[{ ...good, component: 'bmc' }], /A key of firmware_images\[0\] is "component"; allowed: url, checksum, wait/],
  ] as const) {
    assert.throws(() => read(value), words);
  }
});
