// Where a BMC shows the screen of its machine, by what each kind of BMC tells of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findGraphicalConsole } from '../../src/index.ts';
import { clientOf, root, startService, type Table } from '../support/service.ts';

const system = '/redfish/v1/Systems/1';
const bmc = '/redfish/v1/Managers/BMC';
const protocol = `${bmc}/NetworkProtocol`;
const attributes = `${bmc}/Oem/Dell/DellAttributes/BMC`;
const dell = { Links: { Oem: { Dell: { DellAttributes: [{ '@odata.id': attributes }] } } } };

interface Told {
  readonly system?: object;
  readonly manager?: object;
  readonly protocol?: object;
  readonly more?: Table;
}

async function found(told: Told) {
  const table: Table = {
    'GET /redfish/v1/': root({ Managers: { '@odata.id': '/redfish/v1/Managers' } }),
    [`GET ${system}`]: { Links: { ManagedBy: [{ '@odata.id': bmc }] }, ...told.system },
    [`GET ${bmc}`]: { Id: 'BMC', NetworkProtocol: { '@odata.id': protocol }, ...told.manager },
    ...(told.protocol === undefined ? {} : { [`GET ${protocol}`]: told.protocol }),
    ...told.more,
  };
  await using service = await startService(table);
  await using client = clientOf(service);
  return await findGraphicalConsole(client, await client.get(system));
}

test('a port is told by the system, or by the protocols of the manager', async () => {
  const on = { isEnabled: true, switchedBy: undefined };
  const kvm = { KVMIP: { ProtocolEnabled: true, Port: 5900 } };
  assert.deepEqual(await found({ protocol: kvm }), { ...on, place: { port: 5900 } });
  const ofSystem = { GraphicalConsole: { ServiceEnabled: true, Port: 5902, ConnectTypesSupported: ['KVMIP'] } };
  assert.deepEqual(await found({ protocol: kvm, system: ofSystem }), { ...on, place: { port: 5902 } });
});

test('OpenBMC has a WebSocket, others that tell of no port have no place', async () => {
  const on = { isEnabled: true, switchedBy: undefined };
  const kvm = { GraphicalConsole: { ServiceEnabled: true, ConnectTypesSupported: ['KVMIP'] } };
  assert.deepEqual(await found({ manager: { ...kvm, Model: 'OpenBmc' } }), {
    ...on,
    place: { webSocketPath: '/kvm/0' },
  });
  assert.deepEqual(await found({ manager: kvm }), { ...on, place: undefined });
});

test('one that is switched off says by what', async () => {
  const off = { KVMIP: { ProtocolEnabled: false, Port: 5900 } };
  assert.match((await found({ protocol: off })).switchedBy ?? '', /KVMIP\.ProtocolEnabled/);
  const service = await found({ manager: { GraphicalConsole: { ServiceEnabled: false } } });
  assert.deepEqual([service.isEnabled, service.switchedBy], [false, 'ServiceEnabled of its GraphicalConsole']);
});

test('an iDRAC has a VNC server beside its virtual console', async () => {
  const vnc = (enable: string) => ({
    [`GET ${attributes}`]: { Attributes: { 'VNCServer.1.Enable': enable, 'VNCServer.1.Port': 5901 } },
  });
  const protocols = { KVMIP: { ProtocolEnabled: true, Port: 5900 } };
  const on = await found({ manager: dell, protocol: protocols, more: vnc('Enabled') });
  assert.deepEqual(on, { isEnabled: true, switchedBy: undefined, place: { port: 5901 } });
  const off = await found({ manager: dell, protocol: protocols, more: vnc('Disabled') });
  assert.match(off.switchedBy ?? '', /VNCServer\.1\.Enable/);
  const without = await found({
    manager: dell,
    protocol: protocols,
    more: { [`GET ${attributes}`]: { Attributes: {} } },
  });
  assert.deepEqual(without.place, { port: 5900 });
});
