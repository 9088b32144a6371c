// Systems: which one is meant, what it says of itself, and its power.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  hasIndicator,
  onlySystem,
  readIndicator,
  readSystem,
  resetSystem,
  resetTypes,
  setAssetTag,
  setIndicator,
  UnsupportedError,
  worstHealth,
} from '../../src/index.ts';
import { clientOf, root, startService, type Table } from '../support/service.ts';

const path = '/redfish/v1/Systems/1';
const reset = (allowed?: readonly string[]) => ({
  '#ComputerSystem.Reset': {
    target: `${path}/Actions/ComputerSystem.Reset`,
    ...(allowed === undefined ? {} : { 'ResetType@Redfish.AllowableValues': allowed }),
  },
});
const table = (system: object, others: readonly string[] = []): Table => ({
  'GET /redfish/v1/': root({ Systems: { '@odata.id': '/redfish/v1/Systems' } }),
  'GET /redfish/v1/Systems': { Members: [path, ...others].map((each) => ({ '@odata.id': each })) },
  [`GET ${path}`]: { '@odata.id': path, Id: '1', ...system },
  ...Object.fromEntries(others.map((each) => [`GET ${each}`, { Id: each }])),
  [`POST ${path}/Actions/ComputerSystem.Reset`]: () => ({ status: 204 }),
  [`PATCH ${path}`]: () => ({ status: 204 }),
});

test('the only system is found; with several the caller has to choose', async () => {
  await using service = await startService(table({}));
  await using client = clientOf(service);
  assert.equal((await onlySystem(client)).path, path);
  await using two = await startService(table({}, ['/redfish/v1/Systems/2']));
  await using other = clientOf(two);
  await assert.rejects(onlySystem(other), (error) => {
    assert.ok(error instanceof UnsupportedError);
    assert.deepEqual(error.allowed, [path, '/redfish/v1/Systems/2']);
    return true;
  });
});

test('a service root that does not name its systems has them in the usual place', async () => {
  await using service = await startService({ ...table({}), 'GET /redfish/v1/': {} });
  await using client = clientOf(service);
  assert.equal((await onlySystem(client)).path, path);
  assert.deepEqual(
    client.oddities.map(({ property }) => property),
    ['Systems'],
  );
});

test('a system is read with all that it says, and without what it leaves out', async () => {
  await using service = await startService(
    table({
      Manufacturer: ' Acme ',
      SerialNumber: '',
      PowerState: 'on',
      MemorySummary: { TotalSystemMemoryGiB: '64' },
      ProcessorSummary: { Count: 2, Model: null },
      Status: { State: 'Enabled', Health: 'OK', HealthRollup: 'Warning' },
      BootProgress: { LastState: 'OSRunning' },
    }),
  );
  await using client = clientOf(service);
  const system = readSystem(await onlySystem(client));
  assert.equal(system.manufacturer, 'Acme');
  assert.equal(system.serialNumber, undefined);
  assert.equal(system.powerState, 'On');
  assert.equal(system.memoryGiB, 64);
  assert.equal(system.processorCount, 2);
  assert.equal(system.processorModel, undefined);
  assert.equal(system.bootProgress, 'OSRunning');
  assert.deepEqual(system.status, { state: 'Enabled', health: 'OK', healthRollup: 'Warning' });
  assert.deepEqual(client.oddities.map(({ property }) => property).sort(), [
    '/MemorySummary/TotalSystemMemoryGiB',
    '/PowerState',
  ]);
});

test('the first reset type that the system takes is used', async () => {
  await using service = await startService(table({ Actions: reset(['On', 'PushPowerButton']) }));
  await using client = clientOf(service);
  const system = await onlySystem(client);
  const { type } = await resetSystem(client, system, ['GracefulShutdown', 'PushPowerButton']);
  assert.equal(type, 'PushPowerButton');
  assert.deepEqual(service.asked.at(-1)?.body, { ResetType: 'PushPowerButton' });
  await assert.rejects(resetSystem(client, system, 'Nmi'), UnsupportedError);
  await using silent = await startService(table({ Actions: reset() }));
  await using other = clientOf(silent);
  assert.equal(await resetTypes(other, await onlySystem(other)), undefined);
  assert.equal(
    (await resetSystem(other, await onlySystem(other), ['GracefulShutdown', 'ForceOff'])).type,
    'GracefulShutdown',
  );
  await using without = await startService(table({}));
  await using third = clientOf(without);
  assert.deepEqual(await resetTypes(third, await onlySystem(third)), []);
  await assert.rejects(resetSystem(third, await onlySystem(third), 'On'), UnsupportedError);
});

test('the light is switched by the property that the system has', async () => {
  const lights = [
    [{ IndicatorLED: 'Lit' }, 'Lit', { IndicatorLED: 'Blinking' }],
    [{ LocationIndicatorActive: false, IndicatorLED: 'Lit' }, 'Off', { LocationIndicatorActive: true }],
    [{ LocationIndicatorActive: true }, 'Blinking', { LocationIndicatorActive: true }],
    [{ IndicatorLED: 'Unknown' }, undefined, { IndicatorLED: 'Blinking' }],
  ] as const;
  for (const [light, expected, sent] of lights) {
    await using service = await startService(table(light));
    await using client = clientOf(service);
    const system = await onlySystem(client);
    assert.ok(hasIndicator(system));
    assert.equal(readIndicator(system), expected);
    await setIndicator(client, system, 'Blinking');
    assert.deepEqual(service.asked.at(-1)?.body, sent);
    assert.deepEqual(client.oddities, []);
  }
  await using service = await startService(table({}));
  await using client = clientOf(service);
  const system = await onlySystem(client);
  assert.equal(hasIndicator(system), false);
  await assert.rejects(setIndicator(client, system, 'Lit'), UnsupportedError);
  await setAssetTag(client, system, 'rack 7');
  assert.deepEqual(service.asked.at(-1)?.body, { AssetTag: 'rack 7' });
});

test('the worst health is the worst', () => {
  assert.equal(worstHealth(['OK', undefined, 'Critical', 'Warning']), 'Critical');
  assert.equal(worstHealth([undefined]), undefined);
});
