// Reading and changing resources: ETags, collections, actions, settings, as services of different strictness have them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  allowedValues,
  MissingError,
  PreconditionError,
  patchSettings,
  ResponseError,
  settingsOf,
  UnsupportedError,
} from '../src/index.ts';
import { type Asked, clientOf, failure, type Reply, root, startService, type Table } from './support/service.ts';

const path = '/redfish/v1/Systems/1';

/** A resource with an ETag, whose service accepts If-Match as the test says. */
function etagged(etag: () => string, accepts: (ifMatch: string | undefined) => boolean): Table {
  return {
    [`GET ${path}`]: () => ({ headers: { etag: etag() }, body: { Id: '1', AssetTag: 'a' } }),
    [`PATCH ${path}`]: (asked: Asked): Reply =>
      accepts(asked.headers['if-match'])
        ? { status: 204 }
        : failure(412, 'PreconditionFailed', 'The ETag does not match.'),
  };
}
const ifMatches = (asked: readonly Asked[]) =>
  asked.filter(({ method }) => method === 'PATCH').map(({ headers }) => headers['if-match']);

test('a change carries the ETag; one that no longer holds is read again, once', async () => {
  let version = 1;
  await using service = await startService(
    etagged(
      () => `"${version}"`,
      (value) => value === `"${version}"`,
    ),
  );
  await using client = clientOf(service);
  const system = await client.get(path);
  version = 2;
  assert.equal((await client.patch(system, { AssetTag: 'b' })).status, 204);
  assert.deepEqual(ifMatches(service.asked), ['"1"', '"2"']);
  assert.deepEqual(client.oddities, []);
});

test('a resource whose ETag never holds is changed without it only when nobody changes the same', async () => {
  let version = 1;
  const table = etagged(
    () => `"${version++}"`,
    (value) => value === undefined,
  );
  await using ticking = await startService(table);
  await using client = clientOf(ticking);
  await client.patch(path, { AssetTag: 'b' });
  assert.deepEqual(ifMatches(ticking.asked), ['"1"', '"2"', undefined]);
  const changing = () => ({ headers: { etag: `"${version++}"` }, body: { AssetTag: String(version) } });
  await using contested = await startService({ ...table, [`GET ${path}`]: changing });
  await using other = clientOf(contested);
  await assert.rejects(other.patch(path, { AssetTag: 'b' }), PreconditionError);
  assert.ok(ifMatches(contested.asked).every((value) => value !== undefined));
});

test('a service that refuses its own weak ETags gets the strong form, then none; what worked is remembered', async () => {
  await using strong = await startService(
    etagged(
      () => 'W/"7"',
      (value) => value === '"7"',
    ),
  );
  await using client = clientOf(strong);
  await client.patch(path, {});
  await client.patch(path, {});
  assert.deepEqual(ifMatches(strong.asked), ['W/"7"', '"7"', '"7"']);
  assert.equal(client.oddities[0]?.property, 'ETag');
  await using without = await startService(
    etagged(
      () => 'W/"7"',
      (value) => value === undefined,
    ),
  );
  await using other = clientOf(without);
  await other.patch(path, {});
  await other.patch(path, {});
  assert.deepEqual(ifMatches(without.asked), ['W/"7"', '"7"', undefined, undefined]);
});

test('an error says what the service says, and what to do', async () => {
  await using service = await startService({
    [`PATCH ${path}`]: () => failure(400, 'PropertyNotWritable', 'AssetTag is read only.'),
    [`GET ${path}`]: { Id: '1' },
  });
  await using client = clientOf(service);
  await assert.rejects(client.patch(path, {}), (error) => {
    assert.ok(error instanceof ResponseError);
    assert.equal(
      error.message,
      `PATCH ${service.url}${path}: 400, AssetTag is read only. (the BMC does not accept these values)`,
    );
    assert.equal(error.path, path);
    return true;
  });
  await assert.rejects(client.get('/redfish/v1/Nothing'), MissingError);
});

test('a service that insists on compressing is asked without the wish not to', async () => {
  await using service = await startService({
    [`GET ${path}`]: ({ headers }: Asked): Reply =>
      headers['accept-encoding'] === 'identity' ? { status: 406 } : { body: { Id: '1' } },
  });
  await using client = clientOf(service);
  assert.equal((await client.get(path)).id, '1');
});

const collection = '/redfish/v1/Systems';
const member = (id: string) => ({ '@odata.id': `${collection}/${id}`, Id: id });
const reference = (id: string) => ({ '@odata.id': `${collection}/${id}` });

test('all pages of a collection are read, and members that fail are left out and reported', async () => {
  await using service = await startService({
    'GET /redfish/v1/': root(),
    [`GET ${collection}`]: {
      Members: [reference('1'), reference('2')],
      'Members@odata.nextLink': `${collection}?$skip=2`,
    },
    [`GET ${collection}?$skip=2`]: {
      Members: [reference('3'), reference('4')],
      'Members@odata.nextLink': `${collection}?$skip=2`,
    },
    [`GET ${collection}/1`]: member('1'),
    [`GET ${collection}/2`]: () => ({ status: 500 }),
    [`GET ${collection}/4`]: member('4'),
  });
  await using client = clientOf(service);
  assert.deepEqual(
    (await client.members(collection)).map(({ id }) => id),
    ['1', '4'],
  );
  assert.deepEqual(client.oddities.map((each) => each.path).sort(), [
    `${collection}/2`,
    `${collection}/3`,
    `${collection}?$skip=2`,
  ]);
});

test('members come in one request where the service can expand, and one by one where it fails at it', async () => {
  const features = { ProtocolFeaturesSupported: { ExpandQuery: { NoLinks: true, Levels: true }, SelectQuery: true } };
  const query = `${collection}?$expand=.($levels=1)`;
  const table: Table = {
    'GET /redfish/v1/': root(features),
    [`GET ${query}`]: { Members: [member('1'), member('2')] },
    [`GET ${collection}`]: { Members: [reference('1'), reference('2')] },
    [`GET ${collection}/1`]: member('1'),
    [`GET ${collection}/2`]: member('2'),
    [`GET ${collection}/1?$select=Id,PowerState`]: { Id: '1', PowerState: 'On' },
  };
  await using service = await startService(table);
  await using client = clientOf(service);
  assert.deepEqual(
    (await client.members(collection)).map((each) => each.path),
    [`${collection}/1`, `${collection}/2`],
  );
  assert.deepEqual(service.lines(), ['GET /redfish/v1/', `GET ${query}`]);
  assert.equal((await client.members(collection, { expand: false })).length, 2);
  const selected = await client.get(`${collection}/1`, { select: ['Id', 'PowerState'] });
  assert.equal(selected.path, `${collection}/1`);
  assert.equal(selected.string('PowerState'), 'On');

  await using broken = await startService({
    ...table,
    [`GET ${query}`]: () => failure(501, 'QueryNotSupported', 'No.'),
  });
  await using other = clientOf(broken);
  assert.equal((await other.members(collection)).length, 2);
  assert.equal((await other.members(collection)).length, 2);
  assert.equal(broken.lines().filter((line) => line === `GET ${query}`).length, 1);
  assert.equal(other.oddities[0]?.property, '$expand');
});

const system = (action: object) => ({
  Id: '1',
  Actions: { '#ComputerSystem.Reset': action, Oem: { Acme: { '#AcmeSystem.Blink': { target: '/blink' } } } },
});

test('an action is posted to its target, and values that are not allowed are not sent', async () => {
  await using service = await startService({
    [`GET ${path}`]: system({ target: '/reset', 'ResetType@Redfish.AllowableValues': ['On', 'ForceOff'] }),
    'POST /reset': () => ({ status: 204 }),
    'POST /blink': () => ({ status: 200 }),
  });
  await using client = clientOf(service);
  const resource = await client.get(path);
  await client.action(resource, 'ComputerSystem.Reset', { ResetType: 'On' });
  assert.deepEqual(service.asked.at(-1)?.body, { ResetType: 'On' });
  await client.action(resource, '#AcmeSystem.Blink');
  assert.equal(service.asked.at(-1)?.raw, '{}');
  const before = service.asked.length;
  await assert.rejects(client.action(resource, 'ComputerSystem.Reset', { ResetType: 'Nmi' }), (error) => {
    assert.ok(error instanceof UnsupportedError);
    assert.deepEqual(error.allowed, ['On', 'ForceOff']);
    assert.match(error.message, /ResetType "Nmi"; allowed: On, ForceOff/);
    return true;
  });
  await assert.rejects(
    client.action(resource, 'Bios.ResetBios'),
    /does not offer the action Bios.ResetBios.*ComputerSystem.Reset, AcmeSystem.Blink/,
  );
  assert.equal(service.asked.length, before);
  await client.action(resource, 'ComputerSystem.Reset', { ResetType: 'Nmi' }, { unchecked: true });
});

test('allowed values come from ActionInfo too; an action without a target has its usual one', async () => {
  await using service = await startService({
    [`GET ${path}`]: system({ '@Redfish.ActionInfo': `${path}/ResetActionInfo` }),
    [`GET ${path}/ResetActionInfo`]: { Parameters: [{ Name: 'ResetType', AllowableValues: ['GracefulShutdown'] }] },
    [`POST ${path}/Actions/ComputerSystem.Reset`]: () => ({ status: 204 }),
  });
  await using client = clientOf(service);
  const resource = await client.get(path);
  assert.deepEqual(await allowedValues(client, resource, 'ComputerSystem.Reset', 'ResetType'), ['GracefulShutdown']);
  await client.action(resource, 'ComputerSystem.Reset', { ResetType: 'GracefulShutdown' });
  assert.match(client.oddities[0]?.property ?? '', /target$/);
  // ActionInfo that cannot be read forbids nothing.
  service.table[`GET ${path}/ResetActionInfo`] = () => ({ status: 404 });
  await client.action(resource, 'ComputerSystem.Reset', { ResetType: 'On' });
});

test('settings go to the settings resource, with an apply time that the service supports', async () => {
  const bios = `${path}/Bios`;
  await using service = await startService({
    [`GET ${bios}`]: {
      Id: 'Bios',
      '@Redfish.Settings': {
        SettingsObject: { '@odata.id': `${bios}/Settings` },
        SupportedApplyTimes: ['OnReset', 'Sometime'],
        Time: '2026-01-01T00:00:00Z',
        Messages: [{ MessageId: 'Base.1.0.Success', Message: 'done' }],
      },
    },
    [`GET ${bios}/Settings`]: () => ({ headers: { etag: '"s"' }, body: { Id: 'Settings' } }),
    [`PATCH ${bios}/Settings`]: () => ({ status: 202 }),
  });
  await using client = clientOf(service);
  const resource = await client.get(bios);
  assert.deepEqual(settingsOf(resource), {
    path: `${bios}/Settings`,
    applyTimes: ['OnReset'],
    messages: [{ id: 'Base.1.0.Success', text: 'done', properties: [], arguments: [] }],
    time: '2026-01-01T00:00:00Z',
  });
  await patchSettings(client, resource, { Attributes: { A: 1 } }, { applyTime: 'OnReset' });
  const { body, headers } = service.asked.at(-1) ?? {};
  assert.deepEqual(body, { Attributes: { A: 1 }, '@Redfish.SettingsApplyTime': { ApplyTime: 'OnReset' } });
  assert.equal(headers?.['if-match'], '"s"');
  await assert.rejects(patchSettings(client, resource, {}, { applyTime: 'Immediate' }), UnsupportedError);
});
