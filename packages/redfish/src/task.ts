// Operations that go on after the answer: task monitors, tasks, and jobs (DSP0266, "Asynchronous operations").
import { setTimeout as delay } from 'node:timers/promises';
import type { Answer, CallOptions, Client } from './client.ts';
import {
  ConnectionError,
  MalformedError,
  MissingError,
  type RequestName,
  ResponseError,
  TaskError,
  TimeoutError,
} from './errors.ts';
import { type Message, messagesText, readMessages } from './messages.ts';
import type { Resource } from './resource.ts';

/** How a task stands. */
export interface TaskProgress {
  /** Where it was read. */
  readonly path: string;
  /** TaskState or JobState as the service gives it; 'Running' or 'Completed' when only the status tells. */
  readonly state: string;
  readonly outcome: 'running' | 'succeeded' | 'failed';
  readonly percent: number | undefined;
  readonly messages: readonly Message[];
  /** How long the service asks to wait before it is asked again. */
  readonly retryAfterSeconds: number | undefined;
  /** What the operation answered, or the task. */
  readonly resource: Resource | undefined;
}

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
  /** Default 15 000. */
  readonly maximumPollMilliseconds?: number;
  /** Goes on while the BMC cannot be reached or answers with faults, as when it restarts by what it does. Default true. */
  readonly tolerateOutage?: boolean;
  readonly onProgress?: (progress: TaskProgress) => void;
}

const waitDefaults = {
  taskTimeoutMilliseconds: 600_000,
  pollMilliseconds: 1000,
  maximumPollMilliseconds: 15_000,
  tolerateOutage: true,
};

/** TaskState, JobState, and what manufacturers call the ends of their jobs. */
const succeeded = new Set(['completed', 'completedok', 'completedwithwarnings']);
const failed = new Set([
  'exception',
  'killed',
  'cancelled',
  'userintervention',
  'failed',
  'completedwitherrors',
  'rebootfailed',
  'invalid',
]);

function outcomeOf(task: Resource, state: string): TaskProgress['outcome'] {
  const key = state.toLowerCase();
  if (failed.has(key)) return 'failed';
  if (!succeeded.has(key)) return 'running';
  const status = task.text('TaskStatus') ?? task.text('JobStatus');
  return status === 'Critical' ? 'failed' : 'succeeded';
}

/** Whether an answer's body is a task, a job, or neither. */
function stateOf(resource: Resource | undefined): string | undefined {
  return resource?.text('TaskState') ?? resource?.text('JobState');
}

function messagesOf(task: Resource): Message[] {
  const listed = readMessages({ '@Message.ExtendedInfo': task.value('Messages') });
  const own = task.text('Message');
  return listed.length === 0 && own !== undefined ? [{ text: own, properties: [], arguments: [] }] : listed;
}

/**
 * The path under which the task that an answer began can be followed, also after our own restart.
 *
 * @returns undefined when the operation ended with the answer.
 * @throws MalformedError when it goes on and the service does not say where.
 */
export function taskPath(answer: Answer): string | undefined {
  const { status, resource, location } = answer;
  const isTask = stateOf(resource) !== undefined;
  if (status !== 202 && !isTask) return undefined;
  const inBody = isTask || resource?.schema === 'Task' ? (resource?.text('TaskMonitor') ?? resource?.path) : undefined;
  const path = location ?? inBody ?? resource?.text('@odata.id');
  if (path !== undefined) return path;
  throw new MalformedError(answer.request, 'Location', 'absent, though the operation goes on', 'look at its tasks');
}

/**
 * Looks at a task once.
 *
 * @param path a task monitor, a task or a job.
 * @throws MissingError when the service no longer knows it, and as any read does.
 */
export async function readTask(client: Client, path: string, options: CallOptions = {}): Promise<TaskProgress> {
  const answer = await client.send('GET', path, options);
  const { resource, retryAfterSeconds, status } = answer;
  const state = stateOf(resource);
  if (resource !== undefined && state !== undefined) {
    return {
      path,
      state,
      outcome: outcomeOf(resource, state),
      percent: resource.number('PercentComplete'),
      messages: messagesOf(resource),
      retryAfterSeconds,
      resource,
    };
  }
  const isRunning = status === 202;
  return {
    path,
    state: isRunning ? 'Running' : 'Completed',
    outcome: isRunning ? 'running' : 'succeeded',
    percent: undefined,
    messages: answer.messages,
    retryAfterSeconds,
    resource,
  };
}

const isOutage = (error: unknown): boolean =>
  error instanceof ConnectionError ||
  error instanceof TimeoutError ||
  (error instanceof ResponseError && (error.status >= 500 || error.status === 429));

/** A monitor answers what the operation answers: an error of its own is the end of the task. */
const isFinal = (error: unknown): boolean =>
  error instanceof ResponseError && error.status < 500 && ![401, 403, 429].includes(error.status);

/** A fault may be one of the BMC while it restarts; so many in a row are what the operation came to. */
const faultsThatAreFinal = 3;

const failureOf = (request: RequestName, { status, messages }: ResponseError): TaskError =>
  new TaskError(request, `an answer ${status}`, messages, 'look at the log of the BMC for more');

/** Waits for a task; see `Client.task`. */
export async function waitForTask(
  client: Client,
  begun: Answer | string,
  options: WaitOptions = {},
): Promise<TaskResult> {
  const { signal, timeoutMilliseconds } = options;
  const set = { ...waitDefaults, ...options };
  const call = { signal, ...(timeoutMilliseconds === undefined ? {} : { timeoutMilliseconds }) };
  const path = typeof begun === 'string' ? begun : taskPath(begun);
  if (path === undefined) {
    const { messages, resource } = begun as Answer;
    return { state: 'Completed', messages, resource };
  }
  const request = { method: 'GET', url: client.origin + path };
  const until = performance.now() + set.taskTimeoutMilliseconds;
  let last: TaskProgress | undefined;
  let faults = 0;
  for (let pause = set.pollMilliseconds; ; pause = Math.min(pause * 1.5, set.maximumPollMilliseconds)) {
    try {
      last = await readTask(client, path, call);
      set.onProgress?.(last);
    } catch (error) {
      if (error instanceof MissingError) {
        const messages = last?.messages ?? error.messages;
        throw new TaskError(request, 'unknown', messages, 'the BMC no longer knows it; look whether its work was done');
      }
      faults = error instanceof ResponseError && error.status === 500 ? faults + 1 : 0;
      if (isFinal(error) || faults === faultsThatAreFinal) throw failureOf(request, error as ResponseError);
      if (!set.tolerateOutage || !isOutage(error)) throw error;
    }
    if (last?.outcome === 'succeeded') return { state: last.state, messages: last.messages, resource: last.resource };
    if (last?.outcome === 'failed') {
      throw new TaskError(request, last.state, last.messages, 'look at the log of the BMC for more');
    }
    const wait = Math.max(pause, (last?.retryAfterSeconds ?? 0) * 1000);
    const left = until - performance.now();
    if (left <= 0) {
      const how = last === undefined ? '' : ` (${last.state}, ${messagesText(last.messages) || 'no messages'})`;
      throw new TimeoutError(request, `the end of the task${how}`, set.taskTimeoutMilliseconds);
    }
    await delay(Math.min(wait, left), undefined, { signal });
  }
}
