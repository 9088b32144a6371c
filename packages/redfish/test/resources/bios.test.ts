// BIOS attributes with their registry, and secure boot with its keys.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  addSecureBootCertificate,
  pendingBiosAttributes,
  readBios,
  readBiosRegistry,
  readSecureBoot,
  readSecureBootDatabases,
  resetBios,
  resetSecureBootKeys,
  setBiosAttributes,
  setSecureBoot,
  UnsupportedError,
} from '../../src/index.ts';
import { clientOf, root, startService, type Table } from '../support/service.ts';

const system = '/redfish/v1/Systems/1';
const bios = `${system}/Bios`;
const registries = '/redfish/v1/Registries';

const table: Table = {
  'GET /redfish/v1/': root({ Registries: { '@odata.id': registries } }),
  [`GET ${system}`]: { Bios: { '@odata.id': bios }, SecureBoot: { '@odata.id': `${system}/SecureBoot` } },
  [`GET ${bios}`]: {
    AttributeRegistry: 'AcmeBios.v1_2_0',
    Attributes: { BootMode: 'Uefi', Cores: 8, Quiet: false },
    '@Redfish.Settings': { SettingsObject: { '@odata.id': `${bios}/Settings` }, SupportedApplyTimes: ['OnReset'] },
    Actions: { '#Bios.ResetBios': { target: `${bios}/Actions/Bios.ResetBios` } },
  },
  [`GET ${bios}/Settings`]: { Attributes: { BootMode: 'Uefi', Cores: 4 } },
  [`PATCH ${bios}/Settings`]: () => ({ status: 202 }),
  [`POST ${bios}/Actions/Bios.ResetBios`]: () => ({ status: 204 }),
  [`GET ${registries}`]: { Members: [{ '@odata.id': `${registries}/AcmeBios` }] },
  [`GET ${registries}/AcmeBios`]: {
    Id: 'AcmeBios',
    Registry: 'AcmeBios.1.2',
    Location: [
      { Language: 'de', Uri: '/registries/de.json' },
      { Language: 'en', Uri: '/registries/en.json' },
    ],
  },
  'GET /registries/en.json': {
    RegistryEntries: {
      Attributes: [
        {
          AttributeName: 'BootMode',
          Type: 'Enumeration',
          ReadOnly: false,
          DefaultValue: 'Uefi',
          Value: [{ ValueName: 'Uefi' }, { ValueName: 'Bios' }],
        },
        { AttributeName: 'Cores', Type: 'Integer', LowerBound: 1, UpperBound: 64 },
        { DisplayName: 'without a name' },
      ],
    },
  },
  [`GET ${system}/SecureBoot`]: {
    '@odata.id': `${system}/SecureBoot`,
    '@odata.type': '#SecureBoot.v1_1_0.SecureBoot',
    SecureBootEnable: true,
    SecureBootCurrentBoot: 'Disabled',
    SecureBootMode: 'UserMode',
    SecureBootDatabases: { '@odata.id': `${system}/SecureBoot/Databases` },
    Actions: {
      '#SecureBoot.ResetKeys': {
        target: `${system}/SecureBoot/Reset`,
        'ResetKeysType@Redfish.AllowableValues': ['ResetAllKeysToDefault', 'DeleteAllKeys'],
      },
    },
  },
  [`PATCH ${system}/SecureBoot`]: () => ({ status: 204 }),
  [`POST ${system}/SecureBoot/Reset`]: () => ({ status: 204 }),
  [`GET ${system}/SecureBoot/Databases`]: { Members: [{ '@odata.id': `${system}/SecureBoot/Databases/db` }] },
  [`GET ${system}/SecureBoot/Databases/db`]: {
    Id: 'db',
    Certificates: { '@odata.id': `${system}/SecureBoot/Databases/db/Certificates` },
  },
  [`POST ${system}/SecureBoot/Databases/db/Certificates`]: () => ({ status: 201 }),
};

test('attributes are read, described, set, and reset', async () => {
  await using service = await startService(table);
  await using client = clientOf(service);
  const found = await readBios(client, await client.get(system));
  assert.deepEqual(found.attributes, { BootMode: 'Uefi', Cores: 8, Quiet: false });
  assert.deepEqual(await pendingBiosAttributes(client, found), { Cores: 4 });
  const described = await readBiosRegistry(client, found);
  assert.deepEqual([...described.keys()], ['BootMode', 'Cores']);
  assert.deepEqual(described.get('BootMode')?.allowedValues, ['Uefi', 'Bios']);
  assert.equal(described.get('Cores')?.upperBound, 64);
  await setBiosAttributes(client, found, { Cores: 16 });
  assert.deepEqual(service.asked.at(-1)?.body, {
    Attributes: { Cores: 16 },
    '@Redfish.SettingsApplyTime': { ApplyTime: 'OnReset' },
  });
  await resetBios(client, found);
  assert.equal(service.asked.at(-1)?.raw, '{}');
});

test('a BIOS without settings resource, registry and reset is still read and set', async () => {
  await using service = await startService({
    'GET /redfish/v1/': root(),
    [`GET ${system}`]: { Bios: { '@odata.id': bios } },
    [`GET ${bios}`]: { Attributes: { A: 1 } },
    [`PATCH ${bios}`]: () => ({ status: 204 }),
    'GET /redfish/v1/Systems/2': {},
  });
  await using client = clientOf(service);
  const found = await readBios(client, await client.get(system));
  assert.equal((await readBiosRegistry(client, found)).size, 0);
  assert.deepEqual(await pendingBiosAttributes(client, found), {});
  await setBiosAttributes(client, found, { A: 2 });
  assert.deepEqual(service.asked.at(-1)?.body, { Attributes: { A: 2 } });
  assert.throws(() => resetBios(client, found), UnsupportedError);
  await assert.rejects(readBios(client, await client.get('/redfish/v1/Systems/2')), /offers no Bios/);
});

test('secure boot is read, switched, and its keys are reset and added', async () => {
  await using service = await startService(table);
  await using client = clientOf(service);
  const { resource, ...state } = await readSecureBoot(client, await client.get(system));
  assert.deepEqual(state, { isEnabled: true, isActive: false, mode: 'UserMode' });
  await setSecureBoot(client, resource, false);
  assert.deepEqual(service.asked.at(-1)?.body, { SecureBootEnable: false });
  await resetSecureBootKeys(client, resource, 'DeleteAllKeys');
  assert.deepEqual(service.asked.at(-1)?.body, { ResetKeysType: 'DeleteAllKeys' });
  await assert.rejects(resetSecureBootKeys(client, resource, 'DeletePK'), UnsupportedError);
  const [db] = await readSecureBootDatabases(client, resource);
  assert.ok(db !== undefined);
  await addSecureBootCertificate(client, db, 'PEM text');
  assert.deepEqual(service.asked.at(-1)?.body, { CertificateString: 'PEM text', CertificateType: 'PEM' });
});
