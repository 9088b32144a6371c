// Network interface ironic-networking: this server itself puts the switch ports of machines on VLANs; no Neutron is needed.
import { registeredError } from '@wrought/contract';
import {
  done,
  type NetworkInterface,
  type NetworkPhase,
  phaseMethods,
  step,
  type Task,
} from '../../drivers/kit/index.ts';
import type { Switches } from '../switches/switches.ts';
import { type PortNetwork, stateIn } from './intended.ts';
import { intendedState, plugsOf, putOn, repairSwitchPorts, showSwitchPorts } from './machine-ports.ts';
import { networkDataOf } from './network-data.ts';
import { networkProperties } from './properties.ts';

const nothing = async () => ({});

/** Makes the interface over the switches of the operator. */
export function ironicNetworkingNetwork(switches: Switches): NetworkInterface {
  /** @throws RegisteredError MissingParameterValue, InvalidParameterValue */
  async function validateNetwork(task: Task, network: PortNetwork): Promise<void> {
    const plugs = await plugsOf(switches, task);
    const usable = plugs.filter(
      ({ port, definition }) => stateIn(task, port, network, definition.defaultVlan) !== null,
    );
    for (const plug of plugs) {
      intendedState(task, plug, network);
    }
    if (usable.length === 0) {
      const how =
        plugs.length === 0
          ? 'local_link_connection of none of its ports has switch_id and port_id. Set them to the switch port that each is plugged into.'
          : `nothing names the VLAN. Set ironic_networking.${network}_network, driver_info/${network}_network of the node, or extra/switchport of its ports.`;
      throw registeredError('MissingParameterValue', {
        reason: `Node ${task.node.uuid} can not be put on a ${network} network: ${how}`,
      });
    }
  }

  async function enter(task: Task, network: NetworkPhase) {
    await validateNetwork(task, network);
    return putOn(switches, task, network);
  }

  return {
    kind: 'network',
    name: 'ironic-networking',
    properties: networkProperties,
    steps: [
      step({
        interface: 'network',
        step: 'reattach_networking',
        kinds: ['service'],
        recovery: 'repeat',
        execute: async (task) => done(await putOn(switches, task, 'tenant')),
      }),
    ],
    async validate(task) {
      await validateNetwork(task, 'idle');
      await validateNetwork(task, 'cleaning');
      await validateNetwork(task, 'provisioning');
      // What tenants get is checked before the first of them comes.
      for (const plug of await plugsOf(switches, task)) {
        intendedState(task, plug, 'tenant');
      }
    },
    validatePhase: validateNetwork,
    ...phaseMethods(enter, (task) => putOn(switches, task, 'idle')),
    configureTenantNetworks: (task) => putOn(switches, task, 'tenant'),
    unconfigureTenantNetworks: (task) => putOn(switches, task, 'idle'),
    // Tenants' networks are named by the ports themselves; whoever attaches VIFs is told that all is well.
    attachVif: nothing,
    detachVif: nothing,
    listVifs: async () => [],
    networkData: async (task) => networkDataOf(task),
    repairSwitchPorts: (task) => repairSwitchPorts(switches, task),
    switchPorts: (task) => showSwitchPorts(switches, task),
  };
}
