// The ports that a machine has in Neutron for the time of a phase: made when it begins, deleted when it ends.
import { setTimeout as sleep } from 'node:timers/promises';
import { type JsonObject, type Port, registeredError } from '@wrought/contract';
import type { Facts, NetworkPhase, Task } from '../../drivers/kit/index.ts';
import type { Neutron, NeutronPort } from '../../openstack/neutron.ts';
import { clientId, failsOnBinding, hasLink, hostBinding, linkBinding, untilActive, untilAgentIsUp } from './binding.ts';
import { asNetworkError, withNeutron } from './errors.ts';
import { networkOfPhase, securityGroupsOfPhase } from './networks.ts';

/** Marks ports that are made for a phase; those of tenants have another owner, and are left alone. */
const DEVICE_OWNER = 'baremetal:none';
const NETWORK_BOOT_INTERFACES: ReadonlySet<string> = new Set(['pxe', 'ipxe', 'http', 'http-ipxe']);

export interface PhasePortOptions {
  /** The ports name the links to switches, which plug the machine into the network. */
  readonly withLinks: boolean;
  /** Unless the node says otherwise. */
  readonly failsOnBinding: boolean;
}

const keyOf = (phase: NetworkPhase) => `${phase}_vif_port_id`;

/** The ports of the machine that get one in the network: those that boot from it, or all. */
function portsOfPhase(task: Task): readonly Port[] {
  const all = task.config.neutron.add_all_ports || !NETWORK_BOOT_INTERFACES.has(task.node.boot_interface);
  return task.ports.filter((port) => all || port.pxe_enabled);
}

/** Deletes what the phase has in Neutron: the ports that are noted, and those that a process made and could not note. */
async function removePorts(neutron: Neutron, task: Task, phase: NetworkPhase, network: string): Promise<void> {
  const noted = task.ports
    .map(({ internal_info }) => internal_info[keyOf(phase)])
    .filter((id) => typeof id === 'string');
  const addresses = task.ports.map(({ address }) => address);
  const query = { network_id: network, device_owner: DEVICE_OWNER, mac_address: addresses };
  const stale = addresses.length === 0 ? [] : await neutron.ports(query);
  for (const id of new Set([...noted, ...stale.map((port) => port.id)])) {
    await neutron.deletePort(id);
  }
}

const noted = (phase: NetworkPhase, ports: readonly (readonly [Port, string | null])[]): Facts => ({
  ports: ports.map(([{ uuid }, id]) => ({ uuid, internal_info: { [keyOf(phase)]: id } })),
});

/** More addresses for a port whose subnet hands them out by stateful DHCPv6. */
async function addAddresses(neutron: Neutron, task: Task, port: NeutronPort): Promise<NeutronPort> {
  const count = task.config.neutron.dhcpv6_stateful_address_count;
  const more: JsonObject[] = [];
  for (const subnet_id of count > 1 ? new Set(port.fixed_ips.map((address) => address.subnet_id)) : []) {
    const subnet = await neutron.subnet(subnet_id);
    if (subnet.ip_version === 6 && subnet.ipv6_address_mode === 'dhcpv6-stateful') {
      more.push(...Array.from({ length: count - 1 }, () => ({ subnet_id })));
    }
  }
  return more.length === 0 ? port : neutron.updatePort(port.id, { fixed_ips: [...port.fixed_ips, ...more] });
}

function newPort(task: Task, port: Port, more: JsonObject, { withLinks }: PhasePortOptions): JsonObject {
  const carrier = { kind: 'ports', item: port } as const;
  return {
    ...more,
    ...(withLinks ? linkBinding(task, carrier) : hostBinding(task, carrier)),
    ...clientId(port.extra),
    mac_address: port.address,
    admin_state_up: true,
    device_id: task.node.instance_uuid ?? task.node.uuid,
    device_owner: DEVICE_OWNER,
    // What does not boot from the network asks for no address.
    ...(port.pxe_enabled ? {} : { fixed_ips: [] }),
  };
}

/** Ports without a link can not be plugged; the phase goes on with the others. */
function pluggable(task: Task, phase: NetworkPhase, { withLinks }: PhasePortOptions): readonly Port[] {
  const wanted = portsOfPhase(task);
  const usable = wanted.filter((port) => !withLinks || hasLink(port));
  for (const { address } of wanted.filter((port) => !usable.includes(port))) {
    task.record({
      kind: 'network',
      severity: 'warning',
      message: `Port ${address} is left out of the ${phase} network: its local_link_connection is empty, so no switch port is known.`,
    });
  }
  if (usable.length === 0) {
    const why =
      wanted.length > 0
        ? 'local_link_connection of all of them is empty. Set switch_id and port_id of the switch that each is plugged into.'
        : task.ports.length > 0
          ? 'none of its ports has pxe_enabled. Set it, or neutron.add_all_ports.'
          : 'it has no ports. Create one for each network card.';
    throw registeredError('NetworkError', {
      reason: `Node ${task.node.uuid} can not be put on the ${phase} network: ${why}`,
    });
  }
  return usable;
}

/**
 * Puts the machine on the network of a phase. Safe to repeat: what an earlier attempt left is deleted first.
 * @throws RegisteredError NetworkError, with no port left in Neutron; MissingParameterValue, InvalidParameterValue
 */
export async function addPhasePorts(
  neutron: Neutron,
  task: Task,
  phase: NetworkPhase,
  options: PhasePortOptions,
): Promise<Facts> {
  const what = `Putting node ${task.node.uuid} on the ${phase} network`;
  const network_id = await networkOfPhase(neutron, task, phase);
  const groups = await securityGroupsOfPhase(neutron, task, phase);
  const ports = pluggable(task, phase, options);
  await withNeutron(what, () => removePorts(neutron, task, phase, network_id));
  const made: [Port, NeutronPort][] = [];
  try {
    for (const port of ports) {
      await untilAgentIsUp(neutron, task, { kind: 'ports', item: port });
      const more = { network_id, ...(groups.length === 0 ? {} : { security_groups: groups }) };
      const created = await neutron.createPort(newPort(task, port, more, options));
      made.push([port, await addAddresses(neutron, task, created)]);
    }
    if (failsOnBinding(task, options.failsOnBinding)) {
      await untilActive(
        neutron,
        task,
        made.map(([, each]) => each),
      );
    }
  } catch (error) {
    await takeBack(neutron, task, phase, network_id);
    throw asNetworkError(what, error);
  }
  await sleep(task.config.neutron.port_setup_delay * 1000, undefined, { signal: task.abortSignal });
  const names = made.map(([{ address }]) => address).join(', ');
  task.record({
    kind: 'network',
    message: `${names} of the machine are on the ${phase} network.`,
    data: { network_id },
  });
  return noted(
    phase,
    made.map(([port, { id }]) => [port, id]),
  );
}

/** Deletes what was made before another one failed; what stays because Neutron is away goes before the next attempt. */
async function takeBack(neutron: Neutron, task: Task, phase: NetworkPhase, network: string): Promise<void> {
  try {
    await removePorts(neutron, task, phase, network);
  } catch (error) {
    task.record({
      kind: 'network',
      severity: 'warning',
      message: `Ports of the ${phase} network may be left in Neutron; the next attempt deletes them first. ${error instanceof Error ? error.message : String(error)}`,
    });
  }
}

/** Takes the machine off the network of a phase. Safe to repeat. @throws RegisteredError NetworkError */
export async function removePhasePorts(neutron: Neutron, task: Task, phase: NetworkPhase): Promise<Facts> {
  const network = await networkOfPhase(neutron, task, phase);
  await withNeutron(`Taking node ${task.node.uuid} off the ${phase} network`, () =>
    removePorts(neutron, task, phase, network),
  );
  return noted(
    phase,
    task.ports.filter(({ internal_info }) => internal_info[keyOf(phase)] !== undefined).map((port) => [port, null]),
  );
}
