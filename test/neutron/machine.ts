// Machines for the tests beside a real Neutron: their network cards, and what Neutron has of them.
import { randomUUID } from 'node:crypto';
import type { Port } from '@wrought/contract';
import type { NetworkInterface, NetworkPhase } from '../../packages/server/src/drivers/kit/index.ts';
import { type TestTaskOptions, testPort, testTask } from '../../packages/server/test/support/task.ts';
import type { PortInNeutron } from './cloud.ts';
import { cloud } from './shared-cloud.ts';

let machines = 0;
/** What the card is plugged into. */
export const link = (more: object = {}) => ({
  switch_id: '52:54:00:ff:00:01',
  port_id: 'eth1/1',
  switch_info: 'leaf1',
  ...more,
});

/** A network card of a new machine, plugged into a switch of physnet1. */
export function card(fields: Partial<Port> = {}): Port {
  machines += 1;
  const address = `52:54:00:aa:00:${machines.toString(16).padStart(2, '0')}`;
  return testPort(address, {
    id: machines,
    local_link_connection: link(),
    physical_network: 'physnet1',
    ...fields,
  });
}

/** A machine that is available, with these ports. */
export function machine(ports: readonly Port[], options: TestTaskOptions = {}) {
  const uuid = randomUUID();
  return testTask({
    set: cloud.set,
    ports,
    ...options,
    node: { uuid, provision_state: 'available', boot_interface: 'ipxe', ...options.node },
  });
}

type Machine = ReturnType<typeof machine>;

/** Puts the machine on the network of a phase. */
export const add = (network: NetworkInterface, { task }: Machine, phase: NetworkPhase) =>
  ({
    cleaning: network.addCleaningNetwork,
    provisioning: network.addProvisioningNetwork,
    rescuing: network.addRescuingNetwork,
    inspection: network.addInspectionNetwork,
    servicing: network.addServicingNetwork,
  })[phase](task);

/** Takes it off again. */
export const remove = (network: NetworkInterface, { task }: Machine, phase: NetworkPhase) =>
  ({
    cleaning: network.removeCleaningNetwork,
    provisioning: network.removeProvisioningNetwork,
    rescuing: network.removeRescuingNetwork,
    inspection: network.removeInspectionNetwork,
    servicing: network.removeServicingNetwork,
  })[phase](task);

/** What there is in Neutron for these addresses. */
export function portsOf(ports: readonly Port[]): Promise<readonly PortInNeutron[]> {
  return cloud.ports(ports.map(({ address }) => address));
}

/** How a VIF stands, in a few words. */
export async function standing(id: string, { task }: Machine): Promise<string> {
  const port = await cloud.port(id);
  const host = port['binding:host_id'] === task.node.uuid ? 'ours' : port['binding:host_id'] || 'none';
  const links = ((port['binding:profile'].local_link_information ?? []) as unknown[]).length;
  return `host ${host}, ${port['binding:vif_type']}, ${port.status}, ${links} links`;
}
