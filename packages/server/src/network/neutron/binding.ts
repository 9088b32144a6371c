// How ports of Neutron are bound to machines and freed again: host, kind of network card, links, MAC address.
import { setTimeout as sleep } from 'node:timers/promises';
import { type JsonObject, type Port, registeredError } from '@wrought/contract';
import { driverInfo, type Task } from '../../drivers/kit/index.ts';
import { type ExtraDhcpOption, isNotFound, type Neutron, type NeutronPort } from '../../openstack/neutron.ts';
import { type Carrier, portsBehind } from '../vif-binding.ts';

const FIRST_POLL_MILLISECONDS = 200;
const LONGEST_POLL_MILLISECONDS = 2_000;

/** Whether Neutron tries to bind the port to a host. */
export function isBound(port: NeutronPort): boolean {
  return (port['binding:host_id'] ?? '') !== '';
}

const isSmart = (task: Task, carrier: Carrier) => portsBehind(task, carrier).some(({ is_smartnic }) => is_smartnic);

/** The host that Neutron binds the port to: the machine itself, or the operating system on its Smart NIC. */
export function hostOf(task: Task, carrier: Carrier): string {
  const smart = portsBehind(task, carrier).find(({ is_smartnic }) => is_smartnic);
  const hostname = smart?.local_link_connection.hostname;
  return typeof hostname === 'string' && hostname !== '' ? hostname : task.node.uuid;
}

/** Whether work on the node waits for active ports, and fails with a binding. */
export function failsOnBinding(task: Task, isDefault: boolean): boolean {
  const isSmartNode = task.ports.some(({ is_smartnic }) => is_smartnic);
  return driverInfo(task.node).boolean('fail_on_binding_failure') ?? (isSmartNode || isDefault);
}

/** What is bound before a tenant's step: the host alone. No link is named, so that no switch does anything. */
export function hostBinding(task: Task, carrier: Carrier): JsonObject {
  return {
    'binding:vnic_type': isSmart(task, carrier) ? 'smart-nic' : 'baremetal',
    'binding:host_id': hostOf(task, carrier),
    'binding:profile': {},
  };
}

/** Whether the link says which port of which switch the network card is plugged into. */
export function hasLink({ local_link_connection: link }: Pick<Port, 'local_link_connection'>): boolean {
  return Object.keys(link).length > 0;
}

/** The binding with which switches plug the carrier into the network of the port. */
export function linkBinding(task: Task, carrier: Carrier): JsonObject {
  const { item, kind } = carrier;
  const members = portsBehind(task, carrier);
  const physical = item.physical_network ?? members[0]?.physical_network ?? null;
  const group =
    kind === 'portgroups'
      ? {
          local_group_information: {
            id: item.uuid,
            name: item.name,
            bond_mode: item.mode,
            bond_properties: item.properties,
          },
        }
      : {};
  const profile: JsonObject = {
    local_link_information: members.map(({ local_link_connection }) => local_link_connection),
    ...group,
    ...(physical === null ? {} : { physical_network: physical }),
  };
  return { ...hostBinding(task, carrier), 'binding:profile': profile };
}

/** Frees a port from its host. Neutron changes MAC addresses of free ports only, so that is a request of its own. */
export async function unbind(neutron: Neutron, id: string, options: { readonly resetMac: boolean }): Promise<void> {
  try {
    await neutron.updatePort(id, { 'binding:host_id': '', 'binding:profile': {} });
    if (options.resetMac) {
      await neutron.updatePort(id, { mac_address: null });
    }
  } catch (error) {
    // A port that the tenant deleted is bound to nothing.
    if (!isNotFound(error)) {
      throw error;
    }
  }
}

/** The port as Neutron has it; undefined for one that the tenant deleted. */
export async function portIfThere(neutron: Neutron, id: string): Promise<NeutronPort | undefined> {
  try {
    return await neutron.port(id);
  } catch (error) {
    if (isNotFound(error)) {
      return undefined;
    }
    throw error;
  }
}

/** Frees a VIF from this machine; one that is gone, or on another machine by now, is left alone. Safe to repeat. */
export async function unbindFrom(neutron: Neutron, task: Task, carrier: Carrier, vifId: string): Promise<void> {
  const port = await portIfThere(neutron, vifId);
  if (port === undefined) {
    return;
  }
  const host = port['binding:host_id'] ?? '';
  const { address } = carrier.item;
  const hasOurAddress = address !== null && port.mac_address.toLowerCase() === address.toLowerCase();
  if (host === hostOf(task, carrier)) {
    await unbind(neutron, vifId, { resetMac: hasOurAddress });
  } else if (host === '' && hasOurAddress) {
    // It was cut off between the two requests.
    await neutron.updatePort(vifId, { mac_address: null });
  }
}

/** Binds a VIF with these fields and with the MAC address of its carrier, freeing it first where Neutron wants that. */
export async function bindVif(
  neutron: Neutron,
  carrier: Carrier,
  port: NeutronPort,
  binding: JsonObject,
): Promise<NeutronPort> {
  const { address, extra } = carrier.item;
  const isOther = address !== null && port.mac_address.toLowerCase() !== address.toLowerCase();
  if (isBound(port) && (isOther || port['binding:host_id'] !== binding['binding:host_id'])) {
    await unbind(neutron, port.id, { resetMac: false });
  }
  return neutron.updatePort(port.id, {
    ...(isOther ? { mac_address: address } : {}),
    ...clientId(extra),
    ...binding,
  });
}

/** The option that tells or withdraws a DHCP client identifier (RFC 2132 section 9.14). */
export const clientIdOption = (id: string | null): ExtraDhcpOption => ({ opt_name: '61', opt_value: id });

/** The DHCP client identifier of ports whose firmware sends one that is not its MAC address (InfiniBand). */
export function clientId(extra: JsonObject): JsonObject {
  const id = extra['client-id'];
  return typeof id === 'string' && id !== '' ? { extra_dhcp_opts: [clientIdOption(id)] } : {};
}

/**
 * Waits until Neutron says that ports are active.
 * @param ports as Neutron last showed them
 * @throws RegisteredError NetworkError when one can not be bound, or is not active in time
 */
export async function untilActive(neutron: Neutron, task: Task, ports: readonly NeutronPort[]): Promise<void> {
  const seconds = task.config.neutron.port_active_timeout;
  const deadline = performance.now() + seconds * 1000;
  for (const given of ports) {
    const { id } = given;
    let port = given;
    for (let pause = FIRST_POLL_MILLISECONDS; ; pause = Math.min(pause * 2, LONGEST_POLL_MILLISECONDS)) {
      if (port['binding:vif_type'] === 'binding_failed') {
        throw registeredError('NetworkError', {
          reason: `Neutron could not bind port ${id} (${port.mac_address}) to host ${port['binding:host_id']}: no mechanism driver took it. Look at the log of neutron-server, and at local_link_connection of the node's ports.`,
        });
      }
      if (port.status === 'ACTIVE') {
        break;
      }
      if (performance.now() > deadline) {
        throw registeredError('NetworkError', {
          reason: `Port ${id} (${port.mac_address}) of Neutron is still "${port.status}" after ${seconds} s (neutron.port_active_timeout); the switch was not configured in that time.`,
        });
      }
      await sleep(pause, undefined, { signal: task.abortSignal });
      port = await neutron.port(id);
    }
  }
}

/** Waits until the agent of Neutron on a Smart NIC runs. @throws RegisteredError NetworkError when it does not in time */
export async function untilAgentIsUp(neutron: Neutron, task: Task, carrier: Carrier): Promise<void> {
  if (!isSmart(task, carrier)) {
    return;
  }
  const host = hostOf(task, carrier);
  const seconds = task.config.neutron.port_active_timeout;
  const deadline = performance.now() + seconds * 1000;
  let pause = FIRST_POLL_MILLISECONDS;
  while (!(await neutron.agentsOf(host)).some(({ alive }) => alive)) {
    if (performance.now() > deadline) {
      throw registeredError('NetworkError', {
        reason: `No agent of Neutron runs on host ${host}, the Smart NIC of node ${task.node.uuid}, after ${seconds} s (neutron.port_active_timeout). Look whether the Smart NIC is up, and at local_link_connection/hostname of the port.`,
      });
    }
    await sleep(pause, undefined, { signal: task.abortSignal });
    pause = Math.min(pause * 2, LONGEST_POLL_MILLISECONDS);
  }
}
