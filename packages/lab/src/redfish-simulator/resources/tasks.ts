// Tasks and their monitors (DSP0266, 12.2; schemas TaskService, Task): work that takes its time, or waits for the machine to boot.
import type { RedfishBmc } from '../bmc.ts';
import { type BaseMessage, baseMessages, textOf, updateMessages } from '../http/messages.ts';
import { problem } from '../http/problem.ts';
import type { Model } from '../models/model.ts';
import { perBmc } from '../per-bmc.ts';
import type { Answer, At, Body, Route } from '../types.ts';
import { collection, healthy, link, resource, root, timeOf } from './shape.ts';

type TaskState = 'Pending' | 'Running' | 'Completed' | 'Exception' | 'Interrupted' | 'Cancelled';

interface TaskMessage {
  readonly id: string;
  readonly text: string;
  readonly args: readonly string[];
}

export interface TaskWish {
  readonly name: string;
  /** What is done at its end. Throws an Error that says why it failed. */
  readonly effect: () => void | Promise<void>;
  /** It begins when the machine boots. */
  readonly waitsForBoot?: boolean;
  /** What is read at the task once it has ended well, in place of the task: an export. */
  readonly result?: () => Body;
  /** The service may be reset in its middle by the fault `resetting`. */
  readonly isUpdate?: boolean;
}

const percent = 100;
const ended: readonly TaskState[] = ['Completed', 'Exception', 'Interrupted', 'Cancelled'];

export class Task {
  readonly id: string;
  readonly name: string;
  readonly wish: TaskWish;
  state: TaskState;
  readonly since = Date.now();
  startedAt: number | undefined;
  endedAt: number | undefined;
  messages: readonly TaskMessage[] = [];
  timer: NodeJS.Timeout | undefined;

  constructor(id: string, wish: TaskWish) {
    this.id = id;
    this.name = wish.name;
    this.wish = wish;
    this.state = 'Pending';
  }

  get isOver(): boolean {
    return ended.includes(this.state);
  }

  /** How far it is, when it takes so long. */
  percentComplete(milliseconds: number): number {
    if (this.state === 'Completed') return percent;
    if (this.startedAt === undefined) return 0;
    const share = ((this.endedAt ?? Date.now()) - this.startedAt) / Math.max(1, milliseconds);
    return Math.min(percent - 1, Math.floor(share * percent));
  }
}

const mostKept = 100;
const jobDigits = 12;

class Tasks {
  readonly #bmc: RedfishBmc;
  readonly #tasks = new Map<string, Task>();
  #next = 1;

  constructor(bmc: RedfishBmc) {
    this.#bmc = bmc;
    bmc.onChange((change) => {
      if (change.what === 'reset') this.#interrupt();
    });
  }

  get all(): readonly Task[] {
    return [...this.#tasks.values()];
  }

  get(id: string | undefined): Task | undefined {
    return this.#tasks.get(id ?? '');
  }

  add(wish: TaskWish): Task {
    const number = this.#next++;
    const job = String(Math.floor(Date.now() / 10) * 1000 + (number % 1000)).slice(-jobDigits);
    const task = new Task(this.#bmc.model.tasks.id === 'job' ? `JID_${job}` : String(number), wish);
    this.#tasks.set(task.id, task);
    const oldest = this.all.find(({ isOver }) => isOver);
    if (this.#tasks.size > mostKept && oldest !== undefined) this.#tasks.delete(oldest.id);
    if (wish.waitsForBoot !== true) this.#start(task);
    return task;
  }

  /** The machine boots: what waited for it begins. */
  boot(): void {
    for (const task of this.#tasks.values()) if (task.state === 'Pending') this.#start(task);
  }

  remove(task: Task): void {
    clearTimeout(task.timer);
    if (!task.isOver) this.#end(task, 'Cancelled', 'TaskEvent.1.0.TaskCancelled');
    this.#tasks.delete(task.id);
  }

  #start(task: Task): void {
    task.state = 'Running';
    task.startedAt = Date.now();
    this.#tell(task, 'TaskEvent.1.0.TaskStarted');
    const milliseconds = this.#bmc.settings.taskMilliseconds;
    const isCutOff = task.wish.isUpdate === true && this.#bmc.suffers('resetting');
    task.timer = setTimeout(
      () => {
        if (isCutOff) this.#bmc.reset();
        else void this.#finish(task);
      },
      isCutOff ? milliseconds / 2 : milliseconds,
    ).unref();
  }

  async #finish(task: Task): Promise<void> {
    if (this.#bmc.suffers('failing')) {
      this.#fail(task, 'the simulator lets it fail');
      return;
    }
    try {
      await task.wish.effect();
    } catch (error) {
      this.#fail(task, error instanceof Error ? error.message : String(error));
      return;
    }
    if (task.isOver) return;
    task.messages = [message(this.#bmc.model, 'Success')];
    this.#end(task, 'Completed', 'TaskEvent.1.0.TaskCompletedOK');
  }

  #fail(task: Task, why: string): void {
    task.messages = [message(this.#bmc.model, 'OperationFailed', why)];
    this.#end(task, 'Exception', 'TaskEvent.1.0.TaskAborted');
  }

  #interrupt(): void {
    for (const task of this.#tasks.values()) {
      if (task.state !== 'Running') continue;
      clearTimeout(task.timer);
      task.messages = [message(this.#bmc.model, 'OperationFailed', 'the service was reset')];
      this.#end(task, 'Interrupted', 'TaskEvent.1.0.TaskAborted');
    }
  }

  #end(task: Task, state: TaskState, messageId: string): void {
    task.state = state;
    task.endedAt = Date.now();
    this.#tell(task, messageId);
  }

  #tell(task: Task, messageId: string): void {
    this.#bmc.tell({ what: 'message', messageId, path: `${root}/TaskService/Tasks/${task.id}`, args: [task.id] });
  }
}

export const tasksOf = perBmc((bmc) => new Tasks(bmc));

const message = (model: Model, key: BaseMessage, ...args: readonly string[]): TaskMessage => ({
  id: `${model.base}.${key}`,
  text: textOf(baseMessages[key], args),
  args,
});

/** The message of a failed transfer of an image, for errors of tasks. */
export const transferFailed = (image: string, to: string, why: string): Error =>
  new Error(`${textOf(updateMessages.TransferFailed, [image, to])} ${why}`);

const service = `${root}/TaskService`;
function bodyOf(bmc: RedfishBmc, task: Task): Body {
  const { model, settings } = bmc;
  const isOk = !['Exception', 'Interrupted'].includes(task.state);
  return {
    ...resource(model, 'Task', task.id, task.name),
    Description: task.name,
    TaskState: task.state,
    TaskStatus: isOk ? 'OK' : 'Critical',
    TaskMonitor: `${service}/TaskMonitors/${task.id}`,
    StartTime: timeOf(task.startedAt ?? task.since),
    ...(task.endedAt === undefined ? {} : { EndTime: timeOf(task.endedAt) }),
    PercentComplete: task.percentComplete(settings.taskMilliseconds),
    Messages: task.messages.map(({ id, text, args }) => ({
      MessageId: id,
      Message: text,
      MessageArgs: args,
      Severity: isOk ? 'OK' : 'Critical',
    })),
  };
}

/** Begins a task, or puts it down for the next boot, and says so: 202 with where it can be followed (DSP0266, 12.2). */
export function startTask(bmc: RedfishBmc, wish: TaskWish): Answer {
  return followed(bmc, tasksOf(bmc).add(wish));
}

function followed(bmc: RedfishBmc, task: Task): Answer {
  const { location, retryAfterSeconds } = bmc.model.tasks;
  const path = `${service}/Tasks/${task.id}`;
  // Tasks here may be shorter than those of machines that people have.
  const whole = Math.max(1, Math.ceil(bmc.settings.taskMilliseconds / 1000));
  return {
    status: 202,
    body: { '@odata.id': path, ...bodyOf(bmc, task) },
    headers: {
      Location: location === 'task' ? path : `${service}/TaskMonitors/${task.id}`,
      ...(retryAfterSeconds === undefined ? {} : { 'Retry-After': String(Math.min(retryAfterSeconds, whole)) }),
    },
  };
}

function monitor({ bmc, path, parameters }: At): Answer {
  const task = tasksOf(bmc).get(parameters.task);
  if (task === undefined) throw problem(404, 'ResourceNotFound', 'task monitor', path);
  if (!task.isOver) return followed(bmc, task);
  // The answer that the request would have had (DSP0266, 12.2).
  const isOk = task.state === 'Completed';
  if (isOk && task.wish.result !== undefined) return { status: 200, body: task.wish.result() };
  return { status: isOk ? 200 : 500, body: { '@odata.id': `${service}/Tasks/${task.id}`, ...bodyOf(bmc, task) } };
}

export const taskRoutes = (model: Model): readonly Route[] => [
  {
    path: service,
    get: () => ({
      ...resource(model, 'TaskService', 'TaskService', 'Task Service'),
      ServiceEnabled: true,
      DateTime: timeOf(),
      Status: healthy,
      CompletedTaskOverWritePolicy: 'Oldest',
      LifeCycleEventOnTaskStateChange: true,
      Tasks: link(`${service}/Tasks`),
    }),
  },
  {
    path: `${service}/Tasks`,
    get: ({ bmc }) =>
      collection(
        'Task',
        'Task Collection',
        tasksOf(bmc).all.map(({ id }) => `${service}/Tasks/${id}`),
      ),
  },
  {
    path: `${service}/Tasks/{task}`,
    get: ({ bmc, parameters }) => {
      const task = tasksOf(bmc).get(parameters.task);
      if (task === undefined) return undefined;
      return task.state === 'Completed' && task.wish.result !== undefined ? task.wish.result() : bodyOf(bmc, task);
    },
    delete: ({ bmc, parameters }) => {
      const task = tasksOf(bmc).get(parameters.task);
      if (task !== undefined) tasksOf(bmc).remove(task);
      return undefined;
    },
  },
  { path: `${service}/TaskMonitors/{task}`, reply: monitor },
];
