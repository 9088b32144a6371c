// Which network of Neutron a machine is on in a phase, and which physical networks a network is on.
import { registeredError } from '@wrought/contract';
import { driverInfo, type NetworkPhase, type Task } from '../../drivers/kit/index.ts';
import type { Neutron, NeutronPort } from '../../openstack/neutron.ts';
import { withNeutron } from './errors.ts';

/** What the operator named for the phase: in driver_info of the node, or in the configuration. */
function namedNetwork(task: Task, phase: NetworkPhase): { readonly where: string; readonly name: string } | null {
  const own = driverInfo(task.node).text(`${phase}_network`);
  const common = task.config.neutron[`${phase}_network`];
  if (own !== null) {
    return { where: `driver_info/${phase}_network of node ${task.node.uuid}`, name: own };
  }
  return common === null ? null : { where: `neutron.${phase}_network`, name: common };
}

/**
 * The UUID of the network of a phase.
 * @throws RegisteredError MissingParameterValue, InvalidParameterValue when there is not exactly one, NetworkError
 */
export async function networkOfPhase(neutron: Neutron, task: Task, phase: NetworkPhase): Promise<string> {
  const named = namedNetwork(task, phase);
  if (named === null) {
    throw registeredError('MissingParameterValue', {
      reason: `No network is named for the phase "${phase}" of node ${task.node.uuid}. Set neutron.${phase}_network, or driver_info/${phase}_network of the node, to the name or UUID of a network in Neutron.`,
    });
  }
  const { where, name } = named;
  const found = await withNeutron(`Looking up the network "${name}" of ${where}`, () => neutron.networksNamed(name));
  const [network, ...others] = found;
  if (network === undefined) {
    throw registeredError('InvalidParameterValue', {
      reason: `${where} is "${name}", but Neutron has no network with this name or UUID that the user of this server may see.`,
    });
  }
  if (others.length > 0) {
    throw registeredError('InvalidParameterValue', {
      reason: `${where} is "${name}", which ${found.length} networks of Neutron are called (${found.map(({ id }) => id).join(', ')}). Name one by its UUID.`,
    });
  }
  return network.id;
}

/** Checks that the security groups of a phase exist. @throws RegisteredError InvalidParameterValue, NetworkError */
export async function securityGroupsOfPhase(
  neutron: Neutron,
  task: Task,
  phase: NetworkPhase,
): Promise<readonly string[]> {
  const option = `${phase}_network_security_groups` as const;
  const wanted = task.config.neutron[option];
  if (wanted.length === 0) {
    return [];
  }
  const found = await withNeutron(`Looking up the security groups of neutron.${option}`, () =>
    neutron.securityGroups(wanted),
  );
  const missing = wanted.filter((id) => !found.some((group) => group.id === id));
  if (missing.length > 0) {
    throw registeredError('InvalidParameterValue', {
      reason: `neutron.${option} names security groups that Neutron does not have: ${missing.join(', ')}. Name them by their UUIDs.`,
    });
  }
  return wanted;
}

/**
 * The physical networks that the network of a port is on; empty where Neutron knows none. Of a network with several segments it is that
 * of the subnet of the port's address, once it has one.
 */
export async function physicalNetworksOf(neutron: Neutron, port: NeutronPort): Promise<ReadonlySet<string>> {
  const network = await neutron.network(port.network_id);
  const { segments } = network;
  const names =
    segments === undefined
      ? [network['provider:physical_network']]
      : segments.map((segment) => segment['provider:physical_network']);
  const [address] = port.fixed_ips;
  if (segments !== undefined && address !== undefined) {
    const { segment_id: segment } = await neutron.subnet(address.subnet_id);
    if (segment != null) {
      names.splice(0, names.length, await neutron.physicalNetworkOfSegment(segment));
    }
  }
  return new Set(names.filter((name) => typeof name === 'string'));
}
