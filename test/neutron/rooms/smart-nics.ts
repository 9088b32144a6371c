// Machines with Smart NICs beside a real Neutron: they have power while their networks change, and are as they were afterwards.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PowerState } from '@wrought/contract';
import { loadConfig } from '@wrought/server/config';
import type { ManagementInterface, PowerInterface } from '../../../packages/server/src/drivers/kit/index.ts';
import { createHostReporter } from '../../../packages/server/src/openstack/host-reports.ts';
import { card, machine } from '../machine.ts';
import { cloud, neutron } from '../shared-cloud.ts';

/** A machine whose Smart NIC starts its agent when it gets power. */
function hardware(state: PowerState, { onPower = async () => {}, bootDevices = ['bios', 'disk'] } = {}) {
  const asked: string[] = [];
  let present = state;
  const base = { properties: {}, validate: async () => {} };
  const power: PowerInterface = {
    ...base,
    kind: 'power',
    name: 'memory',
    supportedTargets: ['power on', 'power off', 'rebooting'],
    canSync: true,
    getPowerState: async () => present,
    async setPowerState(_task, target) {
      asked.push(target);
      present = target === 'power on' ? 'power on' : 'power off';
      if (target === 'power on') {
        await onPower();
      }
    },
  };
  const management: ManagementInterface = {
    ...base,
    kind: 'management',
    name: 'memory',
    supportedBootDevices: async () => bootDevices,
    getBootDevice: async () => ({ boot_device: null, persistent: null }),
    async setBootDevice(_task, device, persistent) {
      asked.push(`boot ${device}${persistent ? ' always' : ''}`);
    },
  };
  return { asked, interfaces: [power, management] };
}

const smart = (hostname: string) =>
  card({ is_smartnic: true, local_link_connection: { port_id: 'pf0hpf', hostname }, physical_network: null });

test('a machine that is off waits in its firmware setup until its Smart NIC is done', async (t) => {
  const config = loadConfig({ set: [...cloud.set, `neutron.host_report_url=${cloud.brokerUrl}`] });
  const reporter = createHostReporter(config);
  t.after(() => reporter.close());
  const host = 'smart-nic-1';
  const starts = () => reporter.report([{ host, physicalNetworks: ['physnet1'], isChanged: true }]);
  const { asked, interfaces } = hardware('power off', { onPower: starts });
  const port = smart(host);
  const node = machine([port], { interfaces });
  node.task.learn(await neutron.addCleaningNetwork(node.task));
  assert.deepEqual(asked.splice(0), ['boot bios', 'power on', 'power off']);
  const [made] = await cloud.ports([port.address]);
  assert.deepEqual(
    [made?.['binding:host_id'], made?.['binding:vnic_type'], made?.status],
    [host, 'smart-nic', 'ACTIVE'],
  );
  assert.equal(node.task.node.driver_internal_info.smart_nic_power_to_restore, undefined);
  node.task.learn(await neutron.removeCleaningNetwork(node.task));
  assert.deepEqual(asked, ['boot bios', 'power on', 'power off']);
  assert.deepEqual(await cloud.ports([port.address]), []);
});

test('a machine that is on is left on, unless an earlier process had to power it', async (t) => {
  const config = loadConfig({ set: [...cloud.set, `neutron.host_report_url=${cloud.brokerUrl}`] });
  const reporter = createHostReporter(config);
  t.after(() => reporter.close());
  await reporter.report([{ host: 'smart-nic-2', physicalNetworks: ['physnet1'], isChanged: true }]);
  const running = hardware('power on');
  const node = machine([smart('smart-nic-2')], { interfaces: running.interfaces });
  node.task.learn(await neutron.addCleaningNetwork(node.task));
  node.task.learn(await neutron.removeCleaningNetwork(node.task));
  assert.deepEqual(running.asked, []);
  const left = hardware('power on');
  const cutOff = machine([smart('smart-nic-2')], {
    interfaces: left.interfaces,
    node: { driver_internal_info: { smart_nic_power_to_restore: 'power off' } },
  });
  await neutron.configureTenantNetworks(cutOff.task);
  assert.deepEqual(left.asked, ['boot bios', 'power off']);
});

test('what keeps a Smart NIC from its network is named, and the machine is off again', async () => {
  const silent = hardware('power off');
  const node = machine([smart('smart-nic-3')], {
    interfaces: silent.interfaces,
    set: [...cloud.set, 'neutron.port_active_timeout=1'],
  });
  await assert.rejects(neutron.addCleaningNetwork(node.task), /No agent of Neutron runs on host smart-nic-3/);
  assert.deepEqual(silent.asked, ['boot bios', 'power on', 'power off']);
  const simple = hardware('power off', { bootDevices: ['disk'] });
  await assert.rejects(
    neutron.addCleaningNetwork(machine([smart('smart-nic-3')], { interfaces: simple.interfaces }).task),
    /"memory" can not boot the machine into its firmware setup/,
  );
  assert.deepEqual(simple.asked, []);
});
