// Rescue interface agent: the agent's ramdisk on the network of the instance, and a person who logs in to it.
import { agentMembersLostWithPower, done, type Facts, type RescueInterface, type Task } from '../kit/index.ts';
import { awaitAgent, bootAgent, isAgentUp } from './boot-agent.ts';
import { rescuePassword } from './rescue-password.ts';

async function powerOff(task: Task): Promise<void> {
  if (!task.node.disable_power_off) {
    await task.setPower('power off');
  }
}

/** Takes back what booting the ramdisk needed: boot files, the network, and the password, which the ramdisk has by now. */
async function cleanUp(task: Task): Promise<Facts> {
  const { boot, network } = task.interfaces;
  task.learn(await boot.cleanUpRamdisk(task));
  task.learn(await network.removeRescuingNetwork(task));
  return { instance_info: { rescue_password: null, hashed_rescue_password: null } };
}

export const agentRescue: RescueInterface = {
  kind: 'rescue',
  name: 'agent',
  // The files of the ramdisk are named by the keys of the boot interface.
  properties: {},
  supported: true,
  async validate(task) {
    const { boot, network } = task.interfaces;
    await (boot.validateRescue?.(task) ?? boot.validate(task));
    await network.validatePhase?.(task, 'rescuing');
  },
  async rescue(task) {
    const { boot, network } = task.interfaces;
    await powerOff(task);
    task.learn(await boot.cleanUpInstance(task));
    task.learn(await network.unconfigureTenantNetworks(task));
    task.learn(await network.addRescuingNetwork(task));
    task.learn(await boot.prepareRamdisk(task, 'rescue'));
    return bootAgent(task);
  },
  // There are no steps to ask this agent for.
  resume: async (task) => (isAgentUp(task) ? done() : awaitAgent(task)),
  password: rescuePassword,
  async finish(task) {
    task.learn(await cleanUp(task));
    task.learn(await task.interfaces.network.configureTenantNetworks(task));
    return { driver_internal_info: { ...agentMembersLostWithPower } };
  },
  async unrescue(task) {
    const { boot, network } = task.interfaces;
    await powerOff(task);
    task.learn(await cleanUp(task));
    task.learn(await network.configureTenantNetworks(task));
    task.learn(await boot.prepareInstance(task));
    await task.setPower(task.node.disable_power_off ? 'rebooting' : 'power on');
    return {};
  },
  cleanUp,
};
