// Managers: which one a system has, reset, clock, consoles and network services.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  managersOf,
  readManager,
  readNetworkProtocol,
  resetManager,
  setClock,
  UnsupportedError,
} from '../../src/index.ts';
import { clientOf, root, startService, type Table } from '../support/service.ts';

const bmc = '/redfish/v1/Managers/BMC';
const system = '/redfish/v1/Systems/1';
const base: Table = {
  'GET /redfish/v1/': root({ Managers: { '@odata.id': '/redfish/v1/Managers' } }),
  'GET /redfish/v1/Managers': { Members: [{ '@odata.id': bmc }, { '@odata.id': '/redfish/v1/Managers/Chassis' }] },
  [`GET ${bmc}`]: { Id: 'BMC', Links: { ManagerForServers: [{ '@odata.id': system }] } },
  'GET /redfish/v1/Managers/Chassis': { Id: 'Chassis' },
};

test('the managers of a system are found by the links of either side', async () => {
  const links = [{ ManagedBy: [{ '@odata.id': bmc }] }, { Managers: [{ '@odata.id': bmc }] }, {}];
  for (const Links of links) {
    await using service = await startService({ ...base, [`GET ${system}`]: { Links } });
    await using client = clientOf(service);
    assert.deepEqual(
      (await managersOf(client, await client.get(system))).map(({ path }) => path),
      [bmc],
    );
  }
  await using service = await startService({ ...base, [`GET ${system}`]: {}, [`GET ${bmc}`]: { Id: 'BMC' } });
  await using client = clientOf(service);
  await assert.rejects(managersOf(client, await client.get(system)), UnsupportedError);
});

test('a manager is read with its consoles', async () => {
  await using service = await startService({
    [`GET ${bmc}`]: {
      FirmwareVersion: '1.2.3',
      ManagerType: 'BMC',
      DateTime: '2026-01-01T00:00:00+00:00',
      GraphicalConsole: { ServiceEnabled: true, MaxConcurrentSessions: 4, ConnectTypesSupported: ['KVMIP'] },
    },
  });
  await using client = clientOf(service);
  const manager = readManager(await client.get(bmc));
  assert.equal(manager.firmwareVersion, '1.2.3');
  assert.deepEqual(manager.graphicalConsole, { isEnabled: true, maximumSessions: 4, connectTypes: ['KVMIP'] });
  assert.equal(manager.serialConsole, undefined);
});

test('a manager is reset gracefully where it can', async () => {
  for (const [allowed, type] of [
    [['ForceRestart', 'GracefulRestart'], 'GracefulRestart'],
    [['ForceRestart'], 'ForceRestart'],
    [undefined, 'GracefulRestart'],
  ] as const) {
    const action = { target: `${bmc}/Actions/Manager.Reset`, 'ResetType@Redfish.AllowableValues': allowed };
    await using service = await startService({
      [`GET ${bmc}`]: { Actions: { '#Manager.Reset': action } },
      [`POST ${bmc}/Actions/Manager.Reset`]: () => ({ status: 204 }),
    });
    await using client = clientOf(service);
    await resetManager(client, await client.get(bmc));
    assert.deepEqual(service.asked.at(-1)?.body, { ResetType: type });
  }
});

test('the clock is set in the time zone of the BMC, which is sent only when it changes', async () => {
  await using service = await startService({
    [`GET ${bmc}`]: { DateTime: '2025-12-31T00:00:00+02:00', DateTimeLocalOffset: '+02:00' },
    [`PATCH ${bmc}`]: () => ({ status: 204 }),
  });
  await using client = clientOf(service);
  const manager = await client.get(bmc);
  const time = new Date('2026-01-01T10:00:00.123Z');
  await setClock(client, manager, time);
  assert.deepEqual(service.asked.at(-1)?.body, { DateTime: '2026-01-01T12:00:00+02:00' });
  await setClock(client, manager, time, '+02:00');
  assert.deepEqual(service.asked.at(-1)?.body, { DateTime: '2026-01-01T12:00:00+02:00' });
  await setClock(client, manager, time, '-05:30');
  assert.deepEqual(service.asked.at(-1)?.body, {
    DateTime: '2026-01-01T04:30:00-05:30',
    DateTimeLocalOffset: '-05:30',
  });
  await assert.rejects(setClock(client, manager, time, 'CET'), RangeError);
});

test('network services are read by name', async () => {
  await using service = await startService({
    [`GET ${bmc}`]: { NetworkProtocol: { '@odata.id': `${bmc}/NetworkProtocol` } },
    [`GET ${bmc}/NetworkProtocol`]: {
      HostName: 'bmc-7',
      HTTPS: { ProtocolEnabled: true, Port: 443 },
      IPMI: { ProtocolEnabled: false },
      NTP: { ProtocolEnabled: true, NTPServers: ['192.0.2.123', null] },
      Status: { State: 'Enabled' },
    },
  });
  await using client = clientOf(service);
  assert.deepEqual(await readNetworkProtocol(client, await client.get(bmc)), {
    hostName: 'bmc-7',
    fqdn: undefined,
    ntpServers: ['192.0.2.123'],
    services: [
      { name: 'HTTPS', isEnabled: true, port: 443 },
      { name: 'IPMI', isEnabled: false, port: undefined },
      { name: 'NTP', isEnabled: true, port: undefined },
    ],
  });
});
