// Ends the machine's time in the ramdisk: disks flushed, a soft power off by the agent, and the BMC's when that does not help.

import { setTimeout as sleep } from 'node:timers/promises';
import { done, type Outcome, type ProbeAnswer, type Task } from '../kit/index.ts';
import { agentClient } from './client.ts';

const describe = (error: unknown) => (error instanceof Error ? error.message : String(error));

/** Runs a command whose failure only costs time: the BMC cuts the power in the end. */
async function tryCommand(task: Task, name: string, wait: boolean): Promise<boolean> {
  try {
    await agentClient(task).post({ name, params: {}, wait });
    return true;
  } catch (error) {
    if (task.abortSignal.aborted) {
      throw error;
    }
    task.record({ kind: 'agent', severity: 'warning', message: `The agent did not do ${name}: ${describe(error)}` });
    return false;
  }
}

/** Polls the BMC until it says that the machine is off, within the configured number of polls. */
async function goesOff(task: Task): Promise<boolean> {
  const { post_deploy_get_power_state_retries: polls, post_deploy_get_power_state_retry_interval: seconds } =
    task.config.agent;
  for (let poll = 0; poll <= polls; poll += 1) {
    if ((await task.interfaces.power.getPowerState(task)) === 'power off') {
      return true;
    }
    if (poll < polls) {
      await sleep(seconds * 1000, undefined, { signal: task.abortSignal });
    }
  }
  return false;
}

/** driver_info/deploy_forces_oob_reboot: only the BMC switches off. */
function forcesBmc(task: Task): boolean {
  return /^(true|yes|1)$/i.test(String(task.node.driver_info.deploy_forces_oob_reboot ?? 'false'));
}

export async function shutDownAgent(task: Task): Promise<Outcome> {
  await tryCommand(task, 'standby.sync', true);
  if (task.node.disable_power_off) {
    return done();
  }
  if (!forcesBmc(task) && (await tryCommand(task, 'standby.power_off', false)) && !(await goesOff(task))) {
    task.record({
      kind: 'power',
      severity: 'warning',
      message: 'The agent did not power the machine off; the BMC does.',
    });
  }
  await task.setPower('power off');
  return done();
}

/** A machine that is off has been shut down; one that is on can be shut down again. */
export async function wasShutDown(task: Task): Promise<ProbeAnswer> {
  if ((await task.interfaces.power.getPowerState(task)) !== 'power off') {
    return 'not happened';
  }
  // Learns that the agent is gone.
  await task.setPower('power off');
  return done();
}
