// What is in a machine: processors, memory, interfaces, PCI devices, adapters; accounts and certificates of its BMC; OEM parts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  dellLinks,
  listAccounts,
  listCertificates,
  listSessions,
  readDellGeneration,
  readEthernetInterfaces,
  readHpePostState,
  readMemory,
  readNetworkAdapters,
  readNetworkFunctions,
  readNetworkPorts,
  readPciDevices,
  readProcessors,
  replaceCertificate,
  setPassword,
  UnsupportedError,
} from '../../src/index.ts';
import { clientOf, root, startService, type Table } from '../support/service.ts';

const v1 = '/redfish/v1';
const system = `${v1}/Systems/1`;
const ref = (path: string) => ({ '@odata.id': path });
/** A collection and its members. */
const collection = (path: string, members: Readonly<Record<string, object>>): Table => ({
  [`GET ${path}`]: { Members: Object.keys(members).map((id) => ref(`${path}/${id}`)) },
  ...Object.fromEntries(Object.entries(members).map(([id, json]) => [`GET ${path}/${id}`, { Id: id, ...json }])),
});

async function open(table: Table, rootLinks: object = {}) {
  const service = await startService({ 'GET /redfish/v1/': root(rootLinks), ...table });
  const client = clientOf(service);
  return {
    service,
    client,
    async [Symbol.asyncDispose]() {
      await client.close();
      await service[Symbol.asyncDispose]();
    },
  };
}

test('processors and memory; empty slots are left out', async () => {
  await using it = await open({
    [`GET ${system}`]: { Processors: ref(`${system}/Processors`), Memory: ref(`${system}/Memory`) },
    ...collection(`${system}/Processors`, {
      CPU1: { ProcessorType: 'CPU', InstructionSet: 'x86-64', TotalCores: 32, TotalThreads: 64, MaxSpeedMHz: 3900 },
      CPU2: { Status: { State: 'Absent' } },
    }),
    ...collection(`${system}/Memory`, {
      A1: { CapacityMiB: 32768, MemoryDeviceType: 'DDR5' },
      A2: { Status: { State: 'Absent' } },
    }),
  });
  const resource = await it.client.get(system);
  const processors = await readProcessors(it.client, resource);
  assert.deepEqual(
    processors.map(({ id, cores, threads }) => [id, cores, threads]),
    [['CPU1', 32, 64]],
  );
  assert.deepEqual(
    (await readMemory(it.client, resource)).map(({ id, capacityMiB }) => [id, capacityMiB]),
    [['A1', 32768]],
  );
});

test('network interfaces have addresses in one form, or none', async () => {
  await using it = await open({
    [`GET ${system}`]: { EthernetInterfaces: ref(`${system}/EthernetInterfaces`) },
    ...collection(`${system}/EthernetInterfaces`, {
      1: { MACAddress: '52-54-00-AB-CD-01', LinkStatus: 'LinkUp', SpeedMbps: 25000 },
      2: { MACAddress: '525400ABCD02', PermanentMACAddress: '' },
      3: { MACAddress: '00:00:00:00:00:00', IPv4Addresses: [{ Address: '192.0.2.5' }, { Address: null }] },
    }),
  });
  const found = await readEthernetInterfaces(it.client, await it.client.get(system));
  assert.deepEqual(
    found.map(({ macAddress }) => macAddress),
    ['52:54:00:ab:cd:01', '52:54:00:ab:cd:02', undefined],
  );
  assert.deepEqual(found[2]?.ipv4Addresses, ['192.0.2.5']);
});

test('PCI devices are found by a collection and by a list of links', async () => {
  const device = `${v1}/Chassis/1/PCIeDevices/GPU`;
  const gpu = { Name: 'GPU', PCIeFunctions: ref(`${device}/Functions`) };
  const functions = collection(`${device}/Functions`, {
    0: { VendorId: '0x10DE', DeviceId: '0x2330', DeviceClass: 'DisplayController' },
  });
  const owners: readonly Table[] = [
    { [`GET ${system}`]: { PCIeDevices: [ref(device), ref(`${v1}/gone`)] }, [`GET ${device}`]: gpu, ...functions },
    {
      [`GET ${system}`]: { PCIeDevices: ref(`${v1}/Chassis/1/PCIeDevices`) },
      ...collection(`${v1}/Chassis/1/PCIeDevices`, { GPU: gpu }),
      ...functions,
    },
    {
      [`GET ${system}`]: { PCIeDevices: [ref(device)] },
      [`GET ${device}`]: { Name: 'GPU', Links: { PCIeFunctions: [ref(`${device}/Functions/0`), ref(`${v1}/gone`)] } },
      ...functions,
    },
  ];
  for (const table of owners) {
    await using it = await open(table);
    const found = await readPciDevices(it.client, await it.client.get(system));
    assert.equal(found.length, 1);
    assert.equal(found[0]?.functions[0]?.vendorId, '0x10de');
    assert.equal(found[0]?.functions[0]?.deviceClass, 'DisplayController');
  }
});

test('network adapters with ports and functions', async () => {
  const chassis = `${v1}/Chassis/1`;
  const nic = `${chassis}/NetworkAdapters/NIC`;
  await using it = await open({
    [`GET ${chassis}`]: { NetworkAdapters: ref(`${chassis}/NetworkAdapters`) },
    ...collection(`${chassis}/NetworkAdapters`, {
      NIC: {
        Model: 'ConnectX',
        Controllers: [{ FirmwarePackageVersion: '28.1' }],
        Ports: ref(`${nic}/Ports`),
        NetworkDeviceFunctions: ref(`${nic}/Functions`),
      },
    }),
    ...collection(`${nic}/Ports`, {
      1: {
        LinkStatus: 'LinkUp',
        CurrentSpeedGbps: 100,
        Ethernet: {
          AssociatedMACAddresses: ['52:54:00:AB:CD:01'],
          LLDPReceive: { ChassisId: 'switch-7', PortId: 'Eth1/7' },
        },
      },
    }),
    ...collection(`${nic}/Functions`, {
      1: {
        BootMode: 'PXE',
        Ethernet: { MACAddress: '52:54:00:AB:CD:01' },
        Links: { PhysicalNetworkPortAssignment: ref(`${nic}/Ports/1`) },
      },
    }),
  });
  const [adapter] = await readNetworkAdapters(it.client, await it.client.get(chassis));
  assert.ok(adapter !== undefined);
  assert.equal(adapter.firmwareVersion, '28.1');
  const [port] = await readNetworkPorts(it.client, adapter);
  assert.deepEqual(port?.neighbour, { chassisId: 'switch-7', portId: 'Eth1/7' });
  assert.equal(port?.speedGbps, 100);
  const [seen] = await readNetworkFunctions(it.client, adapter);
  assert.deepEqual(
    [seen?.bootMode, seen?.macAddress, seen?.portPaths],
    ['PXE', '52:54:00:ab:cd:01', [`${nic}/Ports/1`]],
  );
});

test('the port of a network function, by the names of every version of the schema', async () => {
  const chassis = `${v1}/Chassis/1`;
  const nic = `${chassis}/NetworkAdapters/NIC`;
  await using it = await open({
    [`GET ${chassis}`]: { NetworkAdapters: ref(`${chassis}/NetworkAdapters`) },
    ...collection(`${chassis}/NetworkAdapters`, { NIC: { NetworkDeviceFunctions: ref(`${nic}/Functions`) } }),
    ...collection(`${nic}/Functions`, {
      1: { Links: { PhysicalPortAssignment: ref(`${nic}/NetworkPorts/1`) } },
      2: { PhysicalPortAssignment: ref(`${nic}/NetworkPorts/2`), AssignablePhysicalPorts: [] },
      3: { AssignablePhysicalNetworkPorts: [ref(`${nic}/Ports/3`), ref(`${nic}/Ports/4`)] },
      4: {},
    }),
  });
  const [adapter] = await readNetworkAdapters(it.client, await it.client.get(chassis));
  assert.ok(adapter !== undefined);
  const functions = await readNetworkFunctions(it.client, adapter);
  assert.deepEqual(
    functions.map(({ portPaths }) => portPaths),
    [[`${nic}/NetworkPorts/1`], [`${nic}/NetworkPorts/2`], [`${nic}/Ports/3`, `${nic}/Ports/4`], []],
  );
});

test('accounts and sessions of the BMC', async () => {
  const accounts = `${v1}/AccountService/Accounts`;
  await using it = await open(
    {
      [`GET ${v1}/AccountService`]: { Accounts: ref(accounts) },
      ...collection(accounts, {
        1: { UserName: '' },
        2: { UserName: 'admin', RoleId: 'Administrator', Enabled: true },
      }),
      [`PATCH ${accounts}/2`]: () => ({ status: 204 }),
      ...collection(`${v1}/SessionService/Sessions`, { 9: { UserName: 'admin', ClientOriginIPAddress: '192.0.2.9' } }),
    },
    { AccountService: ref(`${v1}/AccountService`) },
  );
  assert.deepEqual(
    (await listAccounts(it.client)).map(({ userName, roleId }) => [userName, roleId]),
    [['admin', 'Administrator']],
  );
  await setPassword(it.client, 'admin', 'new');
  assert.deepEqual(it.service.asked.at(-1)?.body, { Password: 'new' });
  await assert.rejects(setPassword(it.client, 'root', 'new'), UnsupportedError);
  assert.equal((await listSessions(it.client))[0]?.clientAddress, '192.0.2.9');
});

test('certificates of the BMC are listed and replaced', async () => {
  const own = `${v1}/Managers/1/NetworkProtocol/HTTPS/Certificates/1`;
  await using it = await open(
    {
      [`GET ${v1}/CertificateService`]: {
        CertificateLocations: ref(`${v1}/CertificateService/Locations`),
        Actions: { '#CertificateService.ReplaceCertificate': { target: '/replace' } },
      },
      [`GET ${v1}/CertificateService/Locations`]: { Links: { Certificates: [ref(own)] } },
      [`GET ${own}`]: {
        Subject: { CommonName: 'bmc' },
        ValidNotAfter: '2027-01-01T00:00:00Z',
        CertificateType: 'PEM',
        CertificateString: 'text',
      },
      'POST /replace': () => ({ status: 204 }),
    },
    { CertificateService: ref(`${v1}/CertificateService`) },
  );
  const [certificate] = await listCertificates(it.client);
  assert.deepEqual([certificate?.path, certificate?.subject, certificate?.pem], [own, 'bmc', 'text']);
  const one = '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n';
  await replaceCertificate(it.client, own, one + one);
  const { CertificateType, CertificateUri } = it.service.asked.at(-1)?.body ?? {};
  assert.deepEqual([CertificateType, CertificateUri], ['PEMchain', ref(own)]);
});

test('what manufacturers add', async () => {
  await using it = await open({
    [`GET ${system}`]: {
      Oem: { Hpe: { PostState: 'InPost' }, Dell: { DellSystem: { SystemGeneration: '16G Monolithic' } } },
    },
    [`GET ${v1}/Managers/1`]: { Links: { Oem: { Dell: { '@odata.type': '#x', DellJobService: ref('/jobs') } } } },
  });
  const resource = await it.client.get(system);
  assert.equal(readHpePostState(resource), 'InPost');
  assert.equal(readDellGeneration(resource), '16G Monolithic');
  assert.deepEqual([...dellLinks(await it.client.get(`${v1}/Managers/1`))], [['DellJobService', '/jobs']]);
});
