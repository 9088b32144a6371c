// Smart NICs have power only while their machine has: networks of a machine that is off are changed while it waits in its firmware setup.
import { registeredError } from '@wrought/contract';
import type { Task } from '../../drivers/kit/index.ts';
import type { Neutron } from '../../openstack/neutron.ts';
import { untilAgentIsUp } from './binding.ts';

/** Notes that the machine is to be off again, so that a process that takes over restores it. */
const KEY = 'smart_nic_power_to_restore';

/** Boots the machine where it does nothing by itself, and waits for the agents of Neutron on its Smart NICs. */
async function powerOn(neutron: Neutron, task: Task): Promise<void> {
  const { management } = task.interfaces;
  if (!(await management.supportedBootDevices(task)).includes('bios')) {
    throw registeredError('NetworkError', {
      reason: `The Smart NICs of node ${task.node.uuid} need power while its networks change, and its management interface "${management.name}" can not boot the machine into its firmware setup. Power it on, or use another management interface.`,
    });
  }
  // Before anything happens: a process that takes over has to know that the machine was off.
  task.learn({ driver_internal_info: { [KEY]: 'power off' } });
  await task.store();
  await management.setBootDevice(task, 'bios', false);
  await task.setPower('power on');
  for (const item of task.ports) {
    await untilAgentIsUp(neutron, task, { kind: 'ports', item });
  }
}

async function restore(task: Task): Promise<void> {
  await task.setPower('power off');
  task.learn({ driver_internal_info: { [KEY]: null } });
}

/**
 * Changes networks of a machine while its Smart NICs have power; without Smart NICs it is just `work`. A machine that was off is off again
 * afterwards, whatever became of the work. Safe to repeat.
 * @throws RegisteredError NetworkError when no agent comes up, or the machine has no firmware setup to wait in; what `work` throws
 */
export async function withSmartNics<Result>(
  neutron: Neutron,
  task: Task,
  work: () => Promise<Result>,
): Promise<Result> {
  if (!task.ports.some(({ is_smartnic }) => is_smartnic)) {
    return work();
  }
  const isOn = (await task.interfaces.power.getPowerState(task)) === 'power on';
  const isToBeRestored = task.node.driver_internal_info[KEY] !== undefined;
  if (isOn && !isToBeRestored) {
    return work();
  }
  task.record({ kind: 'network', message: 'The machine is powered for its Smart NICs while its networks change.' });
  let result: Result;
  try {
    await powerOn(neutron, task);
    result = await work();
  } catch (error) {
    try {
      await restore(task);
    } catch (second) {
      // What the node should be like is noted with it; the first error is the one to be told.
      task.log.warn({ node: task.node.uuid, err: second }, 'The power of a machine with Smart NICs was not restored.');
    }
    throw error;
  }
  await restore(task);
  return result;
}
