// Quirks: the data is sound, services are recognised, and clients behave as their service needs it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  adoptQuirks,
  behaviourOf,
  compareVersions,
  isPassing,
  quirks,
  quirksOf,
  retryWhilePassing,
  type ServiceIdentity,
  usualBehaviour,
} from '../src/index.ts';
import { clientOf, failure, type Reply, root, startService } from './support/service.ts';

const identity = (vendor: string, rest: Partial<ServiceIdentity> = {}): ServiceIdentity => ({
  vendors: [vendor],
  models: [],
  firmwareVersion: undefined,
  redfishVersion: undefined,
  ...rest,
});

test('every quirk has an id of its own, says what it is, and where it is reported', () => {
  assert.equal(new Set(quirks.map(({ id }) => id)).size, quirks.length);
  for (const { id, what, sources, services, remedy } of quirks) {
    assert.match(id, /^[a-z0-9-]+$/);
    assert.ok(what.length > 10, id);
    assert.ok(sources.length > 0 && sources.every((source) => URL.canParse(source)), id);
    for (const { vendor, from, before } of services) {
      assert.equal(vendor, vendor.toLowerCase(), id);
      assert.ok(from === undefined || before === undefined || compareVersions(from, before) < 0, id);
    }
    // A remedy for everybody would be the usual behaviour.
    assert.ok(typeof remedy !== 'object' || services.length > 0, id);
  }
});

test('services are recognised by vendor, model and firmware', () => {
  const ids = (each: ServiceIdentity) => quirksOf(each).map(({ id }) => id);
  assert.deepEqual(ids(identity('Contoso')), []);
  assert.equal(behaviourOf(identity('Supermicro')).virtualCd, 'UsbCd');
  assert.equal(behaviourOf(identity('Supermicro', { models: ['ARS-111GL-NHR'] })).virtualCd, 'Cd');
  assert.equal(behaviourOf(identity('Super Micro Computer, Inc.')).bootRequest, 'full');
  assert.equal(behaviourOf(identity('AMI', { redfishVersion: '1.11.0' })).expand, false);
  assert.equal(behaviourOf(identity('AMI', { redfishVersion: '1.15.0' })).expand, true);
  // "ami" is part of many words.
  assert.deepEqual(behaviourOf(identity('Dynamics')), usualBehaviour);
  const idrac = (firmwareVersion: string) => behaviourOf(identity('Dell Inc.', { firmwareVersion }));
  assert.equal(idrac('5.10.50.00').bootsVirtualCd, false);
  assert.equal(idrac('6.00.00.00').bootsVirtualCd, true);
  assert.equal(idrac('7.10.30.00').bootsVirtualCd, true);
  assert.equal(idrac('1.20.25.00').bootsVirtualCd, false);
  assert.deepEqual(idrac('1.20.25.00').bootableMedia, ['1']);
  assert.equal(idrac('7.00.00.00').serialNumber, 'SKU');
});

test('versions are compared by their numbers', () => {
  assert.ok(compareVersions('6.10.00.00', '6.9') > 0);
  assert.ok(compareVersions('iLO 5 v2.44', '3.01') < 0);
  assert.equal(compareVersions('2.50', '2.50.0'), 0);
  assert.equal(compareVersions('', ''), 0);
  const version = fc.array(fc.nat(99), { minLength: 2, maxLength: 4 }).map((numbers) => numbers.join('.'));
  fc.assert(
    fc.property(version, version, version, (a, b, c) => {
      assert.equal(Math.sign(compareVersions(a, b)), -Math.sign(compareVersions(b, a)) || 0);
      if (compareVersions(a, b) <= 0 && compareVersions(b, c) <= 0) assert.ok(compareVersions(a, c) <= 0);
    }),
  );
});

test('a client adopts what its service needs', async () => {
  await using service = await startService({
    'GET /redfish/v1/': root({ Vendor: 'Dell', Product: 'Integrated Dell Remote Access Controller' }),
    'GET /redfish/v1/Systems/1': { Manufacturer: 'Dell Inc.', Model: 'PowerEdge R760' },
    'GET /redfish/v1/Managers/1': { FirmwareVersion: '7.00.60.00' },
  });
  await using client = clientOf(service);
  assert.deepEqual(client.behaviour, usualBehaviour);
  const system = await client.get('/redfish/v1/Systems/1');
  const found = await adoptQuirks(client, system, await client.get('/redfish/v1/Managers/1'));
  assert.ok(found.some(({ id }) => id === 'dell-tasks-deleted'));
  assert.equal(client.behaviour.forgetsContinuous, true);
  assert.equal(client.behaviour.bootsVirtualCd, true);
});

test('a refusal that passes is waited for, another one is not', async () => {
  let asked = 0;
  await using service = await startService({
    'POST /busy': (): Reply =>
      ++asked < 3 ? failure(400, 'UnableToModifyDuringSystemPOST', 'The system is in POST.') : { status: 204 },
    'POST /never': () => failure(400, 'PropertyValueNotInList', 'No.'),
    'POST /always': () => failure(409, 'SYS518', 'Data sources are unavailable.'),
  });
  await using client = clientOf(service);
  const options = { everyMilliseconds: 1 };
  assert.equal((await retryWhilePassing(() => client.post('/busy', {}), options)).status, 204);
  await assert.rejects(
    retryWhilePassing(() => client.post('/never', {}), options),
    { status: 400 },
  );
  assert.equal(service.lines().filter((line) => line === 'POST /never').length, 1);
  await assert.rejects(
    retryWhilePassing(() => client.post('/always', {}), { ...options, forMilliseconds: 20 }),
    isPassing,
  );
  assert.equal(isPassing(new Error('other')), false);
});
