// Reports of machines to Neutron: each is told of with its physical networks, and again as changed when these change.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { noopNetwork } from '../src/network/noop.ts';
import { type HostReport, reportBody } from '../src/openstack/host-reports.ts';
import { insertPort, portTable } from '../src/store/port-list.ts';
import { startConductor } from './support/conductor.ts';
import { testOnBoth } from './support/databases.ts';

testOnBoth('machines are reported with the physical networks of their ports', async (t) => {
  const told: (readonly HostReport[])[] = [];
  const broker = { isAway: false };
  const {
    conductor,
    store,
    node: create,
  } = await startConductor(t, {
    drivers: [{ hardwareTypes: [], interfaces: [{ ...noopNetwork, name: 'flat' }] }],
    async tellHosts(hosts) {
      if (broker.isAway) {
        throw new Error('the broker is away');
      }
      told.push(hosts);
    },
  });
  const [wired, byHand, bare] = [
    await create({ network_interface: 'flat' }),
    await create({ network_interface: 'noop' }),
    await create({ network_interface: 'flat' }),
  ];
  const ports = [
    [wired, 'physnet2'],
    [wired, 'physnet1'],
    [wired, 'physnet1'],
    [byHand, 'physnet1'],
    [bare, null],
  ] as const;
  const rows: { readonly id: number }[] = [];
  for (const [index, [{ id }, physical_network]] of ports.entries()) {
    const values = { uuid: randomUUID(), node_id: id, address: `52:54:00:66:00:0${index}`, physical_network };
    rows.push(await store.transaction((trx) => insertPort(trx, values)));
  }
  const report = { host: wired.uuid, physicalNetworks: ['physnet1', 'physnet2'] };
  broker.isAway = true;
  await conductor.tellHosts();
  broker.isAway = false;
  await conductor.tellHosts();
  await conductor.tellHosts();
  await store.transaction((trx) => portTable.update(trx, rows[0]?.id ?? 0, { physical_network: null }));
  await conductor.tellHosts();
  assert.deepEqual(told, [
    [{ ...report, isChanged: true }],
    [{ ...report, isChanged: false }],
    [{ host: wired.uuid, physicalNetworks: ['physnet1'], isChanged: true }],
  ]);
});

test('a report is a cast of report_state in the envelope of oslo.messaging', () => {
  const at = new Date('2026-01-02T03:04:05.678Z');
  const body = JSON.parse(reportBody({ host: 'h', physicalNetworks: ['a', 'b'], isChanged: true }, at));
  assert.equal(body['oslo.version'], '2.0');
  const message = JSON.parse(body['oslo.message']);
  assert.deepEqual(
    [message.method, message.version, message.args.time],
    ['report_state', '1.2', '2026-01-02T03:04:05.678000'],
  );
  const { uuid, ...state } = message.args.agent_state.agent_state;
  assert.match(uuid, /^[0-9a-f-]{36}$/);
  assert.deepEqual(state, {
    agent_type: 'Baremetal Node',
    binary: 'ironic-neutron-agent',
    topic: 'N/A',
    host: 'h',
    configurations: { bridge_mappings: { a: 'yes', b: 'yes' }, log_agent_heartbeats: false },
    start_flag: true,
  });
});
