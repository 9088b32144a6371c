// tasks: what the BMC is still busy with, and what came of it.
import { type Client, listTasks, MissingError, messagesText, type Resource, readTask } from '@wrought/redfish';
import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import { showFields, showTable } from '../show.ts';
import { oneOf, type Service } from './service.ts';

/** Updates of BMCs take that long. */
const longestWaitMilliseconds = 3_600_000;

/** Waits for a task and says how far it is. @returns its last state */
export async function followTask(client: Client, path: string, context: Context): Promise<string> {
  let told = '';
  const { state } = await client.task(path, {
    taskTimeoutMilliseconds: longestWaitMilliseconds,
    onProgress: ({ state: now, percent }) => {
      const line = percent === undefined ? now : `${now}, ${percent} %`;
      if (line !== told) context.note(line);
      told = line;
    },
  });
  return state;
}

async function rowOf(client: Client, task: Resource) {
  const { state, percent, messages } = await readTask(client, task.path);
  const [name, startTime, endTime] = [task.text('Name'), task.text('StartTime'), task.text('EndTime')];
  return { id: task.id, name, state, percent, startTime, endTime, messages: messagesText(messages), path: task.path };
}

export function defineTasks(commands: Command, { context, inSession }: Service): void {
  const tasks = commands.command('tasks').description('what the BMC is busy with');
  const pathOf = async (client: Client, wanted: string) =>
    wanted.startsWith('/') ? wanted : oneOf('task', await listTasks(client), wanted).path;
  tasks
    .command('list')
    .description('tasks that the BMC remembers')
    .action(() =>
      inSession(async (client) => {
        const rows: object[] = [];
        for (const task of await listTasks(client)) {
          try {
            rows.push(await rowOf(client, task));
          } catch (error) {
            // Some forget a task in the moment it ends.
            if (!(error instanceof MissingError)) throw error;
          }
        }
        showTable(context, rows, ['id', 'name', 'state', 'percent', 'messages']);
      }),
    );
  tasks
    .command('wait')
    .description('wait for the end of a task; fails when the task does')
    .argument('<task>', 'id or path')
    .action((wanted: string) =>
      inSession(async (client) =>
        showFields(context, { state: await followTask(client, await pathOf(client, wanted), context) }),
      ),
    );
}
