// Operations that go on after the answer: task monitors, tasks, and jobs (DSP0266, "Asynchronous operations").
import type { Answer, CallOptions, Client } from './client.ts';
import { MalformedError } from './errors.ts';
import { type Message, readMessages } from './messages.ts';
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

/** Reads the tasks that a service remembers; none where it has no such service. */
export async function listTasks(client: Client, options: CallOptions = {}): Promise<Resource[]> {
  const tasks = (await client.root(options)).link('Tasks');
  const collection = tasks === undefined ? undefined : (await client.get(tasks, options)).link('Tasks');
  return collection === undefined ? [] : client.members(collection, options);
}

/** Looks at the task that a monitor is of: monitors answer what the operation answers, and the task itself says more. */
export async function readTaskOf(
  client: Client,
  monitor: string,
  options: CallOptions = {},
): Promise<TaskProgress | undefined> {
  const itself = (await listTasks(client, options)).find((each) => each.text('TaskMonitor') === monitor);
  return itself && readTask(client, itself.path, options);
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
