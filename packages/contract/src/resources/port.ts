// The fields and filters of a port.
import { field, resource } from '../field.ts';
import { readLocalLinkConnection } from './local-link-connection.ts';
import { flag, links, logicalName, mac, nullable, object, serverObject, text, time, uuid } from './value.ts';

const both = ['create', 'patch'] as const;

const localLinkConnection = object(
  readLocalLinkConnection,
  'an object with switch_id and port_id, or port_id and hostname, or network_type "unmanaged", or {}',
);

export const portResource = resource({
  name: 'port',
  collection: 'ports',
  fields: {
    uuid: field(uuid, { since: 1, shown: 'list', write: ['create'] }),
    address: field(mac, { since: 1, shown: 'list', write: both, required: true }),
    links: field(links, { since: 1, shown: 'list' }),

    node_uuid: field(uuid, { since: 1, write: both, sort: false }),
    node_ident: field(logicalName, { since: 94, shown: 'never', write: ['create'] }),
    extra: field(object(), { since: 1, write: both }),
    internal_info: field(serverObject, { since: 18 }),
    local_link_connection: field(localLinkConnection, { since: 19, write: both }),
    pxe_enabled: field(flag, { since: 19, write: both }),
    portgroup_uuid: field(nullable(uuid), { since: 24, write: both, sort: false }),
    physical_network: field(nullable(text(64, { minimum: 1 })), { since: 34, write: both }),
    is_smartnic: field(nullable(flag), { since: 53, write: both }),
    name: field(nullable(logicalName), { since: 88, write: both }),
    description: field(nullable(text(255)), { since: 97, write: both }),
    vendor: field(nullable(text(32)), { since: 100, write: both }),
    category: field(nullable(text(80)), { since: 101, write: both }),
    available_for_dynamic_portgroup: field(flag, { since: 111, write: both }),
    created_at: field(time, { since: 1 }),
    updated_at: field(time, { since: 1 }),
  },
  filters: {
    node: { since: 1 },
    node_uuid: { since: 1 },
    address: { since: 1 },
    portgroup: { since: 24 },
    shard: { since: 82 },
    description_contains: { since: 1 },
    conductor_groups: { since: 1 },
  },
});

/** Fields whose change may cut a running machine off its network. */
export const portConnectivityFields = [
  'pxe_enabled',
  'portgroup_uuid',
  'physical_network',
  'local_link_connection',
] as const;
