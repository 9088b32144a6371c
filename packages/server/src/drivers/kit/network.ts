// Network: which networks the machine's ports are on in each phase of its life, and the VIFs of tenants.
import type { JsonObject } from '@wrought/contract';
import type { InterfaceBase } from './base.ts';
import type { Facts } from './facts.ts';
import type { Task } from './task.ts';

export interface Vif {
  readonly id: string;
  readonly port_uuid?: string;
  readonly portgroup_uuid?: string;
  readonly [key: string]: unknown;
}

/** What a machine is on a network for, besides the tenant. */
export type NetworkPhase = 'cleaning' | 'provisioning' | 'rescuing' | 'inspection' | 'servicing';

/** Who asks for a VIF: what they name is read in their name. */
export interface VifCaller {
  /** Their token of Keystone; null where callers have none. Kept and logged nowhere. */
  readonly userToken: string | null;
}

/** A port of a machine on its switch, as it is to be and as it is. */
export interface SwitchPort {
  readonly port_uuid: string;
  /** The MAC address of the machine's port. */
  readonly address: string;
  /** The switch by its name, and the port by the name that the switch has for it. */
  readonly switch: string;
  readonly switch_port: string;
  /** What it is on a network for: a phase, "tenant" or "idle"; null until the first phase. */
  readonly network: string | null;
  /** Such as "access/native_vlan=100"; null when nothing is intended yet. */
  readonly intended: string | null;
  /** The link aggregation group. */
  readonly intended_lag: string | null;
  /** Null when the switch did not tell. */
  readonly seen: string | null;
  readonly seen_lag: string | null;
  /** False also for what has no such form; null when nothing is intended, or the switch did not tell. */
  readonly matches: boolean | null;
  /** Why something is not known. */
  readonly problem: string | null;
}

/** What changes of a port or a port group that carries a VIF. Members that are absent stay. */
export interface CarrierChange {
  readonly uuid: string;
  readonly address?: string;
  /** DHCP client identifier (option 61); null: none any more. */
  readonly clientId?: string | null;
}

export interface NetworkInterface extends InterfaceBase {
  readonly kind: 'network';
  /** Core. All of these are safe to repeat. */
  addProvisioningNetwork(task: Task): Promise<Facts>;
  removeProvisioningNetwork(task: Task): Promise<Facts>;
  addCleaningNetwork(task: Task): Promise<Facts>;
  removeCleaningNetwork(task: Task): Promise<Facts>;
  addRescuingNetwork(task: Task): Promise<Facts>;
  removeRescuingNetwork(task: Task): Promise<Facts>;
  addInspectionNetwork(task: Task): Promise<Facts>;
  removeInspectionNetwork(task: Task): Promise<Facts>;
  addServicingNetwork(task: Task): Promise<Facts>;
  removeServicingNetwork(task: Task): Promise<Facts>;
  configureTenantNetworks(task: Task): Promise<Facts>;
  unconfigureTenantNetworks(task: Task): Promise<Facts>;
  /** Core. Throws NoFreePhysicalPorts, VifAlreadyAttached, VifNotAttached. */
  attachVif(task: Task, vif: Vif, caller?: VifCaller): Promise<Facts>;
  detachVif(task: Task, vifId: string): Promise<Facts>;
  listVifs(task: Task): Promise<readonly { id: string }[]>;
  /** Throws an error of the registry when the node lacks what this phase needs and not every node has. */
  validatePhase?(task: Task, phase: NetworkPhase): Promise<void>;
  /** What the config drive is to say of the networks of the VIFs; null when nothing is known of them. */
  networkData?(task: Task): Promise<JsonObject | null>;
  /** Carries a change of a port or port group over to the VIF that it carries. Safe to repeat. */
  changeCarrier?(task: Task, change: CarrierChange): Promise<void>;
  /** Ends what a crash or the network service cut off: VIFs whose attachment or detachment did not come to its end. Safe to repeat. */
  repairVifs?(task: Task): Promise<Facts>;
  /** Makes the ports of switches as they are to be where they are not. Safe to repeat. */
  repairSwitchPorts?(task: Task): Promise<Facts>;
  /** How the ports of switches are to be, and how they are; where this program configures switches. */
  switchPorts?(task: Task): Promise<readonly SwitchPort[]>;
}

/** What is done about a network of a phase. */
type PhaseWork = (task: Task, phase: NetworkPhase) => Promise<Facts>;

/** The methods of all phases, where they differ by the phase alone. */
export function phaseMethods(add: PhaseWork, remove: PhaseWork) {
  return {
    addProvisioningNetwork: (task: Task) => add(task, 'provisioning'),
    removeProvisioningNetwork: (task: Task) => remove(task, 'provisioning'),
    addCleaningNetwork: (task: Task) => add(task, 'cleaning'),
    removeCleaningNetwork: (task: Task) => remove(task, 'cleaning'),
    addRescuingNetwork: (task: Task) => add(task, 'rescuing'),
    removeRescuingNetwork: (task: Task) => remove(task, 'rescuing'),
    addInspectionNetwork: (task: Task) => add(task, 'inspection'),
    removeInspectionNetwork: (task: Task) => remove(task, 'inspection'),
    addServicingNetwork: (task: Task) => add(task, 'servicing'),
    removeServicingNetwork: (task: Task) => remove(task, 'servicing'),
  };
}
