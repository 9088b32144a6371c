// GET of the serial console of a node as a WebSocket: what the machine says, and what is typed, byte by byte.
import { readBoolean, registeredError } from '@wrought/contract';
import { lineAnswer } from '../core/line-answer.ts';
import type { ApiRequest, Route } from '../core/route.ts';
import { nodeOf } from '../nodes/locked.ts';
import type { Services } from '../services.ts';

/** @throws RegisteredError 400 */
function readReadOnly({ query: { read_only: text = 'false' } }: ApiRequest): boolean {
  const isReadOnly = readBoolean(text);
  if (isReadOnly === undefined) {
    throw registeredError('InvalidParameterValue', {
      reason: `The argument read_only has the invalid value "${text}"; allowed: true, false.`,
    });
  }
  return isReadOnly;
}

export function consoleRoute(services: Services): Route {
  return {
    method: 'GET',
    path: '/wrought/v1/nodes/:node/console',
    policy: { onObject: 'baremetal:node:get_console' },
    query: ['read_only'],
    gives: { webSocket: 'A WebSocket: binary messages with what the machine says, and with what is typed.' },
    async handle(request) {
      const isReadOnly = readReadOnly(request);
      // Our own routes are not versioned by microversions; nodes may be named whatever the request's version is.
      const node = await nodeOf(services, { ...request, minor: Number.POSITIVE_INFINITY });
      request.requireWebSocket();
      return lineAnswer(services, await services.doors.call.joinConsole(node, { isReadOnly }));
    },
  };
}
