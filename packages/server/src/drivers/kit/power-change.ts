// The one way to change power: ask the BMC, then watch it until it reports the state, within a time-out.

import { setTimeout as sleep } from 'node:timers/promises';
import { type JsonObject, type Node, type PowerTarget, registeredError } from '@wrought/contract';
import type { Task } from './task.ts';

const FIRST_POLL_MILLISECONDS = 20;
const LONGEST_POLL_MILLISECONDS = 2_000;

async function reach(
  task: Task,
  ask: 'power on' | 'power off' | 'soft power off',
  timeoutSeconds: number,
): Promise<void> {
  const wanted = ask === 'power on' ? 'power on' : 'power off';
  const { power } = task.interfaces;
  const before = await power.getPowerState(task);
  if (before === wanted) {
    task.learn({ power_state: before });
    return;
  }
  await power.setPowerState(task, ask);
  task.record({ kind: 'power', message: `The BMC accepted "${ask}".`, data: { target: ask, before } });
  const deadline = performance.now() + timeoutSeconds * 1000;
  let pause = FIRST_POLL_MILLISECONDS;
  let seen = await power.getPowerState(task);
  while (seen !== wanted) {
    if (performance.now() + pause > deadline) {
      task.learn({ power_state: seen });
      throw registeredError('PowerStateFailure', {
        node: task.node.uuid,
        pstate: wanted,
        reason: `the BMC accepted "${ask}" but still reports "${seen ?? 'unknown'}" after ${timeoutSeconds} s. Look at the machine, or at its BMC's log; conductor.power_state_change_timeout sets the wait.`,
      });
    }
    await sleep(pause, undefined, { signal: task.abortSignal });
    pause = Math.min(pause * 2, LONGEST_POLL_MILLISECONDS);
    seen = await power.getPowerState(task);
  }
  task.learn({ power_state: seen });
  task.record({ kind: 'power', message: `The machine is "${seen}".`, data: { state: seen } });
}

/** Members of driver_internal_info that are void once the machine was off: the agent in its memory is gone. */
export const agentMembersLostWithPower = {
  agent_url: null,
  agent_secret_token: null,
  agent_token_told_at: null,
  agent_verify_ca: null,
  agent_certificate: null,
  agent_version: null,
  agent_last_heartbeat: null,
  agent_status: null,
  agent_status_message: null,
} as const;

/** The same for this node: a token that its boot medium holds is that of the next agent, too. */
export function membersLostWithPower({ driver_internal_info: info }: Pick<Node, 'driver_internal_info'>): JsonObject {
  const { agent_secret_token: token, ...rest } = agentMembersLostWithPower;
  return info.agent_secret_token_pregenerated === true ? rest : { ...rest, agent_secret_token: token };
}

/** Carries out a power target on the task's node; see `Task.setPower`. */
export async function changePower(task: Task, target: PowerTarget, timeoutSeconds?: number): Promise<void> {
  const { power } = task.interfaces;
  if (!power.supportedTargets.includes(target)) {
    throw registeredError('UnsupportedDriverExtension', {
      interface: 'power',
      implementation: power.name,
      node: task.node.uuid,
      extension: `the power target "${target}"; it takes: ${power.supportedTargets.join(', ')}`,
    });
  }
  const { conductor } = task.config;
  const isSoft = target === 'soft power off' || target === 'soft rebooting';
  const limit = timeoutSeconds ?? (isSoft ? conductor.soft_power_off_timeout : conductor.power_state_change_timeout);
  if (target !== 'power on') {
    await reach(task, isSoft ? 'soft power off' : 'power off', limit);
    task.learn({ driver_internal_info: membersLostWithPower(task.node) });
    await task.store();
  }
  if (target !== 'power off' && target !== 'soft power off') {
    await reach(task, 'power on', limit);
  }
}
