// Firmware: the inventory, and updates that are fetched, sent as a form, and sent as they are.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  pullUpdate,
  pushUpdate,
  readFirmware,
  readUpdateService,
  startUpdate,
  UnsupportedError,
} from '../../src/index.ts';
import { type Asked, clientOf, failure, type Reply, root, startService, type Table } from '../support/service.ts';

const path = '/redfish/v1/UpdateService';
const accepted = () => ({ status: 202, headers: { location: '/redfish/v1/TaskService/Tasks/1' } });

async function open(service: object, more: Table = {}) {
  const started = await startService({
    'GET /redfish/v1/': root({ UpdateService: { '@odata.id': path } }),
    [`GET ${path}`]: service,
    [`PATCH ${path}`]: () => ({ status: 204 }),
    'POST /simple': accepted,
    'POST /start': accepted,
    'POST /form': accepted,
    'POST /push': accepted,
    ...more,
  });
  const client = clientOf(started);
  return {
    service: started,
    client,
    update: await readUpdateService(client),
    async [Symbol.asyncDispose]() {
      await client.close();
      await started[Symbol.asyncDispose]();
    },
  };
}
const simple = (action: object = {}) => ({
  Actions: {
    '#UpdateService.SimpleUpdate': { target: '/simple', ...action },
    '#UpdateService.StartUpdate': { target: '/start' },
  },
});
const image = 'https://192.0.2.1/bios.bin';

test('the BMC fetches an image, with targets and apply time where it takes them', async () => {
  const support = { '@Redfish.OperationApplyTimeSupport': { SupportedValues: ['OnReset', 'OnStartUpdateRequest'] } };
  await using it = await open(simple({ ...support, 'TransferProtocol@Redfish.AllowableValues': ['HTTP', 'HTTPS'] }));
  const answer = await pullUpdate(it.client, it.update, image, {
    targets: ['/redfish/v1/Systems/1/Bios'],
    applyTime: 'OnReset',
  });
  assert.equal(answer.location, '/redfish/v1/TaskService/Tasks/1');
  assert.deepEqual(it.service.asked.at(-1)?.body, {
    ImageURI: image,
    Targets: ['/redfish/v1/Systems/1/Bios'],
    '@Redfish.OperationApplyTime': 'OnReset',
    TransferProtocol: 'HTTPS',
  });
  await pullUpdate(it.client, it.update, image, { applyTime: 'Immediate', userName: 'u', password: 'p' });
  assert.deepEqual(it.service.asked.at(-1)?.body, {
    ImageURI: image,
    Username: 'u',
    Password: 'p',
    TransferProtocol: 'HTTPS',
  });
  await startUpdate(it.client, it.update);
  assert.equal(it.service.lines().at(-1), 'POST /start');
});

test('a service that wants the protocol named gets it', async () => {
  const strict = ({ body }: Asked): Reply =>
    'TransferProtocol' in body ? accepted() : failure(400, 'ActionParameterMissing', 'TransferProtocol is missing.');
  await using it = await open(simple(), { 'POST /simple': strict });
  await pullUpdate(it.client, it.update, image);
  assert.deepEqual(it.service.asked.at(-1)?.body, { ImageURI: image, TransferProtocol: 'HTTPS' });
  await using without = await open({});
  assert.equal(without.update.canPull, false);
  await assert.rejects(pullUpdate(without.client, without.update, image), UnsupportedError);
});

test('an image is sent as a form of known length, from a file', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'wrought-redfish-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'bios "7".bin');
  writeFileSync(file, 'x'.repeat(300_000));
  await using it = await open({ MultipartHttpPushUri: '/form', HttpPushUri: '/push' });
  await pushUpdate(it.client, it.update, { path: file }, { targets: ['/a'], applyTime: 'Immediate' });
  const { headers, raw } = it.service.asked.at(-1) ?? { headers: {}, raw: '' };
  const form = await new Response(raw, { headers: { 'content-type': headers['content-type'] ?? '' } }).formData();
  const parameters = form.get('UpdateParameters');
  assert.deepEqual(JSON.parse(String(parameters)), { Targets: ['/a'], '@Redfish.OperationApplyTime': 'Immediate' });
  const sent = form.get('UpdateFile');
  assert.ok(sent instanceof File);
  assert.equal(sent.size, 300_000);
  assert.equal(sent.name, 'bios "7".bin');
  assert.equal(headers['transfer-encoding'], undefined);
  assert.equal(Number(headers['content-length']), Buffer.byteLength(raw));
});

test('an image is sent as it is to a service without forms, which is told targets and time before', async () => {
  await using it = await open({
    HttpPushUri: '/push',
    HttpPushUriTargets: [],
    HttpPushUriOptions: { HttpPushUriApplyTime: { ApplyTime: 'Immediate' } },
    MaxImageSizeBytes: 10,
  });
  await pushUpdate(
    it.client,
    it.update,
    { bytes: Buffer.from('firmware'), name: 'f' },
    { targets: ['/a'], applyTime: 'OnReset' },
  );
  const [prepared, pushed] = it.service.asked.slice(-2);
  assert.deepEqual(prepared?.body, {
    HttpPushUriTargets: ['/a'],
    HttpPushUriOptions: { HttpPushUriApplyTime: { ApplyTime: 'OnReset' } },
  });
  assert.equal(pushed?.raw, 'firmware');
  assert.equal(pushed?.headers['content-type'], 'application/octet-stream');
  const large = { bytes: Buffer.alloc(11), name: 'f' };
  await assert.rejects(pushUpdate(it.client, it.update, large), /11 bytes, the BMC takes 10/);
  await using without = await open({});
  await assert.rejects(pushUpdate(without.client, without.update, large), UnsupportedError);
});

test('the inventory tells what is installed', async () => {
  await using it = await open(
    { FirmwareInventory: { '@odata.id': `${path}/FirmwareInventory` } },
    {
      [`GET ${path}/FirmwareInventory`]: { Members: [{ '@odata.id': `${path}/FirmwareInventory/BMC` }] },
      [`GET ${path}/FirmwareInventory/BMC`]: {
        Id: 'BMC',
        Name: 'BMC',
        Version: '2.14',
        Updateable: 'true',
        RelatedItem: [{ '@odata.id': '/redfish/v1/Managers/1' }],
      },
    },
  );
  const [firmware] = await readFirmware(it.client, it.update);
  assert.equal(firmware?.version, '2.14');
  assert.equal(firmware?.isUpdateable, true);
  assert.deepEqual(firmware?.relatedPaths, ['/redfish/v1/Managers/1']);
  assert.deepEqual(await readFirmware(it.client, it.update, { kind: 'software' }), []);
});
