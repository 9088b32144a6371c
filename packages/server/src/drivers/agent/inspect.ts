// Inspect interface agent: the agent's ramdisk looks at the machine and tells what it found.
import { done, fail, type InspectInterface, type Outcome, park, type Task } from '../kit/index.ts';

const AWAITED = 'the data of the inspection ramdisk';

async function leaveRamdisk(task: Task): Promise<void> {
  const { boot, network } = task.interfaces;
  if (!task.node.disable_power_off) {
    await task.setPower('power off');
  }
  task.learn(await boot.cleanUpRamdisk(task));
  task.learn(await network.removeInspectionNetwork(task));
}

async function resume(task: Task): Promise<Outcome> {
  const { inspection_received, inspection_failure } = task.memory;
  if (inspection_received !== true) {
    return park(AWAITED);
  }
  if (typeof inspection_failure === 'string') {
    return fail(inspection_failure);
  }
  await leaveRamdisk(task);
  return done();
}

export const agentInspect: InspectInterface = {
  kind: 'inspect',
  name: 'agent',
  properties: {},
  supported: true,
  async validate(task) {
    const { boot, network } = task.interfaces;
    await boot.validate(task);
    await network.validatePhase?.(task, 'inspection');
  },
  async inspect(task) {
    if (task.memory.inspection_received === true) {
      // The data came, and the server stopped before the machine was out of the ramdisk.
      return resume(task);
    }
    const { boot, network } = task.interfaces;
    if (!task.node.disable_power_off) {
      await task.setPower('power off');
    }
    task.learn(await network.addInspectionNetwork(task));
    task.learn(await boot.prepareRamdisk(task, 'inspect'));
    await task.setPower('rebooting');
    return park(AWAITED);
  },
  resume,
  async abort(task) {
    await leaveRamdisk(task);
    return {};
  },
};
