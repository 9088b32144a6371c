// Reports of machines to a real Neutron over its message bus: it maps them to segments, so that VIFs of routed networks can be attached.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '@wrought/server/config';
import { createHostReporter, type HostReport } from '../../../packages/server/src/openstack/host-reports.ts';
import { card, machine, standing } from '../machine.ts';
import { cloud, neutron } from '../shared-cloud.ts';

const DEADLINE_MILLISECONDS = 30_000;

interface Agent {
  readonly id: string;
  readonly agent_type: string;
  readonly binary: string;
  readonly alive: boolean;
  readonly configurations: { readonly bridge_mappings: Readonly<Record<string, string>> };
}

/** The agent of a host, once Neutron knows it and `passes` holds. */
async function agentOf(host: string, passes: (agent: Agent) => boolean = () => true): Promise<Agent> {
  const deadline = performance.now() + DEADLINE_MILLISECONDS;
  for (;;) {
    const [agent] = (await cloud.ask('GET', `/agents?host=${host}`)) as Agent[];
    if (agent !== undefined && passes(agent)) {
      return agent;
    }
    assert.ok(performance.now() < deadline, `Neutron has of host ${host}: ${JSON.stringify(agent)}`);
    await sleep(100);
  }
}

const reporterTo = (url: string) =>
  createHostReporter(
    loadConfig({ set: [...cloud.set, `neutron.host_report_url=${url}`, 'neutron.request_timeout=5'] }),
  );

test('a machine that is reported can be on a network of several segments', async (t) => {
  const reporter = reporterTo(cloud.brokerUrl);
  t.after(() => reporter.close());
  const network = await cloud.ask('POST', '/networks', {
    network: {
      name: 'leaves',
      segments: ['physnet1', 'physnet2'].map((physical) => ({
        'provider:network_type': 'vlan',
        'provider:physical_network': physical,
        'provider:segmentation_id': physical === 'physnet1' ? 160 : 260,
      })),
    },
  });
  const segments = (await cloud.ask('GET', `/segments?network_id=${network.id}`)) as {
    id: string;
    physical_network: string;
  }[];
  for (const [index, { id }] of segments.entries()) {
    const subnet = { network_id: network.id, segment_id: id, ip_version: 4, cidr: `10.30.${index}.0/24` };
    await cloud.ask('POST', '/subnets', { subnet });
  }
  const second = segments.findIndex(({ physical_network: name }) => name === 'physnet2');
  const node = machine([card({ physical_network: 'physnet2' })], { node: { provision_state: 'active' } });
  const vif = await cloud.ask('POST', '/ports', { port: { network_id: network.id } });
  assert.deepEqual(vif.fixed_ips, [], 'Neutron waits for the host before it chooses an address');
  await assert.rejects(
    neutron.attachVif(node.task, { id: vif.id }),
    /not connected to any segments.*neutron\.host_report_url/,
  );

  const report: HostReport = { host: node.task.node.uuid, physicalNetworks: ['physnet2'], isChanged: true };
  await reporter.report([report]);
  const agent = await agentOf(report.host);
  assert.deepEqual(
    [agent.agent_type, agent.binary, agent.alive, Object.keys(agent.configurations.bridge_mappings)],
    ['Baremetal Node', 'ironic-neutron-agent', true, ['physnet2']],
  );
  node.task.learn(await neutron.attachVif(node.task, { id: vif.id }));
  assert.equal(await standing(vif.id, node), 'host ours, other, ACTIVE, 1 links');
  const [address] = (await cloud.port(vif.id)).fixed_ips;
  assert.ok(address?.ip_address.startsWith(`10.30.${second}.`), 'the address is of the segment of the machine');

  await reporter.report([{ ...report, physicalNetworks: ['physnet1', 'physnet2'] }]);
  await agentOf(report.host, ({ configurations }) => 'physnet1' in configurations.bridge_mappings);
  node.task.learn(await neutron.detachVif(node.task, vif.id));
  await cloud.ask('DELETE', `/ports/${vif.id}`);
  await cloud.ask('DELETE', `/agents/${agent.id}`);
  await cloud.ask('DELETE', `/networks/${network.id}`);
});

test('a broker that is away, or has no Neutron, is named', async (t) => {
  const report = [{ host: 'h', physicalNetworks: ['physnet1'], isChanged: true }];
  const away = reporterTo('amqp://guest:guest@127.0.0.1:1/');
  await assert.rejects(away.report(report), /message broker of Neutron at 127\.0\.0\.1:1 .*ECONNREFUSED/);
  const elsewhere = createHostReporter(
    loadConfig({
      set: [...cloud.set, `neutron.host_report_url=${cloud.brokerUrl}`, 'neutron.host_report_exchange=nowhere'],
    }),
  );
  t.after(() => elsewhere.close());
  await assert.rejects(elsewhere.report(report), /did not take the reports of 1 machines: .*NOT_FOUND/);
});
