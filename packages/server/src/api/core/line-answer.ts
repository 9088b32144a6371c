// Answers a request for a WebSocket with a line of a console.
import type { WebSocket } from 'ws';
import type { ConsoleLine } from '../../drivers/kit/console.ts';
import type { Services } from '../services.ts';
import type { Answer } from './route.ts';

/** Then the listener comes again and is asked anew who it is: tokens end, and roles change. */
const LONGEST_SECONDS = 3_600;

/** The answer that carries the line; it is given back where the client has gone meanwhile. */
export function lineAnswer({ stopping, log }: Pick<Services, 'stopping' | 'log'>, line: ConsoleLine): Answer {
  async function carry(accept: () => Promise<WebSocket | undefined>): Promise<void> {
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
  return { status: 101, webSocket: (accept) => void carry(accept) };
}
