// Brings a machine into the agent's ramdisk and knows when the agent has called back.
import { done, type Outcome, park, type Task } from '../kit/index.ts';

const AWAITED = 'the first heartbeat of the agent';

/** Power cycles into the ramdisk that is prepared, and waits for the agent. */
export async function bootAgent(task: Task): Promise<Outcome> {
  await task.setPower('rebooting');
  return park(AWAITED);
}

/** Whether the agent has called back since the machine was powered on: power off forgets its address and token. */
export function isAgentUp(task: Task): boolean {
  const { agent_url, agent_secret_token } = task.node.driver_internal_info;
  return typeof agent_url === 'string' && typeof agent_secret_token === 'string';
}

/** What a signal means while the agent is awaited. */
export function awaitAgent(task: Task): Outcome {
  return isAgentUp(task) ? done({}, { agentIsUp: true }) : park(AWAITED);
}
