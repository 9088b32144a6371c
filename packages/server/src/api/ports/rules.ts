// The rules that a port has to keep whether it is new or changed.
import {
  type JsonObject,
  NETWORK_TYPE_SINCE,
  type Port,
  registeredError,
  VTEP_SINCE,
  VTEP_UNTIL,
} from '@wrought/contract';
import { uniqueColumn } from '../../store/nodes.ts';
import type { PortChanges } from '../../store/port-list.ts';
import { tooNew } from '../core/fields.ts';

/** @throws RegisteredError 406 for keys that the client's version does not know */
export function checkLinkVersion(connection: JsonObject | undefined, minor: number): void {
  if (connection === undefined) {
    return;
  }
  if ('network_type' in connection && minor < NETWORK_TYPE_SINCE) {
    throw tooNew('The key "network_type" of local_link_connection', NETWORK_TYPE_SINCE, minor);
  }
  if ('vtep-logical-switch' in connection && (minor < VTEP_SINCE || minor > VTEP_UNTIL)) {
    throw registeredError('NotAcceptable', {
      reason: `The key "vtep-logical-switch" of local_link_connection exists in API versions 1.${VTEP_SINCE} to 1.${VTEP_UNTIL} only.`,
    });
  }
}

/** A Smart NIC needs to be told where it is. @throws RegisteredError 400 */
export function checkSmartnic(port: Pick<PortChanges, 'is_smartnic' | 'local_link_connection'>): void {
  const connection = port.local_link_connection ?? {};
  if (port.is_smartnic === true && !('port_id' in connection && 'hostname' in connection)) {
    throw registeredError('Invalid', {
      reason: 'A port with is_smartnic needs port_id and hostname in its local_link_connection.',
    });
  }
}

/** What a failed write of a port means for the client. */
export function portWriteError(error: unknown, port: Partial<Pick<Port, 'uuid' | 'address' | 'name'>>): unknown {
  switch (uniqueColumn(error)) {
    case 'ports.uuid':
      return registeredError('PortAlreadyExists', { uuid: port.uuid ?? '' });
    case 'ports.address':
      return registeredError('MACAlreadyExists', { mac: port.address ?? '' });
    case 'ports.name':
      return registeredError('PortDuplicateName', { name: port.name ?? '' });
    default:
      return error;
  }
}
