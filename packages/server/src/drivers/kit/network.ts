// Network: which networks the machine's ports are on in each phase of its life, and the VIFs of tenants.
import type { InterfaceBase } from './base.ts';
import type { Facts } from './facts.ts';
import type { Task } from './task.ts';

export interface Vif {
  readonly id: string;
  readonly port_uuid?: string;
  readonly portgroup_uuid?: string;
  readonly [key: string]: unknown;
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
  configureTenantNetworks(task: Task): Promise<Facts>;
  unconfigureTenantNetworks(task: Task): Promise<Facts>;
  /** Core. Throws NoFreePhysicalPorts, VifAlreadyAttached, VifNotAttached. */
  attachVif(task: Task, vif: Vif): Promise<Facts>;
  detachVif(task: Task, vifId: string): Promise<Facts>;
  listVifs(task: Task): Promise<readonly { id: string }[]>;
}
