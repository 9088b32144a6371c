// The rules of a port that is in a port group, or is to be.
import {
  type Node,
  PORTGROUP_PHYSICAL_NETWORK_SINCE,
  type Port,
  type Portgroup,
  registeredError,
} from '@wrought/contract';
import { portgroupFromRow, portgroupTable, portsOfPortgroup } from '../../store/portgroups.ts';
import type { Services } from '../services.ts';

/** The virtual interface that a port carries, or undefined. */
export function vifOf({ internal_info }: Pick<Port, 'internal_info'>): unknown {
  return internal_info.tenant_vif_port_id;
}

/** Why a port has to work by itself, whatever group it is in. Network interface noop asks nothing of ports. */
export function reasonsToStandAlone(
  port: Pick<Port, 'pxe_enabled' | 'internal_info'>,
  node: Pick<Node, 'network_interface'>,
): string[] {
  if (node.network_interface === 'noop') {
    return [];
  }
  const vif = vifOf(port);
  return [
    ...(port.pxe_enabled ? ['boots from the network (pxe_enabled)'] : []),
    ...(vif === undefined ? [] : [`carries VIF ${String(vif)}`]),
  ];
}

/** The port group that a port of the node names. @throws RegisteredError 400 */
export async function portgroupFor(
  { store }: Pick<Services, 'store'>,
  uuid: string,
  node: Pick<Node, 'id' | 'uuid'>,
): Promise<Portgroup> {
  const row = await portgroupTable.find(store.read, uuid);
  if (row === undefined) {
    throw registeredError('Invalid', {
      reason: `The field portgroup_uuid names port group ${uuid}, which could not be found.`,
    });
  }
  if (row.node_id !== node.id) {
    throw registeredError('Invalid', {
      reason: `The field portgroup_uuid names port group ${uuid} of node ${row.node_uuid}; allowed: one of the port's own node ${node.uuid}.`,
    });
  }
  return portgroupFromRow(row);
}

/** A new port that is said to boot from the network needs a group that lets it. @throws RegisteredError 409 */
export function checkNewPort(portgroup: Portgroup, pxeEnabled: boolean | undefined): void {
  if (pxeEnabled === true && !portgroup.standalone_ports_supported) {
    throw registeredError('Conflict', {
      reason: `A port with pxe_enabled can not be in port group ${portgroup.uuid}, whose standalone_ports_supported is false.`,
    });
  }
}

/** All ports of a group are on one physical network. @throws RegisteredError 409 */
export async function checkPhysicalNetwork(
  { store }: Pick<Services, 'store'>,
  portgroup: Portgroup,
  port: { readonly uuid: string; readonly physical_network: string | null },
): Promise<void> {
  const others = await portsOfPortgroup(store.read, portgroup.uuid);
  const other = others.find(({ uuid }) => uuid !== port.uuid);
  if (other === undefined && portgroup.physical_network === null) {
    return;
  }
  const network = other === undefined ? portgroup.physical_network : other.physical_network;
  if (network !== port.physical_network) {
    throw registeredError('Conflict', {
      reason:
        `A port on physical network "${port.physical_network ?? 'none'}" can not be in port group ${portgroup.uuid}, ` +
        `which is on "${network ?? 'none'}".`,
    });
  }
}

/** A port as a patch would leave it, with what the patch names. */
interface PatchedPort {
  readonly port: Port;
  readonly changed: ReadonlySet<keyof Port>;
  readonly minor: number;
}

/** What a patch of a port has to keep when the port is in a group afterwards. @throws RegisteredError 400 and 409 */
export async function checkPatchedPort(
  services: Pick<Services, 'store'>,
  { port, changed, minor }: PatchedPort,
  node: Node,
): Promise<void> {
  if (port.portgroup_uuid === null) {
    return;
  }
  const concerned = (['portgroup_uuid', 'node_uuid', 'physical_network', 'pxe_enabled'] as const).filter((name) =>
    changed.has(name),
  );
  if (concerned.length === 0 && vifOf(port) === undefined) {
    return;
  }
  const portgroup = await portgroupFor(services, port.portgroup_uuid, node);
  if (changed.has('physical_network') && minor >= PORTGROUP_PHYSICAL_NETWORK_SINCE) {
    throw registeredError('Invalid', {
      reason: `The field physical_network of port ${port.uuid} is that of its port group ${portgroup.uuid}; change it there.`,
    });
  }
  if (changed.has('portgroup_uuid') || changed.has('physical_network')) {
    await checkPhysicalNetwork(services, portgroup, port);
  }
  const reasons = reasonsToStandAlone(port, node);
  if (!portgroup.standalone_ports_supported && reasons.length > 0) {
    throw registeredError('Conflict', {
      reason:
        `Port ${port.uuid} can not be in port group ${portgroup.uuid}, whose standalone_ports_supported is false: it ` +
        `${reasons.join(' and ')}.`,
    });
  }
}
