// Two machines of two tenants on a real switch: each sees the network of its phase alone, tried from inside the machines. The
// ports of one are configured by the server itself, two of them as a group for its tenant, those of the other by Neutron.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  answersPing,
  configDriveWithNonce,
  type MachineHandle,
  proveByNonce,
  provision,
  setImage,
  showLacp,
  startTenantNetwork,
  type TenantNetwork,
  timeline,
  waitForState,
} from '@wrought/lab';
import { type NeutronCloud, startNeutronCloud } from '../neutron/cloud.ts';
import { assertBound, joinCloud, neutronSettings, neutronTenantVlan } from './support/neutron-tenant.ts';
import { siteForTests } from './support/site.ts';

const SERVER = '10.99.0.1';
const SERVER_VLAN = 100;
const IDLE_VLAN = 4000;
/** The port group of the machine with two cards, and what the switch calls it. */
const GROUP = 'bond0';
const DEADLINE_SECONDS = 420;
/** All in one network of addresses, so that nothing but VLANs keeps them apart. */
const red = { name: 'red', vlan: 201, gateway: '10.99.0.61', range: ['10.99.0.210', '10.99.0.219'] } as const;
const blue = {
  ...{ name: 'blue', vlan: neutronTenantVlan, gateway: '10.99.0.62' },
  range: ['10.99.0.220', '10.99.0.229'],
} as const;
type Tenant = typeof red | typeof blue;
const everybody = [SERVER, red.gateway, blue.gateway];

const folder = mkdtempSync(join(tmpdir(), 'wrought-switch-'));
const switchFile = join(folder, 'switch.json');
let cloud: NeutronCloud;
const tenantNetworks: TenantNetwork[] = [];
const getSite = siteForTests(async () => {
  cloud = await startNeutronCloud({ switchFile, hasAgents: false });
  return {
    switch: 'openvswitch',
    machines: [
      { name: red.name, firmware: 'bios', nics: [{}, { networkBoot: 'none' }] },
      { name: blue.name, firmware: 'uefi' },
    ],
    settings: ['clean.automated=false', 'inspector.collect_lldp=true', ...neutronSettings(cloud)],
  };
});
after(async () => {
  await cloud?.stop();
  rmSync(folder, { recursive: true });
});

interface SwitchPort {
  readonly network: string | null;
  readonly seen: string | null;
  readonly seen_lag: string | null;
  readonly matches: boolean | null;
}

/** Sees how the switch has the two ports of a node that the server itself puts on VLANs. */
async function assertSwitchPorts(node: string, network: string, vlan: number, group: string | null): Promise<void> {
  const path = `/wrought/v1/nodes/${node}/switch-ports`;
  const { switch_ports } = await getSite().api.call<{ switch_ports: SwitchPort[] }>('GET', path);
  const wanted = [network, `access/native_vlan=${vlan}`, group, true];
  assert.deepEqual(
    switch_ports.map((port) => [port.network, port.seen, port.seen_lag, port.matches]),
    [wanted, wanted],
  );
}

/** Makes the two ports of a node one link for its tenant, negotiated by LACP. */
async function groupPorts(node: string): Promise<void> {
  const { api } = getSite();
  const lag = { mode: 'access', native_vlan: red.vlan, aggregation_mode: 'lacp' };
  const { uuid } = await api.call<{ uuid: string }>('POST', '/v1/portgroups', {
    ...{ node_uuid: node, name: GROUP, mode: '802.3ad', extra: { lag } },
  });
  const { ports } = await api.call<{ ports: { uuid: string }[] }>('GET', `/v1/ports?node=${node}`);
  assert.equal(ports.length, 2);
  for (const port of ports) {
    await api.call('PATCH', `/v1/ports/${port.uuid}`, [{ op: 'replace', path: '/portgroup_uuid', value: uuid }]);
  }
}

/** The ramdisk hears on both cards from the switch where they are plugged in, which is what their ports say. */
async function proveCabling(node: string): Promise<void> {
  const { api } = getSite();
  await provision({ api, node }, 'inspect', 'manageable');
  assert.deepEqual(await api.call('GET', `/wrought/v1/network/verify?node=${node}`), {
    ...{ nodes: 1, ports: 2, confirmed: 2, differences: [] },
  });
}

/** Both links of the machine were taken into the group by the switch. */
async function proveGroup(): Promise<void> {
  const plan = getSite().lab.record.switch;
  assert.ok(plan !== undefined);
  const said = await showLacp(plan, GROUP);
  assert.match(said, /status: active negotiated/);
  assert.equal(said.match(/^(?:member|slave): tap\S+ current attached$/gm)?.length, 2, said);
}

/** What the machine says of each address that its config drive names. */
async function pingsFrom(machine: MachineHandle, fromOffset: number): Promise<Record<string, string>> {
  const answers: Record<string, string> = {};
  for (const address of everybody) {
    const pattern = new RegExp(`wrought-os: ping ${address} (answered|no answer)`);
    const { line } = await machine.waitForSerial(pattern, { deadlineSeconds: 60, fromOffset });
    answers[address] = pattern.exec(line)?.[1] ?? '';
  }
  return answers;
}

const reachedBy = (one: string) =>
  Object.fromEntries(everybody.map((each) => [each, each === one ? 'answered' : 'no answer']));

/** The machine tells of its lease before it has the address. @throws AssertionError when it never answers the server */
async function untilAnswered(address: string): Promise<void> {
  const deadline = performance.now() + 60_000;
  while (!(await answersPing(getSite().lab.record.namespace, address))) {
    assert.ok(performance.now() < deadline, `${address} does not answer the server`);
  }
}

/** In the ramdisk the machine gets its address from the server and from nobody else, and only the server reaches it. */
async function proveWithServer(machine: MachineHandle, fromOffset: number): Promise<void> {
  const pattern = /udhcpc: lease of (\S+) obtained from (\S+),/;
  const lease = await machine.waitForSerial(pattern, { deadlineSeconds: DEADLINE_SECONDS, fromOffset });
  const [, address = '', server] = pattern.exec(lease.line) ?? [];
  assert.equal(server, SERVER);
  await untilAnswered(address);
  for (const network of tenantNetworks) assert.equal(await network.reaches(address), false);
}

/** Begins a deployment of the image; resolves with the nonce that the instance is to print, when the ramdisk is up. */
async function beginDeployment(machine: MachineHandle, node: string): Promise<string> {
  const { api, image } = getSite();
  const { name } = machine.record;
  await setImage(api, node, { url: image.qcow2Url, sha256: image.qcow2.sha256, format: 'qcow2' });
  const { nonce, configdrive } = configDriveWithNonce(name);
  const offset = machine.serialOffset();
  const meta_data = { ...configdrive.meta_data, meta: { nonce, probe: everybody.join(' ') } };
  await api.call('PUT', `/v1/nodes/${node}/states/provision`, { target: 'active', configdrive: { meta_data } });
  await reach(node, 'wait call-back');
  await proveWithServer(machine, offset);
  return nonce;
}

const reach = (node: string, state: string) =>
  waitForState(getSite().api, node, state, { deadlineSeconds: DEADLINE_SECONDS, failureStates: ['deploy failed'] });

/** Sees that the deployed machine is with its tenant and with nobody else. */
async function proveIsolation(tenant: Tenant, machine: MachineHandle, nonce: string, offset: number): Promise<void> {
  await proveByNonce(machine, nonce, offset);
  const pattern = /wrought-os: network \S+ (\S+)\/24 from (\S+)/;
  const lease = await machine.waitForSerial(pattern, { deadlineSeconds: 60, fromOffset: offset });
  const [, address = '', server] = pattern.exec(lease.line) ?? [];
  assert.equal(server, tenant.gateway, 'DHCP answers come from the tenant alone');
  assert.ok(address >= tenant.range[0] && address <= tenant.range[1], address);
  assert.deepEqual(await pingsFrom(machine, offset), reachedBy(tenant.gateway));
  // The other way round.
  assert.equal(await answersPing(getSite().lab.record.namespace, address), false);
}

/** The machine whose switch port the server itself configures. */
async function deployRed(): Promise<string> {
  const { api, lab, enrol } = getSite();
  const machine = lab.machine(red.name);
  const node = await enrol(machine, { tenantVlan: red.vlan, fields: { inspect_interface: 'agent' } });
  await groupPorts(node);
  await provision({ api, node }, 'manage', 'manageable');
  await proveCabling(node);
  await provision({ api, node }, 'provide', 'available');
  const offset = machine.serialOffset();
  const nonce = await beginDeployment(machine, node);
  await assertSwitchPorts(node, 'provisioning', SERVER_VLAN, null);
  await reach(node, 'active');
  await assertSwitchPorts(node, 'tenant', red.vlan, GROUP);
  await proveIsolation(red, machine, nonce, offset);
  await proveGroup();
  const said = (await timeline(api, node)).map(({ message }) => message).join('\n');
  assert.match(said, /on its provisioning network: \S+ of switch "lab": access\/native_vlan=100/);
  return node;
}

/** The machine whose ports Neutron binds, and whose switch port Neutron's mechanism driver configures. */
async function deployBlue(): Promise<string> {
  const { api, lab, enrol } = getSite();
  const machine = lab.machine(blue.name);
  const node = await enrol(machine, { fields: { network_interface: 'neutron' } });
  await provision({ api, node }, 'manage', 'manageable');
  await provision({ api, node }, 'provide', 'available');
  const { id } = await cloud.newVif('tenant');
  await api.call('POST', `/v1/nodes/${node}/vifs`, { id });
  assert.equal((await cloud.port(id))['binding:host_id'], node);
  await assertBound(cloud, machine, node, null);
  const offset = machine.serialOffset();
  const nonce = await beginDeployment(machine, node);
  await assertBound(cloud, machine, node, 'provisioning');
  await reach(node, 'active');
  await assertBound(cloud, machine, node, 'tenant');
  await proveIsolation(blue, machine, nonce, offset);
  return node;
}

test('machines of two tenants see the network of their phase, and no other', async () => {
  const site = getSite();
  await using _joined = await joinCloud(site, cloud, switchFile);
  await using stack = new AsyncDisposableStack();
  for (const { vlan, gateway, range } of [red, blue]) {
    const network = await startTenantNetwork(site.lab.record, { vlan, address: `${gateway}/24`, range });
    stack.defer(() => network.stop());
    tenantNetworks.push(network);
    assert.equal(await network.reaches(SERVER), false);
  }
  // Both come to their end before the lab goes, also where one of them fails.
  const [redNode, blueNode] = (await Promise.allSettled([deployRed(), deployBlue()])).map((each) => {
    if (each.status === 'rejected') throw each.reason;
    return each.value;
  });
  assert.ok(redNode !== undefined && blueNode !== undefined);
  const { api } = site;
  await provision({ api, node: redNode }, 'deleted', 'available');
  await assertSwitchPorts(redNode, 'idle', IDLE_VLAN, null);
  await provision({ api, node: blueNode }, 'deleted', 'available');
  await assertBound(cloud, site.lab.machine(blue.name), blueNode, null);
});
