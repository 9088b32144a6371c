// Shows port groups: finds their rows, and says how they are listed and written.
import { portgroupResource, quirks, registeredError } from '@wrought/contract';
import { isUuid } from '../../store/nodes.ts';
import { ownersOf } from '../../store/plain-table.ts';
import { type PortgroupRow, portgroupTable } from '../../store/portgroups.ts';
import type { Database } from '../../store/store.ts';
import { findWithSuffix } from '../core/path.ts';
import type { Listing } from '../core/plain.ts';
import type { ApiRequest } from '../core/route.ts';
import { serializer } from '../core/serialize.ts';
import type { Services } from '../services.ts';

const writer = serializer(portgroupResource, { identity: 'uuid' });

/** How port groups are listed and written. */
export function portgroupListing(read: Database): Listing<PortgroupRow> {
  return {
    of: portgroupResource,
    path: portgroupResource.collection,
    writer,
    findMarker: (marker, sortKey) => portgroupTable.marker(read, marker, sortKey),
  };
}

/** The port group that the path names, once the policy allows it. @throws RegisteredError 403, PortgroupNotFound */
export async function portgroupRowOf(
  { params, jsonSuffix, access }: ApiRequest,
  { store }: Pick<Services, 'store'>,
): Promise<PortgroupRow> {
  const ident = params.portgroup ?? '';
  const row = await findWithSuffix(ident, jsonSuffix, (text) => portgroupTable.findByIdent(store.read, text));
  const notFound = () => registeredError('PortgroupNotFound', { portgroup: ident });
  if (row === undefined) {
    throw notFound();
  }
  access.requireOnNode(ownersOf(row), notFound);
  return row;
}

/** The port group of the path, for lists that take its UUID only. @throws RegisteredError PortgroupNotFound, also for a name */
export async function parentPortgroup({ params, access }: ApiRequest, { store }: Services): Promise<PortgroupRow> {
  const ident = params.portgroup ?? '';
  const isRefused = quirks.childListsNeedUuid && !isUuid(ident);
  const row = isRefused ? undefined : await portgroupTable.findByIdent(store.read, ident);
  const notFound = () => registeredError('PortgroupNotFound', { portgroup: ident });
  if (row === undefined) {
    throw notFound();
  }
  access.requireOnNode(ownersOf(row), notFound, 'baremetal:node:get');
  return row;
}
