// Network interface flat: one network for every phase. With Neutron, VIFs are bound to the machine there; without, only noted.
import { type Facts, type NetworkInterface, phaseMethods, type Task } from '../drivers/kit/index.ts';
import type { Cloud } from '../openstack/cloud.ts';
import { failsOnBinding } from './neutron/binding.ts';
import { changeCarrier } from './neutron/carrier-change.ts';
import { networkDataOf } from './neutron/network-data.ts';
import { networkOfPhase, securityGroupsOfPhase } from './neutron/networks.ts';
import { addPhasePorts, removePhasePorts } from './neutron/phase-ports.ts';
import { phaseProperties } from './neutron/properties.ts';
import { attachWithNeutron, detachWithNeutron, plugVifs, repairVifs, unplugVifs } from './neutron/vifs.ts';
import { attachVif, detachVif, listVifs } from './vif-binding.ts';

/** No switch is told anything, so there is nothing to wait for unless a node asks for it. */
const options = { withLinks: false, failsOnBinding: false } as const;

const { cleaning_network, inspection_network, fail_on_binding_failure } = phaseProperties;

/** Makes the interface over the services of the cloud. */
export function flatNetwork(cloud: Cloud): NetworkInterface {
  const bindVifs = async (task: Task): Promise<Facts> =>
    cloud.hasNeutron ? plugVifs(await cloud.neutron(), task, options) : {};
  const freeVifs = async (task: Task): Promise<Facts> =>
    cloud.hasNeutron ? unplugVifs(await cloud.neutron(), task) : {};

  return {
    kind: 'network',
    name: 'flat',
    properties: { cleaning_network, inspection_network, fail_on_binding_failure },
    async validate(task) {
      // The one flat network needs no name without Neutron.
      if (cloud.hasNeutron) {
        failsOnBinding(task, false);
        await networkOfPhase(await cloud.neutron(), task, 'cleaning');
        await securityGroupsOfPhase(await cloud.neutron(), task, 'cleaning');
      }
    },
    async validatePhase(task, phase) {
      if (cloud.hasNeutron && phase === 'inspection') {
        await networkOfPhase(await cloud.neutron(), task, phase);
      }
    },
    // Machines are cleaned and inspected without an instance; in the other phases they use the VIFs of theirs.
    ...phaseMethods(
      async (task, phase) => {
        if (phase !== 'cleaning' && phase !== 'inspection') {
          return bindVifs(task);
        }
        return cloud.hasNeutron ? addPhasePorts(await cloud.neutron(), task, phase, options) : {};
      },
      async (task, phase) => {
        if (phase !== 'cleaning' && phase !== 'inspection') {
          return freeVifs(task);
        }
        return cloud.hasNeutron ? removePhasePorts(await cloud.neutron(), task, phase) : {};
      },
    ),
    configureTenantNetworks: bindVifs,
    unconfigureTenantNetworks: freeVifs,
    attachVif: async (task, vif, caller) =>
      cloud.hasNeutron ? attachWithNeutron(await cloud.neutron(), task, vif, caller, options) : attachVif(task, vif),
    detachVif: async (task, vifId) =>
      cloud.hasNeutron ? detachWithNeutron(await cloud.neutron(), task, vifId) : detachVif(task, vifId),
    listVifs: async (task) => listVifs(task),
    networkData: async (task) => (cloud.hasNeutron ? networkDataOf(await cloud.neutron(), task) : null),
    changeCarrier: async (task, change) => {
      if (cloud.hasNeutron) {
        await changeCarrier(await cloud.neutron(), task, change);
      }
    },
    repairVifs: async (task) => (cloud.hasNeutron ? repairVifs(await cloud.neutron(), task) : {}),
  };
}
