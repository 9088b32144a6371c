// Tests `wrought bmc capture`: a service of every model is captured, replayed and read again, and nothing tells whose it was.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type RedfishSimulatorOptions, redfishModelNames, startRedfishSimulator } from '@wrought/lab';
import {
  createClient,
  listAccounts,
  listStorage,
  managersOf,
  onlySystem,
  readBios,
  readBiosRegistry,
  readBoot,
  readChassisReadings,
  readDrives,
  readEthernetInterfaces,
  readFirmware,
  readManager,
  readSystem,
  readUpdateService,
  resetTypes,
} from '@wrought/redfish';
import { anonymise, withoutSecrets } from '../src/bmc/capture/anonymise.ts';
import { wrought } from './fake-api.ts';

const login = { userName: 'gerlinde', password: 'secret-12-of-gerlinde' };
const environment = { REDFISH_PASSWORD: login.password };

async function startService(context: TestContext, options: Omit<RedfishSimulatorOptions, 'count'> = {}) {
  const users = [{ name: login.userName, password: login.password, role: 'Administrator' as const }];
  const simulator = await startRedfishSimulator({
    count: 1,
    scheme: 'http',
    users,
    namePrefix: 'rack7-node',
    ...options,
  });
  context.after(() => simulator.close());
  const [bmc] = simulator.bmcs;
  assert.ok(bmc);
  return { bmc, simulator };
}

function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wrought-capture-'));
  context.after(() => rmSync(folder, { recursive: true }));
  return folder;
}

const capture = (url: string, file: string, ...more: string[]) =>
  wrought(['bmc', 'capture', url, '-o', file, '--user', login.userName, '--json', ...more], environment);

/** What a client reads that does not tell whose the machine is, with as much of the rest as has to stay together. */
async function readAll(url: string) {
  await using client = createClient({ url, ...login });
  const system = await onlySystem(client);
  const { manufacturer, model, biosVersion, powerState, memoryGiB } = readSystem(system);
  const [manager] = (await managersOf(client, system)).map(readManager);
  const storage = await listStorage(client, system);
  const drives = [];
  for (const each of storage) drives.push(...(await readDrives(client, each)));
  const [chassis] = await client.members('/redfish/v1/Chassis');
  assert.ok(chassis);
  const { sensors, powerSupplies } = await readChassisReadings(client, chassis);
  const bios = await readBios(client, system);
  const firmware = await readFirmware(client, await readUpdateService(client));
  return {
    ...{ manufacturer, model, biosVersion, powerState, memoryGiB, bios: bios.attributes },
    ...{ boot: await readBoot(client, system), resets: await resetTypes(client, system) },
    managers: [manager?.model, manager?.firmwareVersion],
    storage: storage.map(({ id, controllers }) => [id, controllers.map(({ model: of }) => of)]),
    drives: drives.map(({ model: of, capacityBytes }) => [of, capacityBytes]),
    sensors: sensors.map(({ name, reading }) => [name, reading]),
    supplies: powerSupplies.map(({ name, model: of }) => [name, of]),
    registry: (await readBiosRegistry(client, bios)).size,
    firmware: firmware.map(({ id, version }) => [id, version]),
    accounts: (await listAccounts(client)).map(({ roleId }) => roleId),
    interfaces: (await readEthernetInterfaces(client, system)).length,
  };
}

for (const model of redfishModelNames) {
  test(`the model ${model} is captured, replayed and read`, async (context) => {
    const { bmc } = await startService(context, { model });
    const folder = temporaryFolder(context);
    const plain = join(folder, 'plain.json');
    assert.equal((await capture(bmc.url, plain, '--no-anonymise')).exitCode, 0);
    const names =
      /"(?:SerialNumber|AssetTag|UUID|MACAddress|PermanentMACAddress|HostName|FQDN|DurableName)": "([^"]+)"/g;
    const telling = [...readFileSync(plain, 'utf8').matchAll(names)].map(([, value = '']) => value);
    assert.ok(telling.length > 10);
    const file = join(folder, 'dump.json');
    const { exitCode, out, err } = await capture(bmc.url, file);
    assert.equal(exitCode, 0, err);
    const { resources, replaced } = JSON.parse(out);
    assert.ok(resources > 40, out);
    assert.ok(replaced.serial_number > 0 && replaced.uuid > 0 && replaced.mac_address >= bmc.macs.length, out);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const text = readFileSync(file, 'utf8').toLowerCase();
    const originals = [bmc.uuid, bmc.serialNumber, ...bmc.macs, ...bmc.macs.map((mac) => mac.replaceAll(':', ''))];
    for (const original of [...originals, login.userName, login.password, bmc.name, '127.0.0.1', ...telling]) {
      const at = text.indexOf(original.toLowerCase());
      assert.equal(at, -1, `${original}: ${text.slice(Math.max(at - 80, 0), at + 80)}`);
    }
    const { bmc: replayed } = await startService(context, { model, replay: file });
    assert.deepEqual(await readAll(replayed.url), await readAll(bmc.url));
  });
}

test('what is the same stays the same, and what only looks like an address stays', () => {
  const bodies = new Map<string, Record<string, unknown>>([
    [
      '/redfish/v1/Systems/CZ123456',
      { '@odata.id': '/redfish/v1/Systems/CZ123456', SerialNumber: 'CZ123456', SKU: 'Default string' },
    ],
    [
      '/redfish/v1/Managers/bmc',
      {
        ...{
          Manufacturer: 'Contoso',
          HostName: 'contoso',
          FirmwareVersion: '7.10.30.1',
          AssetTag: 'row-7',
          Rack: 'B12',
          UUID: 'QX-1234',
          Latitude: 51.5,
        },
        Message: 'operator fritz logged in from 10.20.30.40 at CZ123456, mail fritz@corp.example, 12:34:56',
        MACAddress: 'AA:BB:CC:DD:EE:01',
        UefiDevicePath: 'PciRoot(0x0)/Pci(0x1,0x0)/MAC(AABBCCDDEE01,0x1)/IPv4(0.0.0.0)',
        IPv4Addresses: [{ Address: '10.20.30.40', SubnetMask: '255.255.255.0', Gateway: '10.20.30.1' }],
        IPv6Addresses: [{ Address: 'fe80::a8bb:ccff:fedd:ee01' }],
        Image: 'https://10.20.30.40/very-secret/agent.iso',
      },
    ],
    [
      '/redfish/v1/AccountService/Accounts/fritz',
      { UserName: 'fritz', RoleId: 'Operator', Password: 'p', Keys: { AuthToken: 'abc' } },
    ],
    [
      '/redfish/v1/EventService/Subscriptions/1',
      { HttpHeaders: [{ Authorization: 'Basic abc' }], PasswordChangeRequired: false },
    ],
  ]);
  const { bodies: clean, secrets } = withoutSecrets(bodies);
  assert.equal(secrets, 3);
  const made = Object.fromEntries(anonymise(clean).bodies);
  const system = made['/redfish/v1/Systems/SERIAL000001'];
  assert.deepEqual(system, {
    '@odata.id': '/redfish/v1/Systems/SERIAL000001',
    SerialNumber: 'SERIAL000001',
    SKU: 'Default string',
  });
  const manager = made['/redfish/v1/Managers/bmc'] ?? {};
  assert.deepEqual([manager.Manufacturer, manager.FirmwareVersion], ['Contoso', '7.10.30.1']);
  assert.equal(manager.HostName, 'host-1.example');
  assert.deepEqual([manager.UUID, manager.Latitude], ['identifier-1', 0]);
  assert.equal(manager.Message, 'operator user-1 logged in from 192.0.2.1 at SERIAL000001, mail user-2, 12:34:56');
  assert.equal(manager.MACAddress, '02:00:00:00:00:01');
  assert.equal(manager.UefiDevicePath, 'PciRoot(0x0)/Pci(0x1,0x0)/MAC(020000000001,0x1)/IPv4(0.0.0.0)');
  assert.deepEqual(manager.IPv4Addresses, [
    { Address: '192.0.2.1', SubnetMask: '255.255.255.0', Gateway: '192.0.2.2' },
  ]);
  assert.deepEqual(made['/redfish/v1/AccountService/Accounts/user-1'], {
    ...{ UserName: 'user-1', RoleId: 'Operator', Password: null, Keys: { AuthToken: null } },
  });
  assert.deepEqual(made['/redfish/v1/EventService/Subscriptions/1'], {
    HttpHeaders: [],
    PasswordChangeRequired: false,
  });
  assert.doesNotMatch(JSON.stringify(made), /CZ123456|fritz|10\.20\.30|very-secret|abc|AABBCC|fe80|row-7|B12|QX/);
});

test('the stand-in for a UUID is one of version 4, and the same in every spelling', () => {
  const uuid = 'F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6';
  const bodies = new Map<string, Record<string, unknown>>([
    ['/redfish/v1/Systems/1', { UUID: uuid, Oem: { Contoso: { SmbiosGUID: uuid.replaceAll('-', '') } } }],
    [
      '/redfish/v1/Managers/1',
      { UUID: uuid.toLowerCase(), ServiceEntryPointUUID: 'f81d4fae-7dec-11d0-a765-00a0c91e6bf7' },
    ],
  ]);
  const made = Object.fromEntries(anonymise(bodies).bodies);
  const system = made['/redfish/v1/Systems/1'] as { UUID: string; Oem: { Contoso: { SmbiosGUID: string } } };
  const manager = made['/redfish/v1/Managers/1'] as { UUID: string; ServiceEntryPointUUID: string };
  assert.equal(system.UUID, '00000000-0000-4000-8000-000000000001');
  assert.equal(system.Oem.Contoso.SmbiosGUID, system.UUID.replaceAll('-', ''));
  assert.equal(manager.UUID, system.UUID);
  assert.equal(manager.ServiceEntryPointUUID, '00000000-0000-4000-8000-000000000002');
});

test('bounds, refusals and names that stay', async (context) => {
  const { bmc } = await startService(context);
  const folder = temporaryFolder(context);
  const few = join(folder, 'few.json');
  const { exitCode, out, err } = await capture(bmc.url, few, '--limit', '5', '--no-anonymise');
  assert.equal(exitCode, 0, err);
  assert.deepEqual([JSON.parse(out).resources, JSON.parse(out).replaced], [5, 'nothing']);
  assert.match(err, /^left out: \/redfish\/v1\/\S+ and \d+ more: there was no room for it$/m);
  assert.ok(readFileSync(few, 'utf8').includes(bmc.uuid));

  const there = join(folder, 'there.json');
  writeFileSync(there, 'mine');
  const refused = await capture(bmc.url, there);
  assert.equal(refused.exitCode, 1);
  assert.match(refused.err, /there\.json is there already; name another file/);
  assert.equal(readFileSync(there, 'utf8'), 'mine');

  const wrong = await wrought(['bmc', 'capture', bmc.url, '-o', join(folder, 'no.json')], {
    REDFISH_PASSWORD: 'wrong',
  });
  assert.equal(wrong.exitCode, 1);
  assert.match(wrong.err, /401.*check user name and password/);
  assert.equal(statSync(join(folder, 'no.json'), { throwIfNoEntry: false }), undefined);
});
