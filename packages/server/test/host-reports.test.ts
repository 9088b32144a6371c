// Reports of machines to Neutron: each is told of with its physical networks, and again as changed when these change.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { loadConfig } from '../src/config/index.ts';
import { noopNetwork } from '../src/network/noop.ts';
import { createHostReporter, type HostReport, reportBody } from '../src/openstack/host-reports.ts';
import { insertPort, portTable } from '../src/store/port-list.ts';
import { startRabbit } from './notify/brokers.ts';
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

/** A way to a broker of which every connection is known, and that can be made to swallow what the broker says. */
async function wayTo(t: TestContext, brokerUrl: string) {
  const sockets = new Set<Socket>();
  const way = { isSilent: false, sockets, url: '' };
  const { hostname, port } = new URL(brokerUrl);
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    sockets.add(near);
    near.on('close', () => {
      sockets.delete(near);
      far.destroy();
    });
    far.on('close', () => near.destroy());
    for (const socket of [near, far]) socket.on('error', () => {});
    near.pipe(far);
    far.on('data', (bytes: Buffer) => way.isSilent || near.write(bytes));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const place = server.address();
  assert.ok(place !== null && typeof place === 'object');
  way.url = brokerUrl.replace(`:${port}`, `:${place.port}`);
  return way;
}

test('a broker that takes no reports keeps neither connections nor whoever reports', async (t) => {
  const way = await wayTo(t, (await startRabbit(t)).url);
  const reporterFor = (...set: string[]) =>
    createHostReporter(
      loadConfig({
        set: [
          'neutron.enabled=true',
          'neutron.auth_type=none',
          'neutron.endpoint_override=http://127.0.0.1:9',
          `neutron.host_report_url=${way.url}`,
          ...set,
        ],
      }),
    );
  const hosts = [{ host: 'h', physicalNetworks: ['physnet1'], isChanged: true }];
  const untilClosed = () => Promise.all([...way.sockets].map((socket) => socket.closed || once(socket, 'close')));

  const lost = reporterFor('neutron.host_report_exchange=nobodys');
  for (const _ of [1, 2]) {
    await assert.rejects(lost.report(hosts), /did not take the reports of 1 machines: .*nobodys/);
    await untilClosed();
  }

  const reporter = reporterFor('neutron.host_report_exchange=amq.topic', 'neutron.request_timeout=2');
  await reporter.report(hosts);
  assert.equal(way.sockets.size, 1);
  way.isSilent = true;
  await assert.rejects(reporter.report(hosts), /answered nothing for 2 s \(neutron\.request_timeout\)/);
  await untilClosed();
  way.isSilent = false;
  await reporter.report(hosts);
  way.isSilent = true;
  const stopping = new AbortController();
  const report = reporter.report(hosts, stopping.signal);
  stopping.abort();
  await assert.rejects(report, /did not take the reports/);
  await reporter.close();
  await untilClosed();
});
