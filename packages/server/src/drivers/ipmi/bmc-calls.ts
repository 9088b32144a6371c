// Calls to BMCs: in turn for each, tried again while that is worth it, measured, and explained when they fail.
import { setTimeout as sleep } from 'node:timers/promises';
import { registeredError } from '@wrought/contract';
import { type BmcCallObserver, BmcSilentError, type BmcWatcher, createBmcGovernor, type Task } from '../kit/index.ts';
import { endpointOf, type IpmiConnection, readConnection } from './connection.ts';
import { type Failure, IpmiCommandError, isSilent } from './failure.ts';

/** A single try gets at least this long, however little of the retry time is left. */
const SHORTEST_TRY_MILLISECONDS = 5_000;
const FIRST_PAUSE_MILLISECONDS = 500;

export interface BmcCommand {
  /** For measurements: from a small set, without values. */
  readonly operation: string;
  /** How errors and evidence name it. */
  readonly shownAs: string;
}

/** How one try ended. */
export type Tried<Result> =
  | { readonly result: Result }
  | { readonly failure: Failure; readonly cipherSuite: string | null };

/** One try, which gives up after so many milliseconds. What it throws is not tried again. */
export type Attempt<Result> = (connection: IpmiConnection, longestMilliseconds: number) => Promise<Tried<Result>>;

export interface BmcCalls {
  /**
   * Carries a command out at the BMC of the task's node.
   * @throws IpmiCommandError that says what was tried, where, what came back and what to do
   */
  perform<Result>(task: Task, command: BmcCommand, attempt: Attempt<Result>): Promise<Result>;
}

/** Nothing answered: after all tries, or until whoever asked lost patience (a process says so by the cause of its end). */
function isSilence(error: unknown): boolean {
  if (error instanceof IpmiCommandError) {
    return isSilent(error.failure);
  }
  const reason = error instanceof Error ? (error.cause ?? error) : undefined;
  return reason instanceof Error && reason.name === 'TimeoutError';
}

/** Makes the place that all calls to IPMI BMCs go through; `observe` is told of each, and `watch` may see how the BMCs are. */
export function createBmcCalls(observe?: BmcCallObserver, watch?: BmcWatcher): BmcCalls {
  const governor = createBmcGovernor({ isSilence });
  watch?.('ipmitool', governor.conditions);

  async function tryUntilDone<Result>(
    task: Task,
    connection: IpmiConnection,
    command: BmcCommand,
    attempt: Attempt<Result>,
  ): Promise<Result> {
    const endpoint = endpointOf(connection);
    const { ipmi } = task.config;
    const begin = performance.now();
    const limit = ipmi.command_retry_timeout * 1000;
    let pause = Math.max(FIRST_PAUSE_MILLISECONDS, ipmi.min_command_interval * 1000);
    for (let attempts = 1; ; attempts += 1) {
      const left = begin + limit - performance.now();
      const tried = await attempt(connection, Math.max(left, SHORTEST_TRY_MILLISECONDS));
      if ('result' in tried) {
        if (attempts > 1) {
          task.record({ kind: 'bmc', message: `The BMC at ${endpoint} answers again (try ${attempts}).` });
        }
        return tried.result;
      }
      const { failure, cipherSuite } = tried;
      const isWorthIt = failure.kind === 'retry' || isSilent(failure);
      const isInTime = performance.now() + pause < begin + limit;
      if (!isWorthIt || !isInTime) {
        throw commandError(connection, command, failure, cipherSuite, attempts, performance.now() - begin);
      }
      if (attempts === 1) {
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

  async function observed<Result>({ operation }: BmcCommand, work: () => Promise<Result>): Promise<Result> {
    const begin = performance.now();
    const tell = (error: string | null) =>
      observe?.({ driver: 'ipmitool', operation, error, seconds: (performance.now() - begin) / 1000 });
    try {
      const result = await work();
      tell(null);
      return result;
    } catch (error) {
      tell(error instanceof IpmiCommandError ? error.failure.kind : isSilence(error) ? 'silence' : 'other');
      throw error;
    }
  }

  return {
    async perform(task, command, attempt) {
      const connection = readConnection(task.node);
      const { isBackground, abortSignal } = task;
      const call = { endpoint: endpointOf(connection), isBackground, ...(isBackground ? { signal: abortSignal } : {}) };
      try {
        return await governor.run(call, () =>
          observed(command, () => tryUntilDone(task, connection, command, attempt)),
        );
      } catch (error) {
        if (error instanceof BmcSilentError && !isBackground) {
          throw registeredError('DriverOperationError', { driver: 'ipmitool', reason: error.message });
        }
        throw error;
      }
    },
  };
}

function commandError(
  connection: IpmiConnection,
  command: BmcCommand,
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
