// Runs one long command in the agent as a step: start it, follow it, and find it again after a crash of the server.
import { type CommandResult, isCommandProgress, type JsonObject } from '@wrought/contract';
import {
  again,
  done,
  type Facts,
  fail,
  type Outcome,
  type ProbeAnswer,
  park,
  replan,
  type Task,
} from '../kit/index.ts';
import { AgentBusyError, type AgentClient, AgentUnreachableError, agentClient } from './client.ts';

const POLL_SECONDS = 1;
const BUSY_PAUSE_SECONDS = 5;
/** Member of the run's memory that holds the id of the command, for agents without idempotency keys. */
const COMMAND_KEY = 'agent_command';
/** Member that holds since when the agent has been silent. */
const SILENT_KEY = 'agent_silence';

export interface AgentCommand {
  /** "deploy.execute_deploy_step". */
  readonly name: string;
  readonly params: JsonObject;
  /** What runs, for messages: "deploy.write_image". */
  readonly what: string;
  /** Name of the step in the parameters, to find the command in the list of a foreign agent; null: it runs no step. */
  readonly step: string | null;
  /** What is learned from its result. */
  readonly learn?: (result: JsonObject) => Facts;
}

function textOfError(error: CommandResult['command_error']): string {
  if (error === null) {
    return 'it gave no reason';
  }
  if (typeof error === 'string') {
    return error;
  }
  const { message, details } = error;
  return details === '' || details === undefined
    ? message
    : details.startsWith(message)
      ? details
      : `${message}: ${details}`;
}

/** What was told last of each running command, so that a poll that brings nothing new tells nothing. */
const lastTold = new Map<string, string>();

function showProgress(task: Task, command: AgentCommand, { command_result }: CommandResult): void {
  if (!isCommandProgress(command_result) || command_result.progress.percent === null) {
    return;
  }
  const { percent, phase } = command_result.progress;
  const what = phase === 'download' ? `${command.what}, download` : command.what;
  const told = `${what} ${Math.floor(percent)}`;
  if (lastTold.get(task.idempotencyKey) !== told) {
    lastTold.set(task.idempotencyKey, told);
    task.progress(percent, what);
  }
}

/** Members of the memory that are void once the command has ended. */
const forget = { [COMMAND_KEY]: null, [SILENT_KEY]: null };

function outcomeOf(task: Task, client: AgentClient, command: AgentCommand, result: CommandResult): Outcome {
  if (result.command_status !== 'RUNNING') {
    lastTold.delete(task.idempotencyKey);
  }
  switch (result.command_status) {
    case 'RUNNING': {
      showProgress(task, command, result);
      const isKnown = task.memory[COMMAND_KEY] === result.id;
      const wasSilent = task.memory[SILENT_KEY] !== undefined;
      const memory = { ...(isKnown ? {} : { [COMMAND_KEY]: result.id }), ...(wasSilent ? { [SILENT_KEY]: null } : {}) };
      return park(`the agent to finish ${command.what}`, {
        pollSeconds: POLL_SECONDS,
        ...(isKnown && !wasSilent ? {} : { facts: { memory } }),
      });
    }
    case 'SUCCEEDED': {
      const value = result.command_result;
      const learned = value === null || isCommandProgress(value) ? {} : (command.learn?.(value) ?? {});
      return done({ ...learned, memory: { ...learned.memory, ...forget } });
    }
    case 'CLEAN_VERSION_MISMATCH':
      return replan(
        `The hardware managers of the agent at ${client.url} changed: ${textOfError(result.command_error)}`,
        {
          memory: forget,
        },
      );
    case 'FAILED':
      return fail(`${command.what} failed in the agent at ${client.url}: ${textOfError(result.command_error)}`, {
        memory: forget,
      });
  }
}

/** The step's command in the agent's list: by our key, by its id, or (foreign agents) by what it runs. */
function findCommand(task: Task, command: AgentCommand, commands: readonly CommandResult[]): CommandResult | undefined {
  const shortName = command.name.slice(command.name.indexOf('.') + 1);
  const byKey = commands.find((each) => each.idempotency_key === task.idempotencyKey);
  const byId = commands.find((each) => each.id === task.memory[COMMAND_KEY]);
  const alike = commands.filter((each) => {
    const step = each.command_params?.step;
    const name = typeof step === 'object' && step !== null ? (step as JsonObject).step : null;
    return each.idempotency_key === undefined && each.command_name === shortName && name === command.step;
  });
  return byKey ?? byId ?? alike.at(-1);
}

/** Posts the command; a busy agent is asked again later. */
export async function startCommand(task: Task, command: AgentCommand): Promise<Outcome> {
  const client = agentClient(task);
  try {
    const { name, params } = command;
    const result = await client.post({ name, params, wait: false, idempotencyKey: task.idempotencyKey });
    task.record({ kind: 'agent', message: `The agent at ${client.url} began ${command.what}.` });
    return outcomeOf(task, client, command, result);
  } catch (error) {
    if (error instanceof AgentBusyError) {
      return again(BUSY_PAUSE_SECONDS, `The agent at ${client.url} is busy: ${error.message}`);
    }
    throw error;
  }
}

/** An agent that is silent for a while may be busy or behind a switch that restarts; silent for good it is gone. */
function whileSilent(task: Task, command: AgentCommand, error: AgentUnreachableError): Outcome {
  const { command_timeout, max_command_attempts } = task.config.agent;
  const limitSeconds = command_timeout * max_command_attempts;
  const before = silenceOf(task.memory[SILENT_KEY]);
  if (before === undefined) {
    task.record({ kind: 'agent', severity: 'warning', message: error.message });
  }
  const now = Date.now();
  const longestLook = command_timeout + 2 * BUSY_PAUSE_SECONDS;
  // Only what was looked at counts, so that neither a clock that jumps nor a server that was away ends the patience.
  const passed = before === undefined ? 0 : Math.min(Math.max((now - before.at) / 1000, 0), longestLook);
  const seconds = (before?.seconds ?? 0) + passed;
  if (seconds > limitSeconds) {
    return fail(`During ${command.what} the agent went silent for more than ${limitSeconds} s. ${error.message}`, {
      memory: forget,
    });
  }
  return park(`the agent to answer again (during ${command.what})`, {
    pollSeconds: BUSY_PAUSE_SECONDS,
    facts: { memory: { [SILENT_KEY]: { seconds, at: now } } },
  });
}

/** What the memory holds of a silence: how long it was watched, and when that was last. */
function silenceOf(kept: unknown): { readonly seconds: number; readonly at: number } | undefined {
  const { seconds, at } = (kept ?? {}) as { seconds?: unknown; at?: unknown };
  return typeof seconds === 'number' && typeof at === 'number' ? { seconds, at } : undefined;
}

/** Looks how the command is getting on. */
export async function followCommand(task: Task, command: AgentCommand): Promise<Outcome> {
  const client = agentClient(task);
  try {
    const result = findCommand(task, command, await client.list());
    return result === undefined
      ? fail(
          `The agent at ${client.url} does not know of ${command.what} any more: the ramdisk was started anew meanwhile. Look at the machine's console, then start again.`,
          { memory: forget },
        )
      : outcomeOf(task, client, command, result);
  } catch (error) {
    if (error instanceof AgentUnreachableError) {
      return whileSilent(task, command, error);
    }
    throw error;
  }
}

/**
 * Asks the agent whether the command was sent, and what became of it.
 * @throws AgentUnreachableError, AgentRefusalError
 */
export async function askForCommand(task: Task, command: AgentCommand): Promise<ProbeAnswer> {
  const client = agentClient(task);
  const result = findCommand(task, command, await client.list());
  return result === undefined ? 'not happened' : outcomeOf(task, client, command, result);
}

/** The same after a crash; an agent that is silent for a while is waited for. */
export async function probeCommand(task: Task, command: AgentCommand): Promise<ProbeAnswer> {
  try {
    return await askForCommand(task, command);
  } catch (error) {
    if (error instanceof AgentUnreachableError) {
      return whileSilent(task, command, error);
    }
    throw error;
  }
}
