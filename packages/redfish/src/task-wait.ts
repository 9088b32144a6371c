// Waits for what goes on after the answer, through restarts of the BMC, to its good or bad end.
import { setTimeout as delay } from 'node:timers/promises';
import type { Answer, CallOptions, Client } from './client.ts';
import { ConnectionError, MissingError, type RequestName, ResponseError, TaskError, TimeoutError } from './errors.ts';
import { type Message, messagesText } from './messages.ts';
import type { Resource } from './resource.ts';
import { readTask, readTaskOf, type TaskProgress, taskPath } from './task.ts';

/** A task that has succeeded. */
export interface TaskResult {
  readonly state: string;
  readonly messages: readonly Message[];
  readonly resource: Resource | undefined;
}

export interface WaitOptions extends CallOptions {
  /** How long the task may take. Default 600 000. */
  readonly taskTimeoutMilliseconds?: number;
  /** The first pause between two looks; each is half as long again, up to the maximum. Default 1000. */
  readonly pollMilliseconds?: number;
  /** The longest pause, also where the service asks for a longer one. Default 30 000. */
  readonly maximumPollMilliseconds?: number;
  /** Goes on while the BMC cannot be reached or answers with faults, as when it restarts by what it does. Default true. */
  readonly tolerateOutage?: boolean;
  readonly onProgress?: (progress: TaskProgress) => void;
}

const waitDefaults = {
  taskTimeoutMilliseconds: 600_000,
  pollMilliseconds: 1000,
  maximumPollMilliseconds: 30_000,
  tolerateOutage: true,
};

const isOutage = (error: unknown): boolean =>
  error instanceof ConnectionError ||
  error instanceof TimeoutError ||
  (error instanceof ResponseError && (error.status >= 500 || error.status === 429));

/** A monitor answers what the operation answers: an error of its own is the end of the task. */
const isFinal = (error: unknown): error is ResponseError =>
  error instanceof ResponseError && error.status < 500 && ![401, 403, 429].includes(error.status);

/** A fault may be one of the BMC while it restarts; so many in a row are what the operation came to. */
const faultsThatAreFinal = 3;
/** A task that was just made may not be there for some looks. */
const absencesThatAreFinal = 3;

const seeLog = 'look at the log of the BMC for more';
const seeWork = 'the BMC no longer knows it; look whether its work was done';

/** Services that forget tasks when they end keep their jobs, under the same id (JobService schema). */
async function readJobOf(client: Client, path: string, options: CallOptions): Promise<TaskProgress | undefined> {
  const id = path.replace(/\/$/, '').split('/').at(-1) ?? '';
  const service = (await client.root(options)).link('JobService');
  if (service === undefined || path.includes('/Jobs/')) return undefined;
  try {
    return await readTask(client, `${service.replace(/\/$/, '')}/Jobs/${id}`, options);
  } catch (error) {
    if (error instanceof MissingError) return undefined;
    throw error;
  }
}

/** Makes what looks at a task: undefined when nothing is known now. */
function createWatch(client: Client, path: string, request: RequestName, tolerateOutage: boolean, call: CallOptions) {
  let isKnown = false;
  let faults = 0;
  let absences = 0;

  async function lookForJob(absence: MissingError): Promise<TaskProgress | undefined> {
    const job = await readJobOf(client, path, call);
    absences++;
    if (job !== undefined || (!isKnown && absences < absencesThatAreFinal)) return job;
    throw new TaskError(request, 'unknown', absence.messages, seeWork);
  }

  /** What an answer that is an error means; one without words is explained by the task itself. */
  async function endOf(error: ResponseError): Promise<TaskError> {
    const itself = error.messages.length > 0 ? undefined : await readTaskOf(client, path, call);
    return itself?.outcome === 'failed'
      ? new TaskError(request, itself.state, itself.messages, seeLog)
      : new TaskError(request, `an answer ${error.status}`, error.messages, seeLog);
  }

  return async (): Promise<TaskProgress | undefined> => {
    try {
      const progress = await readTask(client, path, call).catch((error) => {
        if (error instanceof MissingError) return lookForJob(error);
        throw error;
      });
      isKnown ||= progress !== undefined;
      faults = 0;
      return progress;
    } catch (error) {
      faults = error instanceof ResponseError && error.status === 500 ? faults + 1 : 0;
      if (isFinal(error) || (error instanceof ResponseError && faults === faultsThatAreFinal)) {
        throw await endOf(error);
      }
      if (!tolerateOutage || !isOutage(error)) throw error;
      return undefined;
    }
  };
}

/** Waits for a task; see `Client.task`. */
export async function waitForTask(
  client: Client,
  begun: Answer | string,
  options: WaitOptions = {},
): Promise<TaskResult> {
  const { signal, timeoutMilliseconds } = options;
  const set = { ...waitDefaults, ...options };
  const path = typeof begun === 'string' ? begun : taskPath(begun);
  if (path === undefined) {
    const { messages, resource } = begun as Answer;
    return { state: 'Completed', messages, resource };
  }
  const request = { method: 'GET', url: client.origin + path };
  const call = { signal, ...(timeoutMilliseconds === undefined ? {} : { timeoutMilliseconds }) };
  const look = createWatch(client, path, request, set.tolerateOutage, call);
  const until = performance.now() + set.taskTimeoutMilliseconds;
  let last: TaskProgress | undefined;
  for (let pause = set.pollMilliseconds; ; pause = Math.min(pause * 1.5, set.maximumPollMilliseconds)) {
    const progress = await look();
    if (progress !== undefined) set.onProgress?.(progress);
    last = progress ?? last;
    if (last?.outcome === 'succeeded') return { state: last.state, messages: last.messages, resource: last.resource };
    if (last?.outcome === 'failed') throw new TaskError(request, last.state, last.messages, seeLog);
    const left = until - performance.now();
    if (left <= 0) {
      const how = last === undefined ? '' : ` (${last.state}, ${messagesText(last.messages) || 'no messages'})`;
      throw new TimeoutError(request, `the end of the task${how}`, set.taskTimeoutMilliseconds);
    }
    const asked = Math.max(pause, (progress?.retryAfterSeconds ?? 0) * 1000);
    await delay(Math.min(asked, set.maximumPollMilliseconds, left), undefined, { signal });
  }
}
