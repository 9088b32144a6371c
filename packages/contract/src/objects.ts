// The objects behind the resources as the whole program passes them around: nodes, ports, chassis, conductors, templates.
import type { InterfaceKind } from './interfaces.ts';
import type { Fault, PowerState, PowerTarget, ProvisionState } from './states.ts';
import type { RequestedStep, StepDescription } from './steps.ts';

/** A JSON object whose members are not known in advance. */
export type JsonObject = { [key: string]: unknown };

/** The names of the node fields that name driver interfaces. */
export type InterfaceField = `${InterfaceKind}_interface`;

/** Columns of a node that only the flow engine writes. */
export interface EngineOwnedNodeFields {
  power_state: PowerState | null;
  target_power_state: PowerTarget | PowerState | null;
  provision_state: ProvisionState;
  target_provision_state: string | null;
  provision_updated_at: string | null;
  last_error: string | null;
  fault: Fault | null;
  reservation: string | null;
  /** Since when and for what the reservation is held; shown to whoever meets it. */
  reserved_at: string | null;
  reserved_for: string | null;
  clean_step: JsonObject;
  deploy_step: JsonObject;
  service_step: JsonObject;
  driver_internal_info: JsonObject;
  inspection_started_at: string | null;
  inspection_finished_at: string | null;
  raid_config: JsonObject;
  health: string | null;
  conductor_affinity: string | null;
}

/** Columns of a node that clients write through the API; flows clear some of them when an instance ends. */
export interface UserOwnedNodeFields extends Record<InterfaceField, string> {
  uuid: string;
  name: string | null;
  instance_uuid: string | null;
  instance_name: string | null;
  maintenance: boolean;
  maintenance_reason: string | null;
  allocation_uuid: string | null;
  automated_clean: boolean | null;
  boot_mode: string | null;
  secure_boot: boolean | null;
  chassis_uuid: string | null;
  conductor_group: string;
  console_enabled: boolean;
  description: string | null;
  disable_power_off: boolean;
  driver: string;
  driver_info: JsonObject;
  extra: JsonObject;
  instance_info: JsonObject;
  lessee: string | null;
  network_data: JsonObject;
  owner: string | null;
  parent_node: string | null;
  properties: JsonObject;
  protected: boolean;
  protected_reason: string | null;
  resource_class: string | null;
  retired: boolean | null;
  retired_reason: string | null;
  shard: string | null;
  target_raid_config: JsonObject;
}

/** A machine. `traits` are sorted; `version` counts writes and is compared on every update. */
export interface Node extends Readonly<EngineOwnedNodeFields>, Readonly<UserOwnedNodeFields> {
  readonly id: number;
  readonly version: number;
  readonly created_at: string;
  readonly updated_at: string | null;
  readonly traits: readonly string[];
}

/** A network card of a node; `address` is its MAC in lower case. */
export interface Port {
  readonly id: number;
  readonly uuid: string;
  readonly node_id: number;
  readonly node_uuid: string;
  readonly address: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly vendor: string | null;
  readonly category: string | null;
  readonly extra: JsonObject;
  readonly internal_info: JsonObject;
  readonly local_link_connection: JsonObject;
  readonly physical_network: string | null;
  readonly portgroup_uuid: string | null;
  readonly pxe_enabled: boolean;
  readonly is_smartnic: boolean;
  readonly available_for_dynamic_portgroup: boolean;
  readonly created_at: string;
  readonly updated_at: string | null;
}

/** Network cards of a node that act as one; `mode` is that of the Linux kernel's bonding, or any other text. */
export interface Portgroup {
  readonly id: number;
  readonly uuid: string;
  readonly node_id: number;
  readonly node_uuid: string;
  readonly address: string | null;
  readonly name: string | null;
  readonly extra: JsonObject;
  readonly internal_info: JsonObject;
  /** Whether its ports may be used one by one, too. */
  readonly standalone_ports_supported: boolean;
  readonly mode: string;
  readonly properties: JsonObject;
  readonly physical_network: string | null;
  readonly category: string | null;
  /** Made by the server for one deployment. */
  readonly dynamic_portgroup: boolean;
  readonly created_at: string;
  readonly updated_at: string | null;
}

/** A request for any node that fits. */
export interface Allocation {
  readonly id: number;
  readonly uuid: string;
  readonly name: string | null;
  readonly node_id: number | null;
  readonly node_uuid: string | null;
  readonly state: 'allocating' | 'active' | 'error';
  readonly last_error: string | null;
  readonly owner: string | null;
  readonly resource_class: string | null;
  readonly traits: readonly string[];
  /** UUIDs; empty: any node. */
  readonly candidate_nodes: readonly string[];
  readonly extra: JsonObject;
  readonly created_at: string;
  readonly updated_at: string | null;
}

/** A group of nodes in one enclosure. */
export interface Chassis {
  readonly id: number;
  readonly uuid: string;
  readonly description: string | null;
  readonly extra: JsonObject;
  readonly created_at: string;
  readonly updated_at: string | null;
}

/** Deploy steps that apply to instances that ask for the trait of the same name. */
export interface DeployTemplate {
  readonly id: number;
  readonly uuid: string;
  readonly name: string;
  readonly steps: readonly RequestedStep[];
  readonly extra: JsonObject;
  readonly created_at: string;
  readonly updated_at: string | null;
}

/** Steps that may be run on nodes with one of its traits. */
export interface Runbook {
  readonly id: number;
  readonly uuid: string;
  readonly name: string;
  readonly steps: readonly RequestedStep[];
  readonly disable_ramdisk: boolean;
  readonly extra: JsonObject;
  /** For every project; such a runbook has no owner. */
  readonly public: boolean;
  readonly owner: string | null;
  readonly description: string | null;
  readonly traits: readonly string[];
  readonly created_at: string;
  readonly updated_at: string | null;
}

/** A process that works on nodes. */
export interface Conductor {
  readonly id: number;
  readonly hostname: string;
  readonly conductor_group: string;
  readonly drivers: readonly string[];
  readonly alive: boolean;
  readonly created_at: string;
  readonly updated_at: string | null;
}

/** One line of a node's history as the Bare Metal API shows it. */
export interface NodeHistoryEntry {
  readonly id: number;
  readonly uuid: string;
  readonly created_at: string;
  readonly severity: 'ERROR' | 'INFO';
  readonly event_type: string;
  readonly event: string;
  readonly conductor: string | null;
  readonly user: string | null;
  readonly project: string | null;
  readonly state: string | null;
  readonly target_provision_state: string | null;
  readonly duration_seconds: number | null;
}

/** Where an inspection found a network card to be plugged in, and whether the firmware boots from it. Members that are absent were not found. */
export interface FoundPort {
  /** MAC address in lower case. */
  readonly address: string;
  readonly local_link_connection?: JsonObject;
  readonly physical_network?: string;
  readonly pxe_enabled?: boolean;
}

/** One event of a node's timeline: everything that explains what it does or why it does not. */
export interface TimelineEvent {
  readonly id: number;
  readonly at: string;
  readonly kind: string;
  readonly severity: 'info' | 'warning' | 'error';
  readonly message: string;
  readonly data: JsonObject;
}

/** Steps that an agent named when it came up, as kept for the rest of the run. */
export interface AgentSteps {
  readonly steps: readonly StepDescription[];
  readonly hardware_manager_version: JsonObject;
}
