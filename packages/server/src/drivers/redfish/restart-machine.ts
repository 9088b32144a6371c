// Restarts a machine so that what was changed counts; one that runs the agent's ramdisk comes back into it.
import type { Task } from '../kit/index.ts';

/** Whether the agent's ramdisk runs in the machine. */
export const isAgentThere = ({ node }: Task) => typeof node.driver_internal_info.agent_url === 'string';

/** Answers whether the agent is to be awaited. The run's memory has it, too: `agent_awaited`. */
export async function restartMachine(task: Task): Promise<boolean> {
  const awaitsAgent = isAgentThere(task) || task.memory.agent_awaited === true;
  task.learn({ memory: { agent_awaited: awaitsAgent } });
  if (awaitsAgent) {
    // Most boot devices are set for one boot only.
    task.learn((await task.interfaces.boot.prepareRamdiskAgain?.(task)) ?? {});
  }
  await task.setPower('rebooting');
  return awaitsAgent;
}
