// Hands the hash of the rescue password to the agent, which takes it and ends, so that nobody on the instance's network meets it.
import { type JsonObject, registeredError, SECRET_MASK } from '@wrought/contract';
import { done, type Outcome, type ProbeAnswer, type RescuePassword, type Task } from '../kit/index.ts';
import { AgentRefusalError, AgentUnreachableError } from './client.ts';
import { type AgentCommand, askForCommand, followCommand, startCommand } from './command.ts';

function commandWith(params: JsonObject): AgentCommand {
  return { name: 'rescue.finalize_rescue', params, what: 'rescue.finalize_rescue', step: null };
}

/** The same command without its parameters: enough to find it again. */
const sought = commandWith({});

function textOf(task: Task, key: string): string | null {
  const value = task.node.instance_info[key];
  return typeof value === 'string' && value !== '' && value !== SECRET_MASK ? value : null;
}

/** Agents that know no hashes refuse the parameter; whether they get the password itself is the operator's choice. */
async function giveToOldAgent(task: Task, refusal: AgentRefusalError): Promise<Outcome> {
  const password = textOf(task, 'rescue_password');
  if (task.config.conductor.require_rescue_password_hashed || password === null) {
    throw new Error(
      `The agent did not take the hash of the rescue password: ${refusal.message} Boot a rescue ramdisk with Wrought's agent or ironic-python-agent 6.0 or newer, or set conductor.require_rescue_password_hashed to false and rescue again.`,
    );
  }
  return startCommand(task, commandWith({ rescue_password: password }));
}

async function set(task: Task): Promise<Outcome> {
  const hash = textOf(task, 'hashed_rescue_password');
  if (hash === null) {
    throw registeredError('MissingParameterValue', {
      reason: `instance_info/hashed_rescue_password of node ${task.node.uuid} is gone; rescue it again with a password.`,
    });
  }
  try {
    return await startCommand(task, commandWith({ rescue_password: hash, hashed: true }));
  } catch (error) {
    if (error instanceof AgentRefusalError) {
      return giveToOldAgent(task, error);
    }
    throw error;
  }
}

async function probe(task: Task): Promise<ProbeAnswer> {
  try {
    return await askForCommand(task, sought);
  } catch (error) {
    if (!(error instanceof AgentUnreachableError)) {
      throw error;
    }
    task.record({
      kind: 'agent',
      severity: 'warning',
      message: `Whether the agent has the rescue password can not be asked any more: it ends when it has it, and it does not answer. If the login fails, rescue the node again. ${error.message}`,
    });
    return done();
  }
}

export const rescuePassword: RescuePassword = {
  set,
  resume: (task) => followCommand(task, sought),
  probe,
};
