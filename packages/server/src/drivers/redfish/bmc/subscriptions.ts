// Subscriptions to the events of a machine's Redfish service, for whoever has them sent elsewhere.

import { type JsonObject, registeredError } from '@wrought/contract';
import { createSubscription, deleteSubscription, type Resource, readEventService } from '@wrought/redfish';
import type { Task } from '../../kit/index.ts';
import type { Bmc, RedfishCalls } from './calls.ts';

export interface SubscriptionWish {
  readonly destination: string;
  readonly protocol: string;
  readonly context: string;
  readonly eventTypes: readonly string[];
  readonly httpHeaders: Readonly<Record<string, string>>;
}

export interface RedfishSubscriptions {
  /** The event types that the BMC offers; empty where it does not say. */
  eventTypes(task: Task): Promise<readonly string[]>;
  create(task: Task, wish: SubscriptionWish): Promise<JsonObject>;
  get(task: Task, id: string): Promise<JsonObject>;
  /** The collection as the BMC has it. */
  getAll(task: Task): Promise<JsonObject>;
  /** @throws NotFound */
  remove(task: Task, id: string): Promise<void>;
}

/** What is shown of a subscription. Its headers are not: they may hold secrets. */
const shownMembers = ['Id', 'Context', 'Protocol', 'Destination', 'EventTypes'];

const shown = ({ json }: Resource): JsonObject =>
  Object.fromEntries(Object.entries(json).filter(([name]) => shownMembers.includes(name)));

/** The subscriptions of a BMC. */
export function redfishSubscriptions({ perform }: RedfishCalls): RedfishSubscriptions {
  const members = async ({ client, signal }: Bmc) => {
    const { subscriptionsPath } = await readEventService(client, { signal });
    return client.members(subscriptionsPath, { signal });
  };

  async function find(bmc: Bmc, task: Task, id: string): Promise<Resource> {
    const all = await members(bmc);
    const found = all.find((each) => each.id === id);
    if (found === undefined) {
      const ids = all.map((each) => each.id).join(', ') || 'none';
      throw registeredError('NotFound', {
        reason: `The BMC of node ${task.node.uuid} has no subscription "${id}". It has: ${ids}.`,
      });
    }
    return found;
  }

  return {
    eventTypes: (task) =>
      perform(
        task,
        'read event types',
        async ({ client, signal }) => (await readEventService(client, { signal })).eventTypes,
      ),
    create: (task, { httpHeaders, ...wish }) =>
      perform(task, 'create subscription', async (bmc) => {
        const { client, signal } = bmc;
        const service = await readEventService(client, { signal });
        const headers = Object.keys(httpHeaders).length === 0 ? {} : { httpHeaders };
        const { path } = await createSubscription(client, service, { ...wish, ...headers }, { signal });
        const made =
          path === undefined
            ? (await members(bmc)).findLast((each) => each.text('Destination') === wish.destination)
            : await client.get(path, { signal });
        task.record({ kind: 'bmc', message: 'The BMC has a new subscription to its events.' });
        return made === undefined ? {} : shown(made);
      }),
    get: (task, id) => perform(task, 'get subscription', async (bmc) => shown(await find(bmc, task, id))),
    getAll: (task) =>
      perform(task, 'list subscriptions', async ({ client, signal }) => {
        const { subscriptionsPath } = await readEventService(client, { signal });
        return { ...(await client.get(subscriptionsPath, { signal })).json } as JsonObject;
      }),
    remove: (task, id) =>
      perform(task, 'delete subscription', async (bmc) => {
        const { path } = await find(bmc, task, id);
        await deleteSubscription(bmc.client, path, { signal: bmc.signal });
        task.record({ kind: 'bmc', message: `The subscription "${id}" of the BMC is deleted.` });
      }),
  };
}
