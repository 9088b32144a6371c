// The rules between a port group, its node, and the ports in it.
import { type Node, type Portgroup, portConnectivityUpdateStates, registeredError } from '@wrought/contract';
import { uniqueColumn } from '../../store/nodes.ts';
import type { PortRow } from '../../store/port-list.ts';
import { portFromRow } from '../../store/ports.ts';
import { reasonsToStandAlone } from '../ports/portgroup.ts';

/** A port group moves only without ports, and where a change of connections is allowed. @throws RegisteredError 400 and 409 */
export function checkMove(portgroup: Pick<Portgroup, 'uuid'>, node: Node, ports: readonly PortRow[]): void {
  if (!node.maintenance && !portConnectivityUpdateStates.has(node.provision_state)) {
    throw registeredError('InvalidState', {
      reason:
        `Port group ${portgroup.uuid} can not be moved while its node ${node.uuid} is in state "${node.provision_state}"; ` +
        `allowed: ${[...portConnectivityUpdateStates].join(', ')}, and any state in maintenance.`,
    });
  }
  if (ports.length > 0) {
    throw notEmpty(portgroup, ports);
  }
}

/** PortgroupNotEmpty for a port group as it stands. */
export function notEmpty({ uuid }: Pick<Portgroup, 'uuid'>, ports: readonly Pick<PortRow, 'uuid'>[]) {
  return registeredError('PortgroupNotEmpty', {
    portgroup: uuid,
    ports: ports.map((port) => port.uuid).join(', ') || 'just now',
  });
}

/** Ports that work by themselves need a group that lets them. @throws RegisteredError 409 */
export function checkStandalonePorts({ uuid }: Pick<Portgroup, 'uuid'>, node: Node, ports: readonly PortRow[]): void {
  for (const row of ports) {
    const reasons = reasonsToStandAlone(portFromRow(row), node);
    if (reasons.length > 0) {
      throw registeredError('Conflict', {
        reason: `The field standalone_ports_supported of port group ${uuid} can not be false: port ${row.uuid} ${reasons.join(' and ')}.`,
      });
    }
  }
}

/** What a failed write of a port group means for the client. */
export function portgroupWriteError(
  error: unknown,
  { uuid, address, name }: Partial<Pick<Portgroup, 'uuid' | 'address' | 'name'>>,
): unknown {
  switch (uniqueColumn(error)) {
    case 'portgroups.uuid':
      return registeredError('PortgroupAlreadyExists', { uuid: uuid ?? '' });
    case 'portgroups.address':
      return registeredError('PortgroupMACAlreadyExists', { mac: address ?? '' });
    case 'portgroups.name':
      return registeredError('PortgroupDuplicateName', { name: name ?? '' });
    default:
      return error;
  }
}
