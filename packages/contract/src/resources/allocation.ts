// The fields and filters of an allocation: a request for any node that fits, and the node that was found.
import { field, resource } from '../field.ts';
import { traitList } from './trait.ts';
import { links, list, logicalName, nullable, object, serverText, text, time, uuid } from './value.ts';

const nodeIdents = list((value) => {
  const wrong = value.findIndex((item) => typeof item !== 'string' || item === '');
  return wrong < 0
    ? { ok: true, value }
    : { ok: false, at: `[${wrong}]`, found: value[wrong], allowed: 'the UUID or name of a node' };
}, 'a list of UUIDs or names of nodes');

export const allocationResource = resource({
  name: 'allocation',
  collection: 'allocations',
  since: 52,
  fields: {
    uuid: field(uuid, { since: 52, shown: 'list', write: ['create'] }),
    name: field(nullable(logicalName), { since: 52, shown: 'list', write: ['create', 'patch'] }),
    resource_class: field(text(80, { minimum: 1 }), { since: 52, shown: 'list', write: ['create'] }),
    candidate_nodes: field(nodeIdents, { since: 52, shown: 'list', write: ['create'] }),
    traits: field(traitList, { since: 52, shown: 'list', write: ['create'] }),
    extra: field(object(), { since: 52, shown: 'list', write: ['create', 'patch'] }),
    node: field(text(255, { minimum: 1 }), { since: 58, shown: 'never', write: ['create'] }),
    owner: field(nullable(text(255)), { since: 60, shown: 'list', write: ['create'] }),
    node_uuid: field(serverText, { since: 52, shown: 'list', sort: false }),
    state: field(serverText, { since: 52, shown: 'list' }),
    last_error: field(serverText, { since: 52, shown: 'list' }),
    links: field(links, { since: 52, shown: 'list' }),
    created_at: field(time, { since: 52, shown: 'list' }),
    updated_at: field(time, { since: 52, shown: 'list' }),
  },
  filters: {
    node: { since: 52 },
    resource_class: { since: 52 },
    state: { since: 52 },
    owner: { since: 60 },
  },
});

/** Version that brought PATCH of allocations. */
export const ALLOCATION_PATCH_SINCE = 57;
