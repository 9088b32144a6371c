// The versioned objects that Ironic's notifications carry: name, version and fields by the kind of event, and their making.
import { interfaceKindNames, type JsonObject, type OutgoingEvent } from '@wrought/contract';

interface Payload {
  readonly name: string;
  readonly version: string;
  readonly fields: readonly string[];
}

const times = ['created_at', 'updated_at'] as const;
const common = ['uuid', ...times] as const;

/** Interfaces of a node that its payload names: all but the firmware interface. */
const interfaces = interfaceKindNames.filter((kind) => kind !== 'firmware').map((kind) => `${kind}_interface`);

const nodeFields: readonly string[] = [
  ...common,
  ...interfaces,
  'clean_step',
  'conductor_group',
  'console_enabled',
  'deploy_step',
  'description',
  'disable_power_off',
  'driver',
  'extra',
  'boot_mode',
  'secure_boot',
  'inspection_finished_at',
  'inspection_started_at',
  'instance_uuid',
  'last_error',
  'maintenance',
  'maintenance_reason',
  'fault',
  'name',
  'owner',
  'lessee',
  'power_state',
  'properties',
  'protected',
  'protected_reason',
  'provision_state',
  'provision_updated_at',
  'resource_class',
  'retired',
  'retired_reason',
  'target_power_state',
  'target_provision_state',
  'traits',
];

const node: Payload = { name: 'NodePayload', version: '1.17', fields: nodeFields };

/** By object and action; an action that is not named has the payload of the object. */
const payloads: Readonly<Record<string, Payload>> = {
  node: {
    name: 'NodeCRUDPayload',
    version: '1.15',
    fields: [...nodeFields, 'chassis_uuid', 'instance_info', 'driver_info'],
  },
  'node.maintenance_set': node,
  'node.console_set': node,
  'node.power_set': { name: 'NodeSetPowerStatePayload', version: '1.17', fields: [...nodeFields, 'to_power'] },
  'node.power_state_corrected': {
    name: 'NodeCorrectedPowerStatePayload',
    version: '1.17',
    fields: [...nodeFields, 'from_power'],
  },
  'node.provision_set': {
    name: 'NodeSetProvisionStatePayload',
    version: '1.18',
    fields: [
      ...nodeFields,
      'instance_info',
      'driver_internal_info',
      'event',
      'previous_provision_state',
      'previous_target_provision_state',
    ],
  },
  port: {
    name: 'PortCRUDPayload',
    version: '1.8',
    fields: [
      ...common,
      'address',
      'extra',
      'local_link_connection',
      'pxe_enabled',
      'node_uuid',
      'portgroup_uuid',
      'physical_network',
      'is_smartnic',
      'name',
      'description',
      'vendor',
      'category',
      'available_for_dynamic_portgroup',
    ],
  },
  portgroup: {
    name: 'PortgroupCRUDPayload',
    version: '1.3',
    fields: [
      ...common,
      'address',
      'extra',
      'mode',
      'name',
      'node_uuid',
      'properties',
      'standalone_ports_supported',
      'physical_network',
      'category',
      'dynamic_portgroup',
    ],
  },
  chassis: { name: 'ChassisCRUDPayload', version: '1.0', fields: [...common, 'description', 'extra'] },
  volumeconnector: {
    name: 'VolumeConnectorCRUDPayload',
    version: '1.0',
    fields: [...common, 'extra', 'type', 'connector_id', 'node_uuid'],
  },
  volumetarget: {
    name: 'VolumeTargetCRUDPayload',
    version: '1.0',
    fields: [...common, 'boot_index', 'extra', 'node_uuid', 'properties', 'volume_id', 'volume_type'],
  },
  allocation: {
    name: 'AllocationCRUDPayload',
    version: '1.1',
    fields: [
      ...common,
      'candidate_nodes',
      'extra',
      'last_error',
      'name',
      'node_uuid',
      'owner',
      'resource_class',
      'state',
      'traits',
    ],
  },
  deploytemplate: { name: 'DeployTemplateCRUDPayload', version: '1.0', fields: [...common, 'extra', 'name', 'steps'] },
  runbook: {
    name: 'RunbookCRUDPayload',
    version: '1.1',
    fields: [...common, 'extra', 'name', 'steps', 'disable_ramdisk', 'public', 'owner', 'description', 'traits'],
  },
  inspectionrule: {
    name: 'InspectionRuleCRUDPayload',
    version: '1.0',
    fields: [...common, 'priority', 'phase', 'description', 'sensitive', 'actions', 'conditions'],
  },
};

const TIME_FIELD = /_at$/;

/** Times of a versioned object have whole seconds. */
function fieldValue(name: string, value: unknown): unknown {
  return TIME_FIELD.test(name) && typeof value === 'string' ? value.replace(/\.\d+Z$/, 'Z') : (value ?? null);
}

/** The payload of an event as the primitive of a versioned object. */
export function ironicPayload({ type, node: nodeUuid, data, object }: OutgoingEvent): JsonObject {
  const [, kind = '', action = ''] = type.split('.');
  const payload = payloads[`${kind}.${action}`] ?? payloads[kind];
  if (payload === undefined) {
    throw new TypeError(`No payload is known for the event "${type}".`);
  }
  const details: JsonObject = { to_power: data.to_power, from_power: data.from_power };
  details.event = data.event;
  details.previous_provision_state = data.from;
  details.previous_target_provision_state = data.previous_target;
  // Consumers see at a member that they know why there is nothing else.
  const extra = data.payload_left_out === undefined ? {} : { extra: { payload_left_out: data.payload_left_out } };
  const values: JsonObject = { node_uuid: nodeUuid, uuid: data.uuid, ...details, ...extra, ...object };
  return {
    'ironic_object.name': payload.name,
    'ironic_object.namespace': 'ironic',
    'ironic_object.version': payload.version,
    'ironic_object.data': Object.fromEntries(payload.fields.map((name) => [name, fieldValue(name, values[name])])),
  };
}
