// The fields and filters of a node. The fields of the default list come first, in the order in which `next` links spell them.
import { below, type Field, field, resource } from '../field.ts';
import { interfaceKindNames, interfaceKinds } from '../interfaces.ts';
import { readNetworkData } from './network-data.ts';
import { readNodeProperties } from './node-properties.ts';
import {
  computed,
  flag,
  links,
  logicalName,
  nullable,
  object,
  pattern,
  serverList,
  serverObject,
  serverText,
  subLinks,
  text,
  time,
  uuid,
} from './value.ts';

const both = ['create', 'patch'] as const;

/** `available` had no name of its own before 1.2, and `inspect wait` was part of `inspecting` before 1.39. */
const olderStates = [below(2, { available: null }), below(39, { 'inspect wait': 'inspecting' })];

const conductorGroup = pattern(
  /^[a-zA-Z0-9_\-.]{0,255}$/,
  'at most 255 letters, digits, underscores, dashes and dots',
  (value) => value.toLowerCase(),
);

/** Reads a node's network data: what config drives are made from where no network service knows it. */
const networkData = object(readNetworkData, 'an object with the lists "links", "networks" and "services", or {}');

const properties = object(
  readNodeProperties,
  'an object whose "cpus", "local_gb" and "memory_mb" are integers from 0 up',
);

const interfaceFields = Object.fromEntries(
  interfaceKindNames.map((kind) => [
    `${kind}_interface`,
    field(nullable(text(255)), { since: interfaceKinds[kind].since, write: both }),
  ]),
) as Record<`${keyof typeof interfaceKinds}_interface`, Field>;

export const nodeResource = resource({
  name: 'node',
  collection: 'nodes',
  fields: {
    instance_uuid: field(nullable(uuid), { since: 1, shown: 'list', write: both }),
    maintenance: field(flag, { since: 1, shown: 'list', write: both }),
    power_state: field(serverText, { since: 1, shown: 'list' }),
    provision_state: field(serverText, { since: 1, shown: 'list', below: olderStates }),
    uuid: field(uuid, { since: 1, shown: 'list', write: ['create'] }),
    name: field(nullable(logicalName), { since: 5, shown: 'list', write: both }),
    links: field(links, { since: 1, shown: 'list', selectable: false }),

    created_at: field(time, { since: 1, selectable: false }),
    updated_at: field(time, { since: 1, selectable: false }),
    allocation_uuid: field(serverText, { since: 52, sort: false }),
    automated_clean: field(nullable(flag), { since: 47, write: both }),
    ...interfaceFields,
    boot_mode: field(nullable(text(16)), { since: 75, write: ['create'] }),
    chassis_uuid: field(nullable(uuid), { since: 1, write: both, sort: false }),
    clean_step: field(serverObject, { since: 7, masked: true }),
    conductor: field(computed, { since: 49 }),
    conductor_group: field(nullable(conductorGroup), { since: 46, write: both }),
    console_enabled: field(flag, { since: 1, write: ['create'] }),
    deploy_step: field(serverObject, { since: 44, masked: true }),
    description: field(nullable(text(4096)), { since: 51, write: both }),
    disable_power_off: field(flag, { since: 95, write: both }),
    driver: field(text(255, { minimum: 1 }), { since: 1, write: both, required: true }),
    driver_info: field(object(), { since: 1, write: both, masked: true }),
    driver_internal_info: field(serverObject, { since: 3, masked: true }),
    extra: field(object(), { since: 1, write: both }),
    fault: field(serverText, { since: 42 }),
    health: field(serverText, { since: 109 }),
    inspection_finished_at: field(time, { since: 6 }),
    inspection_started_at: field(time, { since: 6 }),
    instance_info: field(object(), { since: 1, write: both, masked: 'instance' }),
    instance_name: field(nullable(text(255, { minimum: 1 })), { since: 104, write: both }),
    last_error: field(serverText, { since: 1 }),
    lessee: field(nullable(text(255)), { since: 65, write: both }),
    maintenance_reason: field(serverText, { since: 1 }),
    network_data: field(networkData, { since: 66, write: both }),
    owner: field(nullable(text(255)), { since: 50, write: both }),
    parent_node: field(nullable(text(255, { minimum: 1 })), { since: 83, write: both }),
    properties: field(properties, { since: 1, write: both }),
    protected: field(nullable(flag), { since: 48, write: ['patch'] }),
    protected_reason: field(nullable(text(255)), { since: 48, write: ['patch'] }),
    provision_updated_at: field(time, { since: 1 }),
    raid_config: field(serverObject, { since: 12 }),
    reservation: field(serverText, { since: 1 }),
    resource_class: field(nullable(text(80)), { since: 21, write: both }),
    retired: field(nullable(flag), { since: 61, write: both }),
    retired_reason: field(nullable(text(255)), { since: 61, write: both }),
    secure_boot: field(nullable(flag), { since: 75, write: ['create'] }),
    service_step: field(serverObject, { since: 87, masked: true }),
    shard: field(nullable(text(255)), { since: 82, write: both }),
    target_power_state: field(serverText, { since: 1 }),
    target_provision_state: field(serverText, { since: 1, below: olderStates }),
    target_raid_config: field(serverObject, { since: 12 }),
    traits: field(serverList, { since: 37 }),
    ports: field(subLinks, { since: 1, selectable: false }),
    states: field(subLinks, { since: 14, selectable: false }),
    portgroups: field(subLinks, { since: 24, selectable: false }),
    volume: field(subLinks, { since: 32, selectable: false }),
  },
  filters: {
    chassis_uuid: { since: 1 },
    instance_uuid: { since: 1 },
    associated: { since: 1 },
    maintenance: { since: 1 },
    retired: { since: 1 },
    provision_state: { since: 9 },
    driver: { since: 16 },
    resource_class: { since: 21 },
    fault: { since: 42 },
    conductor_group: { since: 46 },
    conductor: { since: 49 },
    owner: { since: 50 },
    lessee: { since: 65 },
    project: { since: 1 },
    description_contains: { since: 1 },
    shard: { since: 82 },
    sharded: { since: 82 },
    instance_name: { since: 104 },
    include_children: { since: 83 },
    parent_node: { since: 83 },
  },
});

/** What `GET /v1/nodes/{ident}/states` shows, in order; versions are those of the node's fields. */
export const nodeStatesFields = [
  'console_enabled',
  'last_error',
  'power_state',
  'provision_state',
  'target_power_state',
  'target_provision_state',
  'provision_updated_at',
  'raid_config',
  'target_raid_config',
  'boot_mode',
  'secure_boot',
] as const;

/** Attribute and action names of the collection: no node may have one of them as its name. */
export const reservedNodeNames: ReadonlySet<string> = new Set([
  'detail',
  'validate',
  'states',
  'vendor_passthru',
  'management',
  'maintenance',
]);

/** Most traits that a node may have. */
export const MAXIMUM_TRAITS = 50;
