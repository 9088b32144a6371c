// The fields and filters of a port group.
import { field, resource } from '../field.ts';
import {
  flag,
  links,
  logicalName,
  mac,
  nullable,
  object,
  serverFlag,
  serverObject,
  subLinks,
  text,
  time,
  uuid,
} from './value.ts';

const both = ['create', 'patch'] as const;

export const portgroupResource = resource({
  name: 'port group',
  collection: 'portgroups',
  since: 23,
  fields: {
    uuid: field(uuid, { since: 23, shown: 'list', write: ['create'] }),
    address: field(nullable(mac), { since: 23, shown: 'list', write: both }),
    name: field(nullable(logicalName), { since: 23, shown: 'list', write: both }),
    links: field(links, { since: 23, shown: 'list' }),
    node_uuid: field(uuid, { since: 23, write: both, required: true, sort: false }),
    extra: field(object(), { since: 23, write: both }),
    internal_info: field(serverObject, { since: 23 }),
    standalone_ports_supported: field(flag, { since: 23, write: both }),
    mode: field(nullable(text(255)), { since: 26, write: both }),
    properties: field(object(), { since: 26, write: both }),
    physical_network: field(nullable(text(64, { minimum: 1 })), { since: 102, write: both }),
    category: field(nullable(text(80)), { since: 103, write: both }),
    dynamic_portgroup: field(serverFlag, { since: 111 }),
    ports: field(subLinks, { since: 23 }),
    created_at: field(time, { since: 23 }),
    updated_at: field(time, { since: 23 }),
  },
  filters: {
    node: { since: 23 },
    address: { since: 23 },
    shard: { since: 106 },
    conductor_groups: { since: 99 },
  },
});

/** Version of the lists of port groups below a node, and of ports below a port group. */
export const PORTGROUP_LISTS_SINCE = 24;
/** Version from which a port group keeps the physical network of its ports. */
export const PORTGROUP_PHYSICAL_NETWORK_SINCE = 102;
