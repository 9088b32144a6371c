// Reads filters that lists of what belongs to nodes have in common.
import { readMac, registeredError } from '@wrought/contract';
import { findNode, isUuid } from '../../store/nodes.ts';
import { tooNew } from '../core/fields.ts';
import { uuidArgument } from '../core/query.ts';
import type { ApiRequest } from '../core/route.ts';
import type { Services } from '../services.ts';
import { NODE_NAME_SINCE } from './view.ts';

/** The MAC address of the argument `address` in lower case. @throws RegisteredError InvalidMAC */
export function addressFilter({ query: { address } }: ApiRequest): string | undefined {
  const mac = address === undefined ? undefined : readMac(address);
  if (address !== undefined && mac === undefined) {
    throw registeredError('InvalidMAC', { field: 'address', mac: address });
  }
  return mac;
}

/** The UUID of the node that the argument `node` or `node_uuid` names. @throws RegisteredError 400, NodeNotFound, 406 */
export async function nodeFilter(
  { query, minor }: ApiRequest,
  { store }: Pick<Services, 'store'>,
): Promise<string | undefined> {
  if (query.node !== undefined && minor < NODE_NAME_SINCE && !isUuid(query.node)) {
    throw tooNew('Naming a node by its name', NODE_NAME_SINCE, minor);
  }
  const ident = query.node ?? uuidArgument(query, 'node_uuid');
  if (ident === undefined) {
    return undefined;
  }
  const node = await findNode(store.read, ident);
  if (node === undefined) {
    throw registeredError('NodeNotFound', { node: ident });
  }
  return node.uuid;
}

/** The filters that were given: members that are undefined are left out. */
export function givenFilters<Filters extends object>(
  filters: {
    readonly [Name in keyof Filters]: Filters[Name] | undefined;
  },
): Filters {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined)) as Filters;
}
