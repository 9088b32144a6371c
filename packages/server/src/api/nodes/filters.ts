// Reads the filters of node lists from query arguments.
import { faults, isUuidLike, nodeResource, provisionStates, quirks, registeredError } from '@wrought/contract';
import { chassisTable } from '../../store/chassis.ts';
import type { NodeFilters } from '../../store/node-list.ts';
import { findNode } from '../../store/nodes.ts';
import type { Store } from '../../store/store.ts';
import { tooNew } from '../core/fields.ts';
import { booleanArgument, listArgument, uuidArgument, wordArgument } from '../core/query.ts';
import type { ApiRequest } from '../core/route.ts';

/** Names of the filter arguments. */
export const nodeFilterArguments = Object.keys(nodeResource.filters);

const plainTexts = [
  'driver',
  'resource_class',
  'owner',
  'lessee',
  'instance_name',
  'project',
  'description_contains',
] as const;
const booleans = ['maintenance', 'retired', 'associated', 'sharded', 'include_children'] as const;

/** Filters that need no version in the detailed list. */
const uncheckedInDetail: readonly string[] = quirks.filtersUncheckedInNodeDetail;

/** @throws RegisteredError 400 for bad values, 404 for an unknown chassis, 406 for filters that are too new */
export async function readNodeFilters(
  store: Store,
  { query, minor }: ApiRequest,
  isDetailPath: boolean,
): Promise<NodeFilters> {
  for (const [name, { since }] of Object.entries(nodeResource.filters)) {
    if (query[name] !== undefined && since > minor && !(isDetailPath && uncheckedInDetail.includes(name))) {
      throw tooNew(`The filter "${name}"`, since, minor);
    }
  }
  const filters: Record<string, unknown> = {};
  for (const name of plainTexts) {
    filters[name] = query[name];
  }
  for (const name of booleans) {
    filters[name] = booleanArgument(query, name);
  }
  filters.instance_uuid = uuidArgument(query, 'instance_uuid');
  filters.provision_state = wordArgument(query, 'provision_state', Object.keys(provisionStates));
  filters.fault = wordArgument(query, 'fault', faults);
  filters.conductor_group = query.conductor_group?.toLowerCase();
  filters.shard = listArgument(query, 'shard');
  filters.chassis_uuid = await chassisFilter(store, query);
  filters.parent_node = await parentFilter(store, query);
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined));
}

async function chassisFilter(store: Store, query: ApiRequest['query']): Promise<string | undefined> {
  const uuid = uuidArgument(query, 'chassis_uuid');
  if (uuid !== undefined && (await chassisTable.find(store.read, uuid)) === undefined) {
    throw registeredError('ChassisNotFound', { chassis: uuid });
  }
  return uuid;
}

async function parentFilter(store: Store, query: ApiRequest['query']): Promise<string | undefined> {
  const ident = query.parent_node;
  if (ident === undefined || isUuidLike(ident)) {
    return ident?.toLowerCase();
  }
  return (await findNode(store.read, ident))?.uuid ?? ident;
}
