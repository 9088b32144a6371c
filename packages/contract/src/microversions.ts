// The log of API microversions, 1.1 to the newest: what each one changed. The place of an entry is its minor version.

/** `microversionLog[n]` tells what version 1.n changed; entry 0 is empty because the API begins at 1.1. */
export const microversionLog: readonly string[] = [
  '',
  'baseline: maintenance_reason and maintenance endpoint, sync/async vendor passthru with any HTTP method, discoverable vendor methods, configdrive on deploy',
  'state null renamed available in responses',
  'node.driver_internal_info',
  'state manageable; verbs manage, provide',
  'node.name and addressing nodes by name (hostname-like names)',
  'states inspecting/inspect failed; verb inspect; inspection_started_at, inspection_finished_at',
  'node.clean_step',
  'fields query parameter',
  'provision_state filter on nodes',
  'node names may use all RFC 3986 unreserved characters',
  'new nodes start in enroll instead of available',
  'node raid_config, target_raid_config; PUT states/raid; driver raid logical_disk_properties',
  'verb abort (clean wait)',
  'links states in node and properties in driver',
  'manual cleaning: verb clean with clean_steps',
  'driver filter on nodes',
  'verb adopt',
  'port.internal_info',
  'port.local_link_connection, port.pxe_enabled',
  'node.network_interface',
  'node.resource_class and filter',
  'lookup and heartbeat endpoints',
  'portgroups endpoint',
  'nodes/x/portgroups, portgroups/x/ports, port.portgroup_uuid',
  'chassis_uuid of a node may be unset',
  'portgroup.mode, portgroup.properties',
  'power targets soft rebooting, soft power off; timeout in power request',
  'nodes/x/vifs',
  'nodes/x/management/inject_nmi',
  'drivers: type and detail parameters, type field, default_/enabled_ interface fields',
  'node boot/console/deploy/inspect/management/power/raid/vendor interface fields',
  'volume connectors and targets, nodes/x/volume',
  'node.storage_interface; driver storage fields',
  'port.physical_network',
  'configdrive with rebuild',
  'agent_version in heartbeat',
  'node traits sub-resource and node.traits',
  'rescue states, verbs rescue/unrescue, node.rescue_interface; driver rescue fields',
  'state inspect wait visible',
  'node BIOS settings sub-resource, node.bios_interface; driver bios fields',
  'abort in inspect wait',
  'node.fault and filter',
  'detail query parameter on lists',
  'node.deploy_step',
  'reset_interfaces parameter on node PATCH',
  'node.conductor_group and filter',
  'node.automated_clean',
  'node.protected, protected_reason',
  'conductors endpoint, node.conductor and filter',
  'node.owner and filter',
  'node.description and description_contains filter',
  'allocations endpoint, nodes/x/allocation, node.allocation_uuid',
  'port.is_smartnic',
  'events endpoint',
  'deploy_templates endpoint',
  'configdrive may be an object that the service builds',
  'PATCH of an allocation (name, extra)',
  'allocation backfill with node field on creation',
  'vendor_data in object configdrive',
  'allocation.owner',
  'node.retired, retired_reason',
  'agent token support in lookup and heartbeat',
  'management indicators endpoints',
  'network_type in port.local_link_connection',
  'node.lessee and filter',
  'node.network_data',
  'port_uuid/portgroup_uuid in VIF attach',
  'agent_verify_ca in heartbeat',
  'deploy_steps with active/rebuild',
  'disable_ramdisk with clean',
  'marker: system scope RBAC is supported',
  'agent_status, agent_status_message in heartbeat',
  'verbs deploy, undeploy as aliases',
  'BIOS registry fields; detail and fields on BIOS list',
  'node.boot_mode, node.secure_boot; shown in states too',
  'PUT states/boot_mode, states/secure_boot',
  'fields on drivers list and driver show',
  'node history sub-resource',
  'allocation prefers a node whose name equals the allocation name',
  'marker: project admins can create/delete own nodes',
  'node inventory sub-resource',
  'node.shard, shard/sharded filters, shards endpoint, shard filter on ports',
  'node.parent_node, children sub-resource, include_children and parent_node filters',
  'continue_inspection endpoint',
  'verb unhold; clean hold, deploy hold',
  'node.firmware_interface, firmware sub-resource; driver firmware fields',
  'verb service, service states, node.service_step',
  'port.name',
  'attach/detach virtual media (nodes/x/vmedia)',
  'OVN VTEP keys in port.local_link_connection',
  'a .json suffix in URLs is no longer stripped',
  'runbooks endpoint; runbook in provision request',
  'GET virtual media',
  'node_ident in port creation',
  'node.disable_power_off',
  'inspection_rules endpoint',
  'port.description',
  'JSON pointer escapes ~0 ~1 honoured in PATCH paths',
  'conductor_groups filter on ports and portgroups',
  'port.vendor',
  'port.category',
  'portgroup.physical_network',
  'portgroup.category',
  'node.instance_name and filter',
  'OVN VTEP keys removed again',
  'shard filter on portgroups',
  'X-OpenStack-Request-Id response header',
  'disable_ramdisk with service',
  'node.health',
  'abort in wait call-back',
  'port.available_for_dynamic_portgroup, portgroup.dynamic_portgroup',
  'runbook traits and sub-resource, runbook.description, free-form runbook names',
  'project in detailed node history',
  'vendor, model, serial_number in firmware components',
  'state, target_provision_state, duration_seconds in detailed node history',
];

/** Minor number of the oldest version; also what a client gets that names none. */
export const MINIMUM_MINOR = 1;
/** Minor number of the newest version. */
export const MAXIMUM_MINOR = microversionLog.length - 1;

/** A version as text, such as "1.82". */
export function versionText(minor: number): string {
  return `1.${minor}`;
}

/** What a client asked for in a version header. */
type RequestedVersion =
  | { readonly kind: 'minor'; readonly minor: number }
  /** Two numbers, but of no version that exists. */
  | { readonly kind: 'out of range'; readonly text: string }
  | { readonly kind: 'malformed'; readonly text: string };

/**
 * Reads the value of a version header: `major.minor` or `latest` in any letter case. Blanks around it and leading zeros are
 * tolerated; absent means the oldest version.
 */
export function readVersion(text: string | undefined): RequestedVersion {
  if (text === undefined) {
    return { kind: 'minor', minor: MINIMUM_MINOR };
  }
  const trimmed = text.trim();
  if (trimmed.toLowerCase() === 'latest') {
    return { kind: 'minor', minor: MAXIMUM_MINOR };
  }
  const parts = /^(-?\d+)\.(-?\d+)$/.exec(trimmed);
  if (parts === null) {
    return { kind: 'malformed', text };
  }
  const [major, minor] = [Number(parts[1]), Number(parts[2])];
  return major === 1 && minor >= MINIMUM_MINOR && minor <= MAXIMUM_MINOR
    ? { kind: 'minor', minor }
    : { kind: 'out of range', text: trimmed };
}

const MULTI_SERVICE_NAME = 'baremetal';

/**
 * The text of the version that request headers ask for; header names in lower case. `OpenStack-API-Version` lists
 * "service version" pairs, of which the last one for "baremetal" counts, and goes before `X-OpenStack-Ironic-API-Version`.
 */
export function requestedVersionText(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): string | undefined {
  const common = headers['openstack-api-version'];
  if (common !== undefined) {
    let found: string | undefined;
    for (const pair of String(common).split(',')) {
      const [service, version] = pair.trim().split(/\s+/);
      if (service?.toLowerCase() === MULTI_SERVICE_NAME && version !== undefined) {
        found = version;
      }
    }
    if (found !== undefined) {
      return found;
    }
  }
  const own = headers['x-openstack-ironic-api-version'];
  return own === undefined ? undefined : String(own);
}
