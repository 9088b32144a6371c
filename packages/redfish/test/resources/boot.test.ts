// Boot override, mode, options and order, on services that want them in different ways.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Behaviour,
  type BootOverride,
  readBoot,
  readBootOptions,
  setBootMode,
  setBootOrder,
  setBootOverride,
  UnsupportedError,
} from '../../src/index.ts';
import { clientOf, startService, type Table } from '../support/service.ts';

const path = '/redfish/v1/Systems/1';
const targets = ['None', 'Pxe', 'Cd', 'Hdd', 'UefiHttp'];
const usual = {
  BootSourceOverrideTarget: 'Pxe',
  BootSourceOverrideEnabled: 'Continuous',
  BootSourceOverrideMode: 'UEFI',
  'BootSourceOverrideTarget@Redfish.AllowableValues': targets,
};

/** Sets an override and gives what was sent, to where. */
async function sent(system: object, override: BootOverride, behaviour: Partial<Behaviour> = {}, more: Table = {}) {
  await using service = await startService({
    [`GET ${path}`]: { Id: '1', ...system },
    [`PATCH ${path}`]: () => ({ status: 204 }),
    [`PATCH ${path}/Settings`]: () => ({ status: 204 }),
    ...more,
  });
  await using client = clientOf(service, { behaviour });
  await setBootOverride(client, await client.get(path), override);
  const { path: where, body } = service.asked.at(-1) ?? {};
  return { where, boot: body?.Boot };
}

test('an override is sent without what is so already, or whole where the service wants it', async () => {
  assert.deepEqual(await sent({ Boot: usual }, { target: 'Hdd', enabled: 'Continuous', mode: 'UEFI' }), {
    where: path,
    boot: { BootSourceOverrideTarget: 'Hdd' },
  });
  assert.deepEqual(
    (await sent({ Boot: usual }, { target: 'Hdd', enabled: 'Continuous' }, { bootRequest: 'full' })).boot,
    { BootSourceOverrideTarget: 'Hdd', BootSourceOverrideEnabled: 'Continuous', BootSourceOverrideMode: 'UEFI' },
  );
  assert.deepEqual((await sent({ Boot: usual }, { target: 'Cd', enabled: 'Once', mode: 'Legacy' })).boot, {
    BootSourceOverrideTarget: 'Cd',
    BootSourceOverrideEnabled: 'Once',
    BootSourceOverrideMode: 'Legacy',
  });
  const http = { target: 'UefiHttp', enabled: 'Once', httpBootUri: 'https://192.0.2.1/boot.iso' } as const;
  assert.deepEqual((await sent({ Boot: usual }, http)).boot, {
    BootSourceOverrideTarget: 'UefiHttp',
    BootSourceOverrideEnabled: 'Once',
    HttpBootUri: 'https://192.0.2.1/boot.iso',
  });
  assert.deepEqual((await sent({}, { target: 'Pxe', enabled: 'Once' })).boot, {
    BootSourceOverrideTarget: 'Pxe',
    BootSourceOverrideEnabled: 'Once',
  });
});

test('what the service excludes is refused before it is sent: targets and durations', async () => {
  const Boot = { ...usual, 'BootSourceOverrideEnabled@Redfish.AllowableValues': ['Disabled', 'Once'] };
  const refused = (override: BootOverride) => assert.rejects(sent({ Boot }, override), UnsupportedError);
  await refused({ target: 'Hdd', enabled: 'Continuous' });
  await refused({ target: 'Utilities', enabled: 'Once' });
  assert.deepEqual((await sent({ Boot }, { target: 'Hdd', enabled: 'Once' })).boot, {
    BootSourceOverrideTarget: 'Hdd',
    BootSourceOverrideEnabled: 'Once',
  });
});

test('an override goes to the settings resource only where that takes it', async () => {
  const system = { Boot: usual, '@Redfish.Settings': { SettingsObject: { '@odata.id': `${path}/Settings` } } };
  const override = { target: 'Cd', enabled: 'Once' } as const;
  const takes = { [`GET ${path}/Settings`]: { Id: 'Settings', Boot: { BootSourceOverrideTarget: 'None' } } };
  assert.equal((await sent(system, override, {}, takes)).where, `${path}/Settings`);
  const ignores = { [`GET ${path}/Settings`]: { Id: 'Settings', AssetTag: '' } };
  assert.equal((await sent(system, override, {}, ignores)).where, path);
});

test('what can be booted from is told by the settings resource where the system is silent', async () => {
  await using service = await startService({
    [`GET ${path}`]: {
      Boot: { BootSourceOverrideTarget: 'None', BootOrder: ['Boot0003', 'Boot0001'] },
      '@Redfish.Settings': { SettingsObject: { '@odata.id': `${path}/Settings` } },
    },
    [`GET ${path}/Settings`]: { Boot: { 'BootSourceOverrideTarget@Redfish.AllowableValues': ['Pxe', 'Cd'] } },
  });
  await using client = clientOf(service);
  const boot = await readBoot(client, await client.get(path));
  assert.deepEqual(boot.allowedTargets, ['Pxe', 'Cd']);
  assert.equal(boot.target, 'None');
  assert.deepEqual(boot.order, ['Boot0003', 'Boot0001']);
});

test('a target that the service excludes is not sent', async () => {
  await assert.rejects(sent({ Boot: usual }, { target: 'SDCard', enabled: 'Once' }), (error) => {
    assert.ok(error instanceof UnsupportedError);
    assert.match(error.message, /cannot boot from SDCard; allowed: None, Pxe, Cd, Hdd, UefiHttp/);
    return true;
  });
});

test('the mode is set alone, or with the rest where the service wants it, and not where it is unknown', async () => {
  await using service = await startService({
    [`GET ${path}`]: { Boot: usual },
    [`PATCH ${path}`]: () => ({ status: 204 }),
    'GET /redfish/v1/Systems/2': { Boot: {} },
  });
  await using client = clientOf(service);
  const system = await client.get(path);
  await setBootMode(client, system, 'Legacy');
  assert.deepEqual(service.asked.at(-1)?.body, { Boot: { BootSourceOverrideMode: 'Legacy' } });
  client.behaviour = { ...client.behaviour, bootRequest: 'full' };
  await setBootMode(client, system, 'Legacy');
  assert.deepEqual(service.asked.at(-1)?.body, {
    Boot: {
      BootSourceOverrideMode: 'Legacy',
      BootSourceOverrideTarget: 'Pxe',
      BootSourceOverrideEnabled: 'Continuous',
    },
  });
  await assert.rejects(setBootMode(client, await client.get('/redfish/v1/Systems/2'), 'UEFI'), UnsupportedError);
});

test('boot options are read, and put in order', async () => {
  await using service = await startService({
    'GET /redfish/v1/': {},
    [`GET ${path}`]: { Boot: { BootOptions: { '@odata.id': `${path}/BootOptions` } } },
    [`GET ${path}/BootOptions`]: { Members: [{ '@odata.id': `${path}/BootOptions/1` }] },
    [`GET ${path}/BootOptions/1`]: {
      BootOptionReference: 'Boot0001',
      DisplayName: 'Network',
      BootOptionEnabled: true,
      Alias: 'Pxe',
    },
    [`PATCH ${path}`]: () => ({ status: 204 }),
  });
  await using client = clientOf(service);
  const system = await client.get(path);
  assert.deepEqual(await readBootOptions(client, system), [
    {
      path: `${path}/BootOptions/1`,
      reference: 'Boot0001',
      name: 'Network',
      isEnabled: true,
      alias: 'Pxe',
      uefiDevicePath: undefined,
    },
  ]);
  await setBootOrder(client, system, ['Boot0001']);
  assert.deepEqual(service.asked.at(-1)?.body, { Boot: { BootOrder: ['Boot0001'] } });
});
