// Network interface neutron: a network of Neutron for each phase, and switches that Neutron configures for every port.
import { registeredError } from '@wrought/contract';
import {
  done,
  type Facts,
  type NetworkInterface,
  type NetworkPhase,
  phaseMethods,
  step,
  type Task,
} from '../../drivers/kit/index.ts';
import type { Cloud } from '../../openstack/cloud.ts';
import type { Neutron } from '../../openstack/neutron.ts';
import { listVifs } from '../vif-binding.ts';
import { failsOnBinding } from './binding.ts';
import { changeCarrier } from './carrier-change.ts';
import { networkDataOf } from './network-data.ts';
import { networkOfPhase, securityGroupsOfPhase } from './networks.ts';
import { addPhasePorts, removePhasePorts } from './phase-ports.ts';
import { phaseProperties } from './properties.ts';
import { withSmartNics } from './smart-nic.ts';
import { attachWithNeutron, detachWithNeutron, plugVifs, repairVifs, unplugVifs } from './vifs.ts';

const options = (task: Task) => ({
  withLinks: true,
  failsOnBinding: task.config.neutron.fail_on_port_binding_failure,
});

/** Makes the interface over the services of the cloud. */
export function neutronNetwork(cloud: Cloud): NetworkInterface {
  function requireNeutron() {
    if (!cloud.hasNeutron) {
      throw registeredError('InvalidParameterValue', {
        reason:
          'The network interface "neutron" needs Neutron, which this server does not know. Set neutron.enabled = true and the options of section [keystone], or choose the network interface "flat" or "noop".',
      });
    }
    return cloud.neutron();
  }

  async function validatePhase(task: Task, phase: NetworkPhase): Promise<void> {
    const neutron = await requireNeutron();
    await networkOfPhase(neutron, task, phase);
    await securityGroupsOfPhase(neutron, task, phase);
  }

  /** Does something about the networks of a machine, with power for its Smart NICs. */
  async function powered(task: Task, work: (neutron: Neutron) => Promise<Facts>): Promise<Facts> {
    const neutron = await requireNeutron();
    return withSmartNics(neutron, task, () => work(neutron));
  }

  return {
    kind: 'network',
    name: 'neutron',
    properties: phaseProperties,
    steps: [
      step({
        interface: 'network',
        step: 'reattach_networking',
        kinds: ['service'],
        recovery: 'repeat',
        async execute(task) {
          const neutron = await requireNeutron();
          task.learn(await unplugVifs(neutron, task));
          return done(await plugVifs(neutron, task, options(task)));
        },
      }),
    ],
    async validate(task) {
      if (task.node.disable_power_off && !task.config.neutron.allow_disabling_power_off) {
        throw registeredError('InvalidParameterValue', {
          reason: `Node ${task.node.uuid} has disable_power_off, so its machine would see every change of networks while it runs. Clear disable_power_off, or set neutron.allow_disabling_power_off = true.`,
        });
      }
      failsOnBinding(task, true);
      await validatePhase(task, 'cleaning');
      await validatePhase(task, 'provisioning');
    },
    validatePhase,
    ...phaseMethods(
      (task, phase) => powered(task, (neutron) => addPhasePorts(neutron, task, phase, options(task))),
      (task, phase) => powered(task, (neutron) => removePhasePorts(neutron, task, phase)),
    ),
    configureTenantNetworks: (task) => powered(task, (neutron) => plugVifs(neutron, task, options(task))),
    unconfigureTenantNetworks: (task) => powered(task, (neutron) => unplugVifs(neutron, task)),
    attachVif: async (task, vif, caller) => attachWithNeutron(await requireNeutron(), task, vif, caller, options(task)),
    detachVif: async (task, vifId) => detachWithNeutron(await requireNeutron(), task, vifId),
    listVifs: async (task) => listVifs(task),
    networkData: async (task) => networkDataOf(await requireNeutron(), task),
    changeCarrier: async (task, change) => changeCarrier(await requireNeutron(), task, change),
    repairVifs: async (task) => repairVifs(await requireNeutron(), task),
  };
}
