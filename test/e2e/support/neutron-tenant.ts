// A tenant of Neutron for a machine of the lab: its VIF, and what Neutron's database has of the machine's ports at each phase.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MachineHandle, Site } from '@wrought/lab';
import type { NeutronCloud } from '../../neutron/cloud.ts';
import { bridgePorts } from './port-bridge.ts';

/** The VLAN that Neutron's network of tenants has in the test cloud. */
export const neutronTenantVlan = 105;

/** What the test cloud's mechanism driver makes of a port that it binds; a host alone, without links, binds nothing. */
const BOUND = 'other';

/** A port as Neutron's database has it. */
interface BoundPort {
  readonly network: string;
  readonly owner: string;
  readonly status: string;
  readonly host: string;
  readonly vifType: string;
  /** The switch ports of its binding profile. */
  readonly switchPorts: readonly string[];
}

/** Options of a server that asks Neutron for networks, and gives out addresses itself. */
export const neutronSettings = (cloud: NeutronCloud): string[] => [...cloud.set, 'nova.send_power_notifications=false'];

/**
 * Lets the server reach the cloud, and the cloud's mechanism driver the switch of the lab.
 * @param more URLs of what else listens on loopback and is to be reached there
 */
export async function joinCloud(
  site: Site,
  cloud: NeutronCloud,
  switchFile: string,
  more: readonly string[] = [],
): Promise<AsyncDisposable> {
  writeFileSync(switchFile, JSON.stringify(site.lab.record.switch));
  const urls = [cloud.keystone.url, cloud.neutron.url, ...more];
  return bridgePorts(site.lab.record.namespace, urls, join(site.directory, 'lab'));
}

/** The ports of this machine in Neutron's database. */
async function portsInDatabase(cloud: NeutronCloud, machine: MachineHandle): Promise<BoundPort[]> {
  const rows = await cloud.neutron.rows(
    `SELECT n.name, p.device_owner, p.status, b.host, b.vif_type, b.profile FROM ports p
     JOIN networks n ON n.id = p.network_id JOIN ml2_port_bindings b ON b.port_id = p.id
     WHERE p.mac_address = '${machine.record.nics[0]?.mac}';`,
  );
  return rows
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [network = '', owner = '', status = '', host = '', vifType = '', profile = ''] = line.split('\t');
      const links = (profile === '' ? {} : JSON.parse(profile)).local_link_information ?? [];
      const switchPorts = (links as { port_id: string }[]).map(({ port_id }) => port_id);
      return { network, owner, status, host, vifType, switchPorts };
    });
}

/** Sees that of the machine's ports in Neutron's database exactly this one is bound; null: none. */
export async function assertBound(
  cloud: NeutronCloud,
  machine: MachineHandle,
  node: string,
  network: 'provisioning' | 'tenant' | null,
): Promise<void> {
  const owner = network === 'provisioning' ? 'baremetal:none' : '';
  const switchPorts = machine.record.nics.map(({ tap }) => tap);
  const wanted = { network, owner, status: 'ACTIVE', host: node, vifType: BOUND, switchPorts };
  const bound = (await portsInDatabase(cloud, machine)).filter(({ vifType }) => vifType === BOUND);
  assert.deepEqual(bound, network === null ? [] : [wanted]);
}
