// GET of the events as they happen: server-sent events, from where the client was, narrowed to what the caller may see.
import { registeredError } from '@wrought/contract';
import { newestEventId } from '../../store/outbox.ts';
import { createOutboxTail } from '../../store/outbox-tail.ts';
import type { Answer, ApiRequest, Route } from '../core/route.ts';
import { nodeOf } from '../nodes/locked.ts';
import type { Services } from '../services.ts';
import { streamEvents } from './event-stream.ts';
import { readEventNumber } from './number.ts';

export const EVENTS_PATH = '/wrought/v1/events';

/** When who found no room may ask again. */
const FULL_RETRY_AFTER_SECONDS = 10;

const EVENT_TYPE = /^baremetal(\.[a-z_]+){0,3}$/;

export function eventsRoute(services: Services): Route {
  const tail = createOutboxTail(services.store);
  let listeners = 0;

  function checkRoom(): void {
    const { max_listeners: limit } = services.config().events;
    if (listeners >= limit) {
      throw registeredError(
        'TemporaryFailure',
        {
          reason: `${listeners} listeners follow the events already, and events.max_listeners allows ${limit}. Try again later, or ask another API process.`,
        },
        { retryAfterSeconds: FULL_RETRY_AFTER_SECONDS },
      );
    }
  }

  async function follow(request: ApiRequest): Promise<Answer> {
    const { query, access } = request;
    const { type } = query;
    if (type !== undefined && !EVENT_TYPE.test(type)) {
      throw registeredError('InvalidParameterValue', {
        reason: `The argument type has the invalid value "${type}"; allowed: an event type or the beginning of one, such as "baremetal.node" or "baremetal.node.power_set.end".`,
      });
    }
    const project = access.listedProject();
    const node =
      query.node === undefined
        ? undefined
        : await nodeOf(services, { ...request, minor: Number.POSITIVE_INFINITY }, query.node);
    checkRoom();
    const newest = await newestEventId(services.store.read);
    const had =
      readEventNumber('Last-Event-ID', request.lastEventId) ?? readEventNumber('after', query.after) ?? newest;
    return {
      status: 200,
      contentType: 'text/event-stream',
      // Proxies are asked not to collect before they pass on. A connection that is kept would hold up the end of the server.
      headers: { 'Cache-Control': 'no-store', 'X-Accel-Buffering': 'no', Connection: 'close' },
      stream(response) {
        listeners += 1;
        response.once('close', () => {
          listeners -= 1;
        });
        streamEvents(response, {
          ...services,
          tail,
          // A number from another database would wait for events that are far away.
          after: Math.min(had, newest),
          filter: { node: node?.uuid, type, project },
        });
      },
    };
  }

  return {
    method: 'GET',
    path: EVENTS_PATH,
    policy: { listAll: 'baremetal:node:list_all', listOwn: 'baremetal:node:list' },
    query: ['node', 'type', 'after'],
    handle: follow,
  };
}
