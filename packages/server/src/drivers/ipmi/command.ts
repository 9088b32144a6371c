// Sends one IPMI command to the BMC of a node: in turn, with the right cipher suite, and again while that is worth it.

import { setTimeout as sleep } from 'node:timers/promises';
import { RegisteredError, registeredError } from '@wrought/contract';
import { type BmcCallObserver, BmcSilentError, type BmcWatcher, createBmcGovernor, type Task } from '../kit/index.ts';
import { endpointOf, type IpmiConnection, readConnection } from './connection.ts';
import { classifyFailure, type Failure } from './failure.ts';
import { IpmitoolMissingError, type RunResult, runIpmitool } from './ipmitool.ts';

/** Tried when neither node nor configuration names any: the stronger one first, then the one that every BMC has. */
const DEFAULT_CIPHER_SUITES = ['17', '3'];
/** A single run gets at least this long, however little of the retry time is left. */
const SHORTEST_RUN_MILLISECONDS = 5_000;
const FIRST_PAUSE_MILLISECONDS = 500;

/** A command that failed; `failure` says how. */
export class IpmiCommandError extends RegisteredError {
  readonly failure: Failure;

  constructor(reason: string, failure: Failure) {
    super('DriverOperationError', registeredError('DriverOperationError', { driver: 'ipmitool', reason }).message);
    this.failure = failure;
  }
}

const isSilent = ({ kind }: Failure) => kind === 'silence' || kind === 'cipher or silence';

/** Nothing answered: after all tries, or until whoever asked lost patience. */
function isSilence(error: unknown): boolean {
  return error instanceof IpmiCommandError
    ? isSilent(error.failure)
    : error instanceof Error && error.cause instanceof Error && error.cause.name === 'TimeoutError';
}

export interface CommandSender {
  /**
   * Sends a command ("chassis", "power", "status") and answers what ipmitool printed.
   * @throws IpmiCommandError that says what was tried, where, what came back and what to do
   */
  send(task: Task, ...words: readonly string[]): Promise<string>;
  /** The same for words that are nobody's business: errors and evidence name the command as `shownAs`. */
  sendUnshown(task: Task, shownAs: string, ...words: readonly string[]): Promise<string>;
}

interface Command {
  readonly words: readonly string[];
  /** How errors and evidence name it. */
  readonly shownAs: string;
}

/**
 * Makes a sender; it remembers the cipher suite that each BMC took, tells `observe` of each command, and lets `watch` see how the
 * BMCs are.
 */
export function createCommandSender(observe?: BmcCallObserver, watch?: BmcWatcher): CommandSender {
  const governor = createBmcGovernor({ isSilence });
  watch?.('ipmitool', governor.conditions);
  const knownSuites = new Map<string, string>();

  function suitesFor(task: Task, connection: IpmiConnection, endpoint: string): readonly (string | null)[] {
    if (connection.protocolVersion === '1.5') {
      return [null];
    }
    if (connection.cipherSuite !== null) {
      return [connection.cipherSuite];
    }
    const configured = task.config.ipmi.cipher_suite_versions;
    const candidates = configured.length > 0 ? configured : DEFAULT_CIPHER_SUITES;
    const known = knownSuites.get(endpoint);
    return known === undefined ? candidates : [known, ...candidates.filter((each) => each !== known)];
  }

  /** One try: the cipher suites in turn until one is taken. */
  async function tryOnce(
    task: Task,
    connection: IpmiConnection,
    endpoint: string,
    words: readonly string[],
    killAfterMilliseconds: number,
  ): Promise<{ stdout: string } | { failure: Failure; cipherSuite: string | null }> {
    const { ipmi } = task.config;
    let last: { failure: Failure; cipherSuite: string | null } | undefined;
    for (const cipherSuite of suitesFor(task, connection, endpoint)) {
      const result: RunResult = await runIpmitool(connection, {
        program: ipmi.program,
        packetTimeoutSeconds: Math.max(1, Math.round(ipmi.min_command_interval)),
        cipherSuite,
        words,
        passwordInEnvironment: ipmi.store_cred_in_env,
        killAfterMilliseconds,
        abortSignal: task.abortSignal,
      });
      if (result.exitCode === 0) {
        if (cipherSuite !== null) {
          knownSuites.set(endpoint, cipherSuite);
        }
        return { stdout: result.stdout };
      }
      const failure: Failure = result.wasKilled
        ? {
            kind: 'silence',
            answer: `nothing; ipmitool was ended after ${Math.round(killAfterMilliseconds / 1000)} s`,
            advice: 'The BMC hangs. Look at it, or reset it.',
          }
        : classifyFailure(result.output);
      last = { failure, cipherSuite };
      if (failure.kind !== 'cipher' && failure.kind !== 'cipher or silence') {
        break;
      }
    }
    if (last === undefined) {
      throw new Error('No cipher suite to try: ipmi.cipher_suite_versions is empty.');
    }
    return last;
  }

  async function sendInTurn(task: Task, connection: IpmiConnection, command: Command): Promise<string> {
    const endpoint = endpointOf(connection);
    const { ipmi } = task.config;
    const begin = performance.now();
    const limit = ipmi.command_retry_timeout * 1000;
    let pause = Math.max(FIRST_PAUSE_MILLISECONDS, ipmi.min_command_interval * 1000);
    for (let attempt = 1; ; attempt += 1) {
      const left = begin + limit - performance.now();
      const tried = await tryOnce(task, connection, endpoint, command.words, Math.max(left, SHORTEST_RUN_MILLISECONDS));
      if ('stdout' in tried) {
        if (attempt > 1) {
          task.record({ kind: 'bmc', message: `The BMC at ${endpoint} answers again (try ${attempt}).` });
        }
        return tried.stdout;
      }
      const { failure, cipherSuite } = tried;
      const isWorthIt = failure.kind === 'retry' || isSilent(failure);
      const isInTime = performance.now() + pause < begin + limit;
      if (!isWorthIt || !isInTime) {
        throw commandError(connection, command, failure, cipherSuite, attempt, performance.now() - begin);
      }
      if (attempt === 1) {
        task.record({
          kind: 'bmc',
          severity: 'warning',
          message: `"${command.shownAs}" to the BMC at ${endpoint}: ${failure.answer}; trying again for up to ${ipmi.command_retry_timeout} s.`,
        });
      }
      await sleep(pause, undefined, { signal: task.abortSignal });
      pause = Math.min(pause * 2, limit / 4 + FIRST_PAUSE_MILLISECONDS);
    }
  }

  async function observed(command: Command, work: () => Promise<string>): Promise<string> {
    const begin = performance.now();
    const tell = (error: string | null) =>
      observe?.({
        driver: 'ipmitool',
        // The rest are values: a boot device, bytes.
        operation: command.words.slice(0, command.words[0] === 'raw' ? 1 : 2).join(' '),
        error,
        seconds: (performance.now() - begin) / 1000,
      });
    try {
      const output = await work();
      tell(null);
      return output;
    } catch (error) {
      tell(error instanceof IpmiCommandError ? error.failure.kind : isSilence(error) ? 'silence' : 'other');
      throw error;
    }
  }

  async function send(task: Task, command: Command): Promise<string> {
    const connection = readConnection(task.node);
    try {
      const { isBackground, abortSignal } = task;
      const call = { endpoint: endpointOf(connection), isBackground, ...(isBackground ? { signal: abortSignal } : {}) };
      return await governor.run(call, () => observed(command, () => sendInTurn(task, connection, command)));
    } catch (error) {
      if (error instanceof IpmitoolMissingError || (error instanceof BmcSilentError && !task.isBackground)) {
        throw registeredError('DriverOperationError', { driver: 'ipmitool', reason: error.message });
      }
      throw error;
    }
  }

  return {
    send: (task, ...words) => send(task, { words, shownAs: words.join(' ') }),
    sendUnshown: (task, shownAs, ...words) => send(task, { words, shownAs }),
  };
}

function commandError(
  connection: IpmiConnection,
  command: Command,
  failure: Failure,
  cipherSuite: string | null,
  attempts: number,
  milliseconds: number,
) {
  const who = [
    connection.username === null ? 'the null user' : `user "${connection.username}"`,
    ...(cipherSuite === null ? [] : [`cipher suite ${cipherSuite}`]),
  ].join(', ');
  const tries = attempts === 1 ? '' : ` in ${attempts} tries over ${Math.round(milliseconds / 1000)} s`;
  return new IpmiCommandError(
    `"${command.shownAs}" was sent to the BMC at ${endpointOf(connection)} (${who})${tries}; it answered: ${failure.answer}. ${failure.advice}`,
    failure,
  );
}
