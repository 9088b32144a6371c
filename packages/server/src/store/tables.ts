// The columns of every table, as Kysely sees them: JSON is text, booleans are 0/1, times are ISO 8601 UTC text with milliseconds.
import type { Fault, InterfaceField, PowerState, PowerTarget, ProvisionState } from '@wrought/contract';
import type { Generated } from 'kysely';

type Flag = 0 | 1;

export interface NodesTable extends Record<InterfaceField, string> {
  id: Generated<number>;
  version: number;
  uuid: string;
  name: string | null;
  instance_uuid: string | null;
  instance_name: string | null;
  maintenance: Flag;
  maintenance_reason: string | null;
  power_state: PowerState | null;
  target_power_state: PowerTarget | PowerState | null;
  provision_state: ProvisionState;
  target_provision_state: string | null;
  provision_updated_at: string | null;
  last_error: string | null;
  fault: Fault | null;
  reservation: string | null;
  reserved_at: string | null;
  reserved_for: string | null;
  clean_step: string;
  deploy_step: string;
  service_step: string;
  driver_internal_info: string;
  inspection_started_at: string | null;
  inspection_finished_at: string | null;
  raid_config: string;
  target_raid_config: string;
  health: string | null;
  conductor_affinity: string | null;
  allocation_uuid: string | null;
  automated_clean: Flag | null;
  boot_mode: string | null;
  secure_boot: Flag | null;
  chassis_uuid: string | null;
  conductor_group: string;
  console_enabled: Flag;
  description: string | null;
  disable_power_off: Flag;
  driver: string;
  driver_info: string;
  extra: string;
  instance_info: string;
  lessee: string | null;
  network_data: string;
  owner: string | null;
  parent_node: string | null;
  properties: string;
  protected: Flag;
  protected_reason: string | null;
  resource_class: string | null;
  retired: Flag | null;
  retired_reason: string | null;
  shard: string | null;
  /** JSON list, sorted: read with the node, written through its sub-resource. */
  traits: string;
  created_at: string;
  updated_at: string | null;
}

export interface PortsTable {
  id: Generated<number>;
  uuid: string;
  node_id: number;
  address: string;
  name: string | null;
  description: string | null;
  vendor: string | null;
  category: string | null;
  extra: string;
  internal_info: string;
  local_link_connection: string;
  physical_network: string | null;
  portgroup_uuid: string | null;
  pxe_enabled: Flag;
  is_smartnic: Flag | null;
  available_for_dynamic_portgroup: Flag;
  created_at: string;
  updated_at: string | null;
}

export interface PortgroupsTable {
  id: Generated<number>;
  uuid: string;
  node_id: number;
  address: string | null;
  name: string | null;
  extra: string;
  internal_info: string;
  standalone_ports_supported: Flag;
  mode: string;
  properties: string;
  physical_network: string | null;
  category: string | null;
  dynamic_portgroup: Flag;
  created_at: string;
  updated_at: string | null;
}

export interface VolumeConnectorsTable {
  id: Generated<number>;
  uuid: string;
  node_id: number;
  type: string;
  connector_id: string;
  extra: string;
  created_at: string;
  updated_at: string | null;
}

export interface VolumeTargetsTable {
  id: Generated<number>;
  uuid: string;
  node_id: number;
  volume_type: string;
  boot_index: number;
  volume_id: string;
  properties: string;
  extra: string;
  created_at: string;
  updated_at: string | null;
}

/** `conductor` is the host name of who looks for a node. */
export interface AllocationsTable {
  id: Generated<number>;
  uuid: string;
  name: string | null;
  node_id: number | null;
  state: string;
  last_error: string | null;
  owner: string | null;
  resource_class: string | null;
  traits: string;
  candidate_nodes: string;
  extra: string;
  conductor: string | null;
  created_at: string;
  updated_at: string | null;
}

export interface RunbooksTable {
  id: Generated<number>;
  uuid: string;
  name: string;
  steps: string;
  disable_ramdisk: Flag;
  extra: string;
  public: Flag;
  owner: string | null;
  description: string | null;
  traits: string;
  created_at: string;
  updated_at: string | null;
}

export interface InspectionRulesTable {
  id: Generated<number>;
  uuid: string;
  priority: number;
  phase: string;
  description: string | null;
  sensitive: Flag;
  actions: string;
  conditions: string;
  created_at: string;
  updated_at: string | null;
}

export interface ChassisTable {
  id: Generated<number>;
  uuid: string;
  description: string | null;
  extra: string;
  created_at: string;
  updated_at: string | null;
}

export interface DeployTemplatesTable {
  id: Generated<number>;
  uuid: string;
  name: string;
  steps: string;
  extra: string;
  created_at: string;
  updated_at: string | null;
}

/** Times of the lease are milliseconds of the database's clock; `schema_level` is the level of the conductor's program. */
export interface ConductorsTable {
  id: Generated<number>;
  hostname: string;
  conductor_group: string;
  drivers: string;
  online: Flag;
  epoch: number;
  lease_expires_ms: number;
  /** Where other processes call this conductor: "https://HOST:PORT"; NULL when it takes no calls. */
  internal_url: string | null;
  /** Takes no new work. */
  draining: Generated<Flag>;
  schema_level: number | null;
  created_at: string;
  updated_at: string | null;
}

/** Secrets that the processes of one installation share. */
export interface ClusterKeysTable {
  id: Generated<number>;
  name: string;
  value: string;
  created_at: string;
}

/** One execution of a flow on a node. `lane` keeps power actions apart from provisioning: one unfinished run each. */
export interface RunsTable {
  id: Generated<number>;
  uuid: string;
  node_id: number;
  flow: string;
  lane: string;
  status: string;
  conductor: string;
  epoch: number;
  arguments: string;
  /** The plan of the present phase, frozen when made. */
  plan: string;
  phase: string;
  position: number;
  attempt: number;
  /** Why the run is failing or being aborted while its clean-up steps run. */
  failure: string | null;
  memory: string;
  awaiting: string | null;
  deadline: string | null;
  abort_requested: Flag;
  request_id: string | null;
  requested_by: string | null;
  requested_by_project: string | null;
  /** What it is counted as where work is limited; NULL: it is not. */
  limit_class: string | null;
  /** "HOST:PORT" from where the machine fetches its image; NULL: from nowhere, or it has it. */
  image_server: string | null;
  /** Its place in a trace (see tracing/traceparent.ts); NULL: there is none. */
  trace: string | null;
  created_at: string;
  updated_at: string;
  finished_at: string | null;
}

/** What happened in a run, in order. */
export interface JournalTable {
  id: Generated<number>;
  run_id: number;
  at: string;
  entry: string;
  phase: string;
  position: number;
  step: string | null;
  detail: string;
}

/** Written before an effect, settled when its outcome is in the journal: an open one means "may have happened". */
export interface IntentsTable {
  id: Generated<number>;
  run_id: number;
  phase: string;
  position: number;
  attempt: number;
  step: string;
  epoch: number;
  created_at: string;
  settled_at: string | null;
}

/** Signals that met a running step, kept until the run looks at them. */
export interface SignalsTable {
  id: Generated<number>;
  node_id: number;
  kind: string;
  payload: string;
  created_at: string;
}

export interface TimelineTable {
  id: Generated<number>;
  node_id: number;
  at: string;
  kind: string;
  severity: string;
  message: string;
  data: string;
}

export interface NodeHistoryTable {
  id: Generated<number>;
  uuid: string;
  node_id: number;
  created_at: string;
  severity: string;
  event_type: string;
  event: string;
  conductor: string | null;
  user: string | null;
  project: string | null;
  state: string | null;
  target_provision_state: string | null;
  duration_seconds: number | null;
}

/** A setting of a node's BIOS; `allowable_values` is a JSON list. */
export interface BiosSettingsTable {
  id: Generated<number>;
  node_id: number;
  name: string;
  value: string | null;
  attribute_type: string | null;
  allowable_values: string | null;
  lower_bound: number | null;
  upper_bound: number | null;
  min_length: number | null;
  max_length: number | null;
  read_only: Flag | null;
  reset_required: Flag | null;
  unique: Flag | null;
  created_at: string;
  updated_at: string | null;
}

export interface FirmwareComponentsTable {
  id: Generated<number>;
  node_id: number;
  component: string;
  initial_version: string;
  current_version: string | null;
  last_version_flashed: string | null;
  vendor: string | null;
  model: string | null;
  serial_number: string | null;
  created_at: string;
  updated_at: string | null;
}

/** What the last inspection of a node found; both columns are JSON objects. */
export interface InventoriesTable {
  id: Generated<number>;
  node_id: number;
  inventory: string;
  plugin_data: string;
  created_at: string;
  updated_at: string | null;
}

/** Events for the outside, written with the change they tell of; `owner` and `lessee` are whose it was then. */
export interface OutboxTable {
  id: Generated<number>;
  /** Null in rows of earlier releases, which are not events of this form. */
  uuid: string | null;
  created_at: string;
  /** "baremetal.<object>.<action>.<status>". */
  event: string;
  node_uuid: string | null;
  owner: string | null;
  lessee: string | null;
  publisher: string | null;
  /** JSON: what happened, in a few members. */
  payload: string;
  /** JSON: the object with its secrets masked, where a sink wants it. */
  object: string | null;
}

/** How far a sink has come in the outbox, and which process delivers to it until when by the database's clock. */
export interface EventPlacesTable {
  id: Generated<number>;
  sink: string;
  place: number;
  /** Events that were deleted before the sink had them. */
  lost: number;
  holder: string | null;
  expires_ms: number;
  updated_at: string;
}

/** An event that a sink refused for good. */
export interface RefusedEventsTable {
  id: Generated<number>;
  sink: string;
  event_id: number;
  event_uuid: string;
  event: string;
  node_uuid: string | null;
  /** "reduced": the sink has it without its payload; "set aside": it has nothing of it. */
  form: string;
  /** What the sink said. */
  reason: string;
  created_at: string;
}

export interface PowerUpdatesTable {
  id: Generated<number>;
  node_id: number;
  instance_uuid: string;
  power_state: string;
  change: number;
  told: number;
  queued_at: string;
}

export interface Tables {
  nodes: NodesTable;
  ports: PortsTable;
  portgroups: PortgroupsTable;
  volume_connectors: VolumeConnectorsTable;
  volume_targets: VolumeTargetsTable;
  allocations: AllocationsTable;
  runbooks: RunbooksTable;
  inspection_rules: InspectionRulesTable;
  chassis: ChassisTable;
  deploy_templates: DeployTemplatesTable;
  conductors: ConductorsTable;
  cluster_keys: ClusterKeysTable;
  runs: RunsTable;
  journal: JournalTable;
  intents: IntentsTable;
  signals: SignalsTable;
  timeline: TimelineTable;
  node_history: NodeHistoryTable;
  bios_settings: BiosSettingsTable;
  firmware_components: FirmwareComponentsTable;
  inventories: InventoriesTable;
  outbox: OutboxTable;
  event_places: EventPlacesTable;
  refused_events: RefusedEventsTable;
  power_updates: PowerUpdatesTable;
}
