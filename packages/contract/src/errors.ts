// The registry of errors that a client can meet: name, HTTP status and the sentence with its parameters.

interface ErrorFacts {
  readonly status: number;
  readonly template: string;
}

/**
 * Names follow the classes that clients of the Bare Metal API know. A template says what failed and where; `{reason}` holds
 * what came back and what to do next. Statuses: `errors.json` facts of the API contract.
 */
export const errors = {
  Invalid: { status: 400, template: '{reason}' },
  InvalidParameterValue: { status: 400, template: '{reason}' },
  MissingParameterValue: { status: 400, template: '{reason}' },
  ClientSideError: { status: 400, template: '{reason}' },
  ConflictingRequest: { status: 409, template: '{reason}' },
  UnknownArgument: { status: 400, template: 'Unknown argument: {names}. {allowed}' },
  InvalidUUID: { status: 400, template: 'Expected a UUID but received "{uuid}".' },
  InvalidUuidOrName: { status: 400, template: 'Expected a UUID or a logical name but received "{name}".' },
  InvalidName: { status: 400, template: 'Expected a logical name but received "{name}": {allowed}.' },
  InvalidMAC: {
    status: 400,
    template: 'Expected a MAC address such as 52:54:00:12:34:56 in field {field} but received "{mac}".',
  },
  InvalidSwitchID: {
    status: 400,
    template: 'Expected a MAC address or a 64-bit OpenFlow datapath id as switch_id but received "{switch_id}".',
  },
  InvalidStateRequested: {
    status: 400,
    template:
      'The requested action "{action}" can not be performed on node {node} while it is in state "{state}". {hint}',
  },
  PatchError: { status: 400, template: 'Could not apply the patch {patch}: {reason}' },
  NodeInMaintenance: {
    status: 400,
    template:
      'Node {node} is in maintenance, so "{op}" is refused. Clear the maintenance flag first. Reason given: {reason}',
  },
  UnsupportedDriverExtension: {
    status: 400,
    template: 'The {interface} interface "{implementation}" of node {node} does not support {extension}.',
  },
  InterfaceNotFoundInEntrypoint: {
    status: 400,
    template: 'No {iface} interface "{name}" is enabled. Enabled {iface} interfaces: {valid}.',
  },
  IncompatibleInterface: {
    status: 400,
    template: 'The {iface} interface "{name}" is not supported by hardware type "{driver}", which takes: {valid}.',
  },
  NoValidDefaultForInterface: {
    status: 400,
    template:
      'No default {iface} interface can be found for hardware type "{driver}": none that it supports is enabled. Supported: {supported}.',
  },
  NoFreePhysicalPorts: {
    status: 400,
    template: 'Unable to attach VIF {vif}: node {node} has no free port for it. {reason}',
  },
  VifNotAttached: { status: 400, template: 'VIF {vif} is not attached to node {node}.' },
  PortgroupNotEmpty: {
    status: 400,
    template: 'Port group {portgroup} still has ports ({ports}): take them out or delete them first.',
  },
  ChassisNotEmpty: { status: 400, template: 'Chassis {chassis} still has nodes: move or delete them first.' },
  IncompleteLookup: {
    status: 400,
    template: 'A lookup needs "addresses" (MAC addresses) or "node_uuid": at least one valid value of either.',
  },
  Unauthorized: { status: 401, template: '{reason}' },
  HTTPForbidden: { status: 403, template: 'Access was denied: {reason}' },
  OperationNotPermitted: { status: 403, template: '{reason}' },
  NodeProtected: {
    status: 403,
    template:
      'Node {node} is protected, so "{operation}" is refused. Remove the protected flag first. Reason given: {reason}',
  },
  NotFound: { status: 404, template: '{reason}' },
  NodeNotFound: { status: 404, template: 'Node {node} could not be found.' },
  PortNotFound: { status: 404, template: 'Port {port} could not be found.' },
  PortgroupNotFound: { status: 404, template: 'Port group {portgroup} could not be found.' },
  VolumeConnectorNotFound: { status: 404, template: 'Volume connector {connector} could not be found.' },
  VolumeTargetNotFound: { status: 404, template: 'Volume target {target} could not be found.' },
  RunbookNotFound: { status: 404, template: 'Runbook {runbook} could not be found.' },
  InspectionRuleNotFound: { status: 404, template: 'Inspection rule {rule} could not be found.' },
  AllocationNotFound: { status: 404, template: 'Allocation {allocation} could not be found.' },
  ChassisNotFound: { status: 404, template: 'Chassis {chassis} could not be found.' },
  ConductorNotFound: { status: 404, template: 'Conductor {conductor} could not be found.' },
  NoValidHost: { status: 404, template: 'No valid host was found: {reason}' },
  DriverNotFound: {
    status: 404,
    template: 'Could not find the hardware type "{driver}", or it is not enabled. Enabled hardware types: {valid}.',
  },
  DeployTemplateNotFound: { status: 404, template: 'Deploy template {template} could not be found.' },
  NodeTraitNotFound: { status: 404, template: 'Node {node} does not have the trait "{trait}".' },
  NodeHistoryNotFound: { status: 404, template: 'Node history {entry} could not be found for node {node}.' },
  BIOSSettingNotFound: { status: 404, template: 'Node {node} has no BIOS setting "{name}".' },
  NodeInventoryNotFound: { status: 404, template: 'Node {node} has no inventory: no inspection has told one yet.' },
  MethodNotAllowed: { status: 405, template: 'The method {method} is not allowed for this resource.' },
  NotAcceptable: { status: 406, template: '{reason}' },
  NodeLocked: {
    status: 409,
    template: 'Node {node} is locked by host {host}, {age} s ago, for "{purpose}". Retry when that work has ended.',
  },
  ParentNodeLocked: {
    status: 409,
    template:
      'Node {node} needs its parent {parent} powered on, which is locked by host {host}, {age} s ago, for "{purpose}". Retry when that work has ended.',
  },
  ChildNodeLocked: {
    status: 409,
    template:
      'Node {node} can not be powered off while its child {child} is locked by host {host}, {age} s ago, for "{purpose}". Retry when that work has ended.',
  },
  NodeAlreadyExists: { status: 409, template: 'A node with UUID {uuid} already exists.' },
  DuplicateName: { status: 409, template: 'A node with name "{name}" already exists.' },
  InstanceAssociated: {
    status: 409,
    template: 'Instance {instance_uuid} is already associated with node {node}, so it can not be associated again.',
  },
  NodeAssociated: {
    status: 409,
    template: 'Node {node} is associated with instance {instance}. Remove the instance, or set maintenance, first.',
  },
  MACAlreadyExists: { status: 409, template: 'A port with MAC address {mac} already exists.' },
  PortAlreadyExists: { status: 409, template: 'A port with UUID {uuid} already exists.' },
  PortDuplicateName: { status: 409, template: 'A port with name "{name}" already exists.' },
  PortgroupAlreadyExists: { status: 409, template: 'A port group with UUID {uuid} already exists.' },
  PortgroupDuplicateName: { status: 409, template: 'A port group with name "{name}" already exists.' },
  PortgroupMACAlreadyExists: { status: 409, template: 'A port group with MAC address {mac} already exists.' },
  VolumeConnectorAlreadyExists: { status: 409, template: 'A volume connector with UUID {uuid} already exists.' },
  VolumeConnectorTypeAndIdAlreadyExists: {
    status: 409,
    template: 'A volume connector with type "{type}" and connector_id "{connector_id}" already exists.',
  },
  VolumeTargetAlreadyExists: { status: 409, template: 'A volume target with UUID {uuid} already exists.' },
  VolumeTargetBootIndexAlreadyExists: {
    status: 409,
    template: 'The node already has a volume target with boot_index {boot_index}.',
  },
  RunbookAlreadyExists: { status: 409, template: 'A runbook with UUID {uuid} already exists.' },
  RunbookDuplicateName: { status: 409, template: 'A runbook with name "{name}" already exists.' },
  InspectionRuleAlreadyExists: { status: 409, template: 'An inspection rule with UUID {uuid} already exists.' },
  AllocationAlreadyExists: { status: 409, template: 'An allocation with UUID {uuid} already exists.' },
  AllocationDuplicateName: { status: 409, template: 'An allocation with name "{name}" already exists.' },
  AllocationFailed: { status: 409, template: 'Allocation {uuid} failed: {reason}' },
  ChassisAlreadyExists: { status: 409, template: 'A chassis with UUID {uuid} already exists.' },
  DeployTemplateAlreadyExists: { status: 409, template: 'A deploy template with UUID {uuid} already exists.' },
  DeployTemplateDuplicateName: { status: 409, template: 'A deploy template with name "{name}" already exists.' },
  VifInvalidForAttach: { status: 409, template: 'Unable to attach VIF {vif} to node {node}: {reason}' },
  VifAlreadyAttached: { status: 409, template: 'VIF {vif} is already attached to port {port} of node {node}.' },
  InvalidState: { status: 409, template: '{reason}' },
  Conflict: { status: 409, template: '{reason}' },
  PowerStateFailure: { status: 409, template: 'Could not set node {node} to "{pstate}": {reason}' },
  BodyTooLarge: {
    status: 413,
    template: 'The request body is larger than {limit_kib} KiB, which is the limit for this path (api.{option}).',
  },
  InternalError: { status: 500, template: 'The server failed to answer: {reason}' },
  NetworkError: { status: 500, template: '{reason}' },
  DriverOperationError: { status: 500, template: 'Driver {driver} failed: {reason}' },
  VendorPassthruException: { status: 500, template: 'The vendor method "{method}" of {owner} failed: {reason}' },
  NoFreeConductorWorker: { status: 503, template: 'No worker is free to do this now: {reason}' },
  TemporaryFailure: { status: 503, template: '{reason}' },
} as const satisfies Record<string, ErrorFacts>;

export type ErrorName = keyof typeof errors;

type ParametersOf<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParametersOf<Rest>
  : never;

/** The parameters that the template of an error takes. */
export type ErrorParameters<Name extends ErrorName> = Record<
  ParametersOf<(typeof errors)[Name]['template']>,
  string | number
>;

/** An error from the registry. `message` is the filled sentence; `retryAfterSeconds` becomes a Retry-After header. */
export class RegisteredError extends Error {
  readonly code: ErrorName;
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;

  constructor(code: ErrorName, message: string, retryAfterSeconds?: number) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = errors[code].status;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Makes the error `code` with its sentence filled in; every parameter of the template is required by type. */
export function registeredError<Name extends ErrorName>(
  code: Name,
  parameters: ErrorParameters<Name>,
  options: { retryAfterSeconds?: number } = {},
): RegisteredError {
  const values: Record<string, string | number> = parameters;
  const message = errors[code].template.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
  return new RegisteredError(code, message.trimEnd(), options.retryAfterSeconds);
}

/** Whether `error` comes from the registry, optionally with this code. */
export function isRegisteredError(error: unknown, code?: ErrorName): error is RegisteredError {
  return error instanceof RegisteredError && (code === undefined || error.code === code);
}
