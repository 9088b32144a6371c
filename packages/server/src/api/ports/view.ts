// Shows ports: finds their rows and writes them as JSON for a version and a choice of fields.
import {
  hasVtepKeys,
  isLogicalName,
  isUuidLike,
  portResource,
  readMac,
  registeredError,
  VTEP_SINCE,
  VTEP_UNTIL,
} from '@wrought/contract';
import { isUuid } from '../../store/nodes.ts';
import { ownersOf } from '../../store/plain-table.ts';
import { findPortByName, type PortRow, portTable } from '../../store/port-list.ts';
import type { Database, Store } from '../../store/store.ts';
import type { Listing } from '../core/plain.ts';
import type { ApiRequest } from '../core/route.ts';
import { type Row, serializer } from '../core/serialize.ts';

/** Version from which ports can be addressed by name (and by MAC address). */
const PORT_NAME_SINCE = 88;

/** Writers of ports. Connections with OVN VTEP keys read as empty where those keys do not exist. */
const portWriter = serializer(portResource, {
  identity: 'uuid',
  override: (name, minor) =>
    name === 'local_link_connection' && (minor < VTEP_SINCE || minor > VTEP_UNTIL) ? withoutVtep : undefined,
});

function withoutVtep(row: Row): string {
  const json = row.local_link_connection as string;
  return json.includes('vtep-') && hasVtepKeys(JSON.parse(json)) ? '{}' : json;
}

/** How ports are listed and written. */
export function portListing(read: Database): Listing<PortRow> {
  return {
    of: portResource,
    path: portResource.collection,
    writer: portWriter,
    findMarker: (marker, sortKey) => portTable.marker(read, marker, sortKey),
  };
}

/** The port that the path names, once the policy allows it. @throws RegisteredError 400 for what can be no ident, 403, 404 */
export async function portRowOf({ read }: Store, { params, minor, access }: ApiRequest): Promise<PortRow> {
  const ident = params.port ?? '';
  const byName = minor >= PORT_NAME_SINCE && (isLogicalName(ident) || readMac(ident) !== undefined);
  if (!isUuid(ident) && !byName) {
    if (isUuidLike(ident) || minor >= PORT_NAME_SINCE) {
      throw registeredError('PortNotFound', { port: ident });
    }
    throw registeredError('InvalidUUID', { uuid: ident });
  }
  const row = await (isUuid(ident) ? portTable.find(read, ident) : findPortByName(read, readMac(ident) ?? ident));
  const notFound = () => registeredError('PortNotFound', { port: ident });
  if (row === undefined) {
    throw notFound();
  }
  access.requireOnNode(ownersOf(row), notFound);
  return row;
}
