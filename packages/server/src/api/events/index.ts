// POST of events: what the network service tells of the ports that it binds.
import { EVENTS_SINCE, events } from '@wrought/contract';
import { readArguments } from '../core/body-arguments.ts';
import { noContent, type Route } from '../core/route.ts';
import type { Services } from '../services.ts';

const body = { events: { type: events, required: true } } as const;

export function eventRoutes({ log }: Services): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/v1/events',
      since: EVENTS_SINCE,
      tooOld: 'fault 404',
      policy: { rule: 'baremetal:events:post' },
      takes: { members: body },
      handle(request) {
        const sent = readArguments(request, body);
        // Bindings are read from the network service when they are needed, so that a lost event does no harm.
        log.debug(
          { requestId: request.requester.requestId, events: sent.events },
          'The network service told of events',
        );
        return noContent;
      },
    },
  ];
}
