// The firmware of a machine and its BMC: which there is, and updates that the BMC fetches or gets sent.

import type { FirmwareComponent } from '@wrought/contract';
import {
  type Client,
  chassisOf,
  MissingError,
  managersOf,
  messagesText,
  pullUpdate,
  pushUpdate,
  type Resource,
  ResponseError,
  readManager,
  readNetworkAdapters,
  readSystem,
  readTask,
  readUpdateService,
  type TaskProgress,
  taskPath,
} from '@wrought/redfish';
import type { FileCache } from '../../../boot/file-cache.ts';
import { readReference } from '../../../boot/file-reference.ts';
import { webOptions } from '../../../boot/web.ts';
import type { FirmwareWish, Task } from '../../kit/index.ts';
import type { Bmc, RedfishCalls } from './calls.ts';
import { isSilence, kindOf } from './failure.ts';

/** Statuses by which a BMC refuses what it was asked to install. */
const FINAL = [400, 409, 413, 415, 422];

/** How an update stands. */
export type UpdateState =
  | { readonly kind: 'running'; readonly percent: number | null; readonly what: string }
  | { readonly kind: 'done' }
  /** It has not begun: it is about to, or it waits for a start of the machine. */
  | { readonly kind: 'waiting'; readonly what: string }
  | { readonly kind: 'failed'; readonly what: string }
  /** A fault of the BMC: one of its own while it starts anew, or what the update came to. */
  | { readonly kind: 'fault'; readonly what: string };

export interface RedfishFirmware {
  readComponents(task: Task): Promise<readonly FirmwareComponent[]>;
  /** Begins an update; answers where the BMC tells of it, null where it is over already. */
  beginUpdate(task: Task, wish: FirmwareWish): Promise<string | null>;
  lookAtUpdate(task: Task, path: string | null): Promise<UpdateState>;
  /** Where the BMC tells of an update that runs; null when none does. */
  runningUpdate(task: Task): Promise<string | null>;
  /** Whether an error means that the BMC is away, or busy with itself. */
  isAway(error: unknown): Promise<boolean>;
}

async function componentsOf({ client, system, signal }: Bmc): Promise<FirmwareComponent[]> {
  const options = { signal };
  const resource = await system();
  const { biosVersion, manufacturer, model, serialNumber } = readSystem(resource);
  const found: FirmwareComponent[] = [];
  const identity = { vendor: manufacturer ?? null, model: model ?? null, serial_number: serialNumber ?? null };
  if (biosVersion !== undefined) {
    found.push({ component: 'bios', current_version: biosVersion, ...identity });
  }
  const manager = (await managersOf(client, resource, options)).map(readManager)[0];
  if (manager?.firmwareVersion !== undefined) {
    found.push({
      component: 'bmc',
      current_version: manager.firmwareVersion,
      ...{ vendor: manager.manufacturer ?? manufacturer ?? null, model: manager.model ?? null, serial_number: null },
    });
  }
  for (const chassis of await chassisOf(client, resource, options)) {
    for (const adapter of await readNetworkAdapters(client, chassis, options)) {
      if (adapter.firmwareVersion !== undefined) {
        found.push({
          component: `nic:${adapter.id}`,
          current_version: adapter.firmwareVersion,
          vendor: adapter.manufacturer ?? null,
          model: adapter.model ?? null,
          serial_number: adapter.serialNumber ?? null,
        });
      }
    }
  }
  return found;
}

function stateOf({ outcome, state, percent, messages }: TaskProgress): UpdateState {
  if (outcome === 'failed') {
    return { kind: 'failed', what: `the task of the BMC ended as ${state}. ${messagesText(messages)}` };
  }
  if (outcome === 'succeeded') {
    return { kind: 'done' };
  }
  const waits = /^(Pending|Suspended|New)$/.test(state);
  return waits ? { kind: 'waiting', what: state } : { kind: 'running', percent: percent ?? null, what: state };
}

async function tasksOf(client: Client, signal: AbortSignal): Promise<readonly Resource[]> {
  const tasks = (await client.root({ signal })).link('Tasks');
  const service = tasks === undefined ? undefined : await client.get(tasks, { signal });
  const collection = service?.link('Tasks');
  return collection === undefined ? [] : client.members(collection, { signal });
}

/** The firmware of a machine; `cache` keeps images that have to be sent. */
export function redfishFirmware({ perform }: RedfishCalls, cache: FileCache): RedfishFirmware {
  return {
    readComponents: (task) => perform(task, 'read firmware', componentsOf),
    async beginUpdate(task, { component, url }) {
      const source = await readReference(`The url of component ${component}`, url, task.config);
      const image = async () => ({
        path: await cache.copyOf(source, webOptions(task.config)),
        name: new URL(url).pathname.split('/').at(-1) ?? component,
      });
      return perform(task, 'update firmware', async ({ client, signal }) => {
        const service = await readUpdateService(client, { signal });
        const answer =
          service.canPull && source.kind === 'url'
            ? await pullUpdate(client, service, source.url, { signal })
            : await pushUpdate(client, service, await image(), { signal });
        return taskPath(answer) ?? null;
      });
    },
    lookAtUpdate: (task, path) =>
      perform(task, 'look at firmware update', async ({ client, signal }): Promise<UpdateState> => {
        if (path === null) {
          return { kind: 'done' };
        }
        try {
          return stateOf(await readTask(client, path, { signal }));
        } catch (error) {
          if (error instanceof MissingError) {
            // Monitors go when they were read once at the end, and tasks with the restart of a BMC.
            return { kind: 'done' };
          }
          // The monitor of a task answers what the operation answers; the task itself says more.
          if (error instanceof ResponseError && (error.status === 500 || FINAL.includes(error.status))) {
            const itself = (await tasksOf(client, signal)).find((each) => each.text('TaskMonitor') === path);
            const state = itself && stateOf(await readTask(client, itself.path, { signal }));
            return state ?? { kind: error.status === 500 ? 'fault' : 'failed', what: error.message };
          }
          throw error;
        }
      }),
    runningUpdate: (task) =>
      perform(task, 'find firmware update', async ({ client, signal }) => {
        for (const each of await tasksOf(client, signal)) {
          const isUpdate = /update|firmware/i.test(`${each.text('Name') ?? ''} ${each.text('Description') ?? ''}`);
          if (isUpdate && (await readTask(client, each.path, { signal })).outcome === 'running') {
            return each.path;
          }
        }
        return null;
      }),
    isAway: async (error) => isSilence(error) || ['fault', 'missing', 'refused the user'].includes(kindOf(error)),
  };
}
