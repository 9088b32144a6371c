// Virtual media: found where the service has it, inserted and ejected as it wants it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ejectMedia, insertMedia, listVirtualMedia, ResponseError, readVirtualMedia } from '../../src/index.ts';
import { type Asked, clientOf, failure, type Reply, root, startService, type Table } from '../support/service.ts';

const cd = '/redfish/v1/Managers/BMC/VirtualMedia/Cd';
const actions = {
  '#VirtualMedia.InsertMedia': { target: `${cd}/Actions/VirtualMedia.InsertMedia` },
  '#VirtualMedia.EjectMedia': { target: `${cd}/Actions/VirtualMedia.EjectMedia` },
};
const image = 'https://192.0.2.1/secret/boot.iso';

/** A virtual CD whose InsertMedia wants certain parameters. */
function drive(wanted: readonly string[], message: (name: string) => Reply, media: object = {}): Table {
  return {
    [`GET ${cd}`]: { Id: 'Cd', MediaTypes: ['CD', 'DVD'], Inserted: false, Actions: actions, ...media },
    [`POST ${cd}/Actions/VirtualMedia.InsertMedia`]: ({ body }: Asked) => {
      const missing = wanted.find((name) => !(name in body));
      return missing === undefined ? { status: 204 } : message(missing);
    },
    [`POST ${cd}/Actions/VirtualMedia.EjectMedia`]: () => ({ status: 204 }),
    [`PATCH ${cd}`]: () => ({ status: 204 }),
  };
}
const missing = (name: string) => failure(400, 'ActionParameterMissing', `The action needs the parameter ${name}.`);

test('an image is inserted with as little as the service takes', async () => {
  await using service = await startService(drive([], missing));
  await using client = clientOf(service);
  await insertMedia(client, await client.get(cd), { image });
  assert.deepEqual(service.asked.at(-1)?.body, { Image: image });
  await insertMedia(client, await client.get(cd), { image, isWriteProtected: false, userName: 'u', password: 'p' });
  assert.deepEqual(service.asked.at(-1)?.body, { Image: image, WriteProtected: false, UserName: 'u', Password: 'p' });
});

test('an image on a share is inserted with the protocol by name', async () => {
  await using service = await startService(drive([], missing));
  await using client = clientOf(service);
  for (const [url, TransferProtocolType] of [
    ['nfs://192.0.2.1/images/a.iso', 'NFS'],
    ['cifs://192.0.2.1/images/a.iso', 'CIFS'],
    ['smb://192.0.2.1/images/a.iso', 'CIFS'],
  ] as const) {
    await insertMedia(client, await client.get(cd), { image: url });
    assert.deepEqual(service.asked.at(-1)?.body, { Image: url, TransferProtocolType });
  }
});

test('parameters that a service wants are added, and other refusals are told', async () => {
  await using service = await startService(drive(['TransferProtocolType', 'UserName', 'TransferMethod'], missing));
  await using client = clientOf(service);
  await insertMedia(client, await client.get(cd), { image });
  assert.deepEqual(service.asked.at(-1)?.body, {
    Image: image,
    TransferProtocolType: 'HTTPS',
    UserName: 'none',
    Password: 'none',
    TransferMethod: 'Stream',
  });
  await using strict = await startService(
    drive(['Image2'], () => failure(400, 'ActionParameterValueError', 'The image cannot be read.')),
  );
  await using other = clientOf(strict);
  await assert.rejects(insertMedia(other, await other.get(cd), { image }), /The image cannot be read/);
  assert.equal(strict.lines().filter((line) => line.startsWith('POST')).length, 1);
  // A service that goes on asking for what it got is not asked for ever.
  await using stubborn = await startService(drive(['Never'], () => missing('TransferProtocolType')));
  await using third = clientOf(stubborn);
  await assert.rejects(insertMedia(third, await third.get(cd), { image }), ResponseError);
  assert.equal(stubborn.lines().filter((line) => line.startsWith('POST')).length, 2);
});

test('a service without the actions is asked by PATCH', async () => {
  await using service = await startService(drive([], missing, { Actions: {} }));
  await using client = clientOf(service);
  const media = await client.get(cd);
  await insertMedia(client, media, { image });
  assert.deepEqual(service.asked.at(-1)?.body, { Image: image, Inserted: true, WriteProtected: true });
  await ejectMedia(client, media);
  assert.deepEqual(service.asked.at(-1)?.body, { Image: null, Inserted: false });
});

test('ejecting sends an empty object, and an empty drive is no error', async () => {
  const table = drive([], missing);
  await using service = await startService(table);
  await using client = clientOf(service);
  const media = await client.get(cd);
  await ejectMedia(client, media);
  assert.equal(service.asked.at(-1)?.raw, '{}');
  table[`POST ${cd}/Actions/VirtualMedia.EjectMedia`] = () => failure(400, 'GeneralError', 'No media.');
  assert.equal(await ejectMedia(client, media), undefined);
  table[`GET ${cd}`] = { Id: 'Cd', Inserted: true, Image: image, Actions: actions };
  await assert.rejects(ejectMedia(client, media), /No media/);
});

test('virtual drives are those of the system, or else of its managers', async () => {
  const table: Table = {
    'GET /redfish/v1/': root({ Managers: { '@odata.id': '/redfish/v1/Managers' } }),
    'GET /redfish/v1/Systems/1': { Links: { ManagedBy: [{ '@odata.id': '/redfish/v1/Managers/BMC' }] } },
    'GET /redfish/v1/Managers/BMC': { VirtualMedia: { '@odata.id': '/redfish/v1/Managers/BMC/VirtualMedia' } },
    'GET /redfish/v1/Managers/BMC/VirtualMedia': { Members: [{ '@odata.id': cd }] },
    [`GET ${cd}`]: { Id: 'Cd', MediaTypes: ['CD'], Image: '' },
  };
  await using service = await startService(table);
  await using client = clientOf(service);
  const [found] = await listVirtualMedia(client, await client.get('/redfish/v1/Systems/1'));
  assert.equal(found?.resource.path, cd);
  assert.equal(found?.isInserted, false);
  const own = '/redfish/v1/Systems/1/VirtualMedia';
  table['GET /redfish/v1/Systems/1'] = { VirtualMedia: { '@odata.id': own } };
  table[`GET ${own}`] = { Members: [{ '@odata.id': `${own}/1` }] };
  table[`GET ${own}/1`] = { Id: '1', Image: image, WriteProtected: true, ConnectedVia: 'URI' };
  const [second] = await listVirtualMedia(client, await client.get('/redfish/v1/Systems/1'));
  assert.equal(second?.resource.path, `${own}/1`);
  assert.equal(second?.isInserted, true);
  assert.equal(readVirtualMedia(await client.get(`${own}/1`)).connectedVia, 'URI');
  table[`GET ${own}/1`] = { Id: '1', Image: image, Inserted: true, ConnectedVia: 'NotConnected' };
  assert.equal(readVirtualMedia(await client.get(`${own}/1`)).isInserted, false);
  table[`GET ${own}`] = { Members: [] };
  await assert.rejects(listVirtualMedia(client, await client.get('/redfish/v1/Systems/1')), /no virtual media/);
});
