// GET of the serial console of a node as a WebSocket: what the machine says, and what is typed, byte by byte.
import { readBoolean, registeredError } from '@wrought/contract';
import type { WebSocket } from 'ws';
import type { ConsoleLine } from '../../drivers/kit/console.ts';
import type { ApiRequest, Route } from '../core/route.ts';
import { nodeOf } from '../nodes/locked.ts';
import type { Services } from '../services.ts';

/** Then the listener comes again and is asked anew who it is: tokens end, and roles change. */
const LONGEST_SECONDS = 3_600;

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
  const { doors, stopping, log } = services;

  async function carry(line: ConsoleLine, accept: () => Promise<WebSocket | undefined>): Promise<void> {
    try {
      const { carryLine } = await import('../../websocket/console-line.ts');
      const socket = await accept();
      if (socket === undefined) {
        line.stream.destroy();
      } else {
        carryLine(socket, line, { stopping, longestSeconds: LONGEST_SECONDS });
      }
    } catch (error) {
      log.error({ err: error }, 'A WebSocket for a console could not be opened.');
      line.stream.destroy();
    }
  }

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
      const line = await doors.call.joinConsole(node, { isReadOnly });
      return { status: 101, webSocket: (accept) => void carry(line, accept) };
    },
  };
}
