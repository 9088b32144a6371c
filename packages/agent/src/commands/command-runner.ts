// Runs commands one at a time and remembers them, so that the server can ask for what became of each.
import { randomUUID } from 'node:crypto';
import type { CommandRequest, CommandResult, JsonObject } from '@wrought/contract';
import { AgentFailure, toAgentError, toFailure } from '../errors.ts';
import type { AgentCommand, Extension } from '../extensions/extension.ts';
import type { Log } from '../log.ts';

type CommandRecord = { result: CommandResult; ended: Promise<void> };

export type CommandRunner = {
  /**
   * Starts a command; a synchronous one has ended when the promise resolves.
   * @throws AgentFailure for unknown commands, wrong parameters and when a command is running already.
   */
  execute: (request: CommandRequest) => Promise<CommandResult>;
  /** All commands since the agent started, oldest first. */
  list: () => CommandResult[];
  /** @throws AgentFailure (404) for an unknown id. */
  get: (id: string) => CommandResult;
  /** Resolves when the command has ended. */
  wait: (id: string) => Promise<CommandResult>;
};

/** Values longer than this, such as config drives, are left out when commands are shown. */
const SHOWN_TEXT_MAX_CHARACTERS = 1024;
const SECRET_NAME = /password|token|authorization|secret|pull_secret/i;

/** Command parameters as they may be shown: without secrets and without long texts. */
export function presentParams(value: unknown, name = ''): unknown {
  if (typeof value === 'string') {
    if (SECRET_NAME.test(name) && value !== '') return '******';
    return value.length > SHOWN_TEXT_MAX_CHARACTERS ? `(${value.length} characters)` : value;
  }
  if (Array.isArray(value)) return value.map((element) => presentParams(element, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, presentParams(member, key)]));
}

function findCommand(extensions: readonly Extension[], fullName: string): AgentCommand {
  const dot = fullName.indexOf('.');
  if (dot === -1) {
    throw new AgentFailure('InvalidCommandError', `"${fullName}" is not of the form <extension>.<command>`);
  }
  const extension = extensions.find((candidate) => candidate.name === fullName.slice(0, dot));
  if (extension === undefined) {
    throw new AgentFailure('RequestedObjectNotFoundError', `Extension with id ${fullName.slice(0, dot)} not found.`);
  }
  const name = fullName.slice(dot + 1);
  const command = Object.hasOwn(extension.commands, name) ? extension.commands[name] : undefined;
  if (command === undefined) throw new AgentFailure('InvalidCommandError', `Unknown command: ${fullName}`);
  return command;
}

/**
 * Makes a runner for the commands of the given extensions.
 *
 * @param onAsynchronousEnd called when an asynchronous command has ended, for the extra heartbeat.
 */
export function createCommandRunner(
  extensions: readonly Extension[],
  log: Log,
  onAsynchronousEnd: () => void,
): CommandRunner {
  const records = new Map<string, CommandRecord>();
  const byKey = new Map<string, CommandRecord>();
  let running: CommandResult | null = null;

  const finish = (result: CommandResult, status: CommandResult['command_status'], outcome: Partial<CommandResult>) => {
    result.command_status = status;
    result.command_result = outcome.command_result ?? null;
    result.command_error = outcome.command_error ?? null;
    running = null;
  };

  const runToEnd = async (command: AgentCommand, result: CommandResult, params: JsonObject): Promise<void> => {
    const report = (progress: NonNullable<unknown> & JsonObject): void => {
      if (result.command_status === 'RUNNING') result.command_result = { progress };
    };
    try {
      const outcome = await command.run(params, { report });
      finish(result, 'SUCCEEDED', { command_result: outcome });
      log.info(`command ${result.command_name} succeeded`);
    } catch (error) {
      const failure = toFailure(error);
      const isMismatch = failure.type === 'VersionMismatch';
      finish(result, isMismatch ? 'CLEAN_VERSION_MISMATCH' : 'FAILED', { command_error: toAgentError(failure) });
      log.warning(`command ${result.command_name} failed: ${failure.message}`);
      // Wrong parameters are the caller's error: a synchronous command refuses them with status 400.
      if (!command.isAsynchronous && failure.type.startsWith('Invalid') && failure.type !== 'InvalidImage') {
        throw failure;
      }
    } finally {
      if (command.isAsynchronous) onAsynchronousEnd();
    }
  };

  const find = (id: string): CommandRecord => {
    const record = records.get(id);
    if (record === undefined) {
      throw new AgentFailure('RequestedObjectNotFoundError', `Command with id ${id} not found.`);
    }
    return record;
  };

  return {
    execute: async (request) => {
      const key = request.idempotency_key;
      const known = key === undefined ? undefined : byKey.get(key);
      if (known !== undefined) {
        log.info(`command ${request.name} was sent again with key ${key}: answered with its first run`);
        return known.result;
      }
      const command = findCommand(extensions, request.name);
      if (running !== null) throw new AgentFailure('AgentIsBusy', `executing command ${running.command_name}`);
      const result: CommandResult = {
        id: randomUUID(),
        command_name: request.name.slice(request.name.indexOf('.') + 1),
        command_params: presentParams(request.params) as JsonObject,
        command_status: 'RUNNING',
        command_error: null,
        command_result: null,
        ...(key === undefined ? {} : { idempotency_key: key }),
      };
      running = result;
      log.info(`command ${request.name} started`);
      const ended = runToEnd(command, result, request.params);
      const record = { result, ended };
      records.set(result.id, record);
      if (key !== undefined) byKey.set(key, record);
      if (!command.isAsynchronous) await ended;
      return result;
    },
    list: () => [...records.values()].map((record) => record.result),
    get: (id) => find(id).result,
    wait: async (id) => {
      const record = find(id);
      // A refused synchronous command has told its caller; here only the end of the work counts.
      await record.ended.catch(() => undefined);
      return record.result;
    },
  };
}
