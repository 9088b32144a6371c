// VIFs find their place on ports and port groups.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isRegisteredError, type Portgroup } from '@wrought/contract';
import { maskOf } from '../src/network/neutron/network-data.ts';
import { attachVif, chooseCarrier, detachVif, listVifs } from '../src/network/vif-binding.ts';
import { testPort, testTask } from './support/task.ts';

let numbers = 0;
function port(fields: Parameters<typeof testPort>[1] = {}) {
  numbers += 1;
  return testPort(`52:54:00:00:00:${numbers.toString(16).padStart(2, '0')}`, { id: numbers, ...fields });
}

function portgroup(fields: Partial<Portgroup> = {}): Portgroup {
  numbers += 1;
  return {
    id: numbers,
    uuid: `0000000b-0000-4000-8000-${String(numbers).padStart(12, '0')}`,
    node_id: 1,
    node_uuid: '0000000a-0000-4000-8000-000000000001',
    address: null,
    name: null,
    extra: {},
    internal_info: {},
    standalone_ports_supported: true,
    mode: 'active-backup',
    properties: {},
    physical_network: null,
    category: null,
    dynamic_portgroup: false,
    created_at: '2026-01-01T00:00:00.000Z',
    updated_at: null,
    ...fields,
  };
}

const carrying = (vif: string) => ({ internal_info: { tenant_vif_port_id: vif } });
const bound = (uuid: string, vif: string | null) => [{ uuid, internal_info: { tenant_vif_port_id: vif } }];

test('a group goes before a port, a port that boots before another', () => {
  const bond = portgroup();
  const member = port({ portgroup_uuid: bond.uuid });
  const plain = port({ pxe_enabled: false });
  const booting = port();
  const { task } = testTask({ ports: [plain, member, booting], portgroups: [portgroup(), bond] });
  assert.deepEqual(attachVif(task, { id: 'v1' }), { portgroups: bound(bond.uuid, 'v1') });
  const { task: without } = testTask({ ports: [plain, booting] });
  assert.deepEqual(attachVif(without, { id: 'v1' }), { ports: bound(booting.uuid, 'v1') });
});

test('a group whose port carries a VIF is used port by port', () => {
  const bond = portgroup();
  const used = port({ portgroup_uuid: bond.uuid, ...carrying('v1') });
  const free = port({ portgroup_uuid: bond.uuid });
  const { task } = testTask({ ports: [used, free], portgroups: [bond] });
  assert.deepEqual(attachVif(task, { id: 'v2' }), { ports: bound(free.uuid, 'v2') });
});

test('a VIF may name its port or its group', () => {
  const bond = portgroup({ name: 'bond0' });
  const member = port({ portgroup_uuid: bond.uuid });
  const single = port();
  const { task, evidence } = testTask({ ports: [member, single], portgroups: [bond] });
  assert.deepEqual(attachVif(task, { id: 'v1', portgroup_uuid: bond.uuid }), { portgroups: bound(bond.uuid, 'v1') });
  assert.deepEqual(attachVif(task, { id: 'v1', port_uuid: single.uuid }), { ports: bound(single.uuid, 'v1') });
  assert.match(evidence[0]?.message ?? '', /port group bond0/);
  for (const vif of [
    { id: 'v1', port_uuid: member.uuid },
    { id: 'v1', portgroup_uuid: single.uuid },
  ]) {
    assert.throws(
      () => attachVif(task, vif),
      (error) => isRegisteredError(error, 'NoFreePhysicalPorts'),
    );
  }
});

test('masks are as long as their networks', () => {
  assert.equal(maskOf(0, 4), '0.0.0.0');
  assert.equal(maskOf(26, 4), '255.255.255.192');
  assert.equal(maskOf(32, 4), '255.255.255.255');
  assert.equal(maskOf(0, 6), '0:0:0:0:0:0:0:0');
  assert.equal(maskOf(60, 6), 'ffff:ffff:ffff:fff0:0:0:0:0');
  assert.equal(maskOf(128, 6), 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff');
});

test('a VIF on a physical network goes to a port that is cabled to it, or may be', () => {
  const [other, unknown, cabled] = [
    port({ physical_network: 'physnet2' }),
    port({ physical_network: null }),
    port({ physical_network: 'physnet1', pxe_enabled: false }),
  ];
  const { task } = testTask({ ports: [other, unknown, cabled] });
  assert.equal(chooseCarrier(task, { id: 'v' }, new Set(['physnet1'])).item.uuid, cabled.uuid);
  assert.equal(chooseCarrier(task, { id: 'v' }, new Set(['physnet3'])).item.uuid, unknown.uuid);
  assert.throws(
    () => chooseCarrier(task, { id: 'v', port_uuid: other.uuid }, new Set(['physnet1'])),
    (error) => isRegisteredError(error, 'NoFreePhysicalPorts'),
  );
});

test('a VIF is listed and detached where it is', () => {
  const bond = portgroup(carrying('v1'));
  const { task } = testTask({ ports: [port(carrying('v2'))], portgroups: [bond] });
  assert.deepEqual(listVifs(task), [{ id: 'v1' }, { id: 'v2' }]);
  assert.deepEqual(detachVif(task, 'v1'), { portgroups: bound(bond.uuid, null) });
  assert.throws(
    () => attachVif(task, { id: 'v2' }),
    (error) => isRegisteredError(error, 'VifAlreadyAttached'),
  );
  assert.throws(
    () => detachVif(task, 'v3'),
    (error) => isRegisteredError(error, 'VifNotAttached'),
  );
});
