// The screens of machines for whoever has an address of one: a page, the viewer that it loads, and the WebSocket behind it.
import { isRegisteredError } from '@wrought/contract';
import type { ConsoleLine } from '../../drivers/kit/console.ts';
import { screenRefused } from '../../flows/screen-refused.ts';
import { findNodeRow } from '../../store/node-list.ts';
import { isUuid, nodeFromRow } from '../../store/nodes.ts';
import { FrameworkError } from '../core/error-body.ts';
import { lineAnswer } from '../core/line-answer.ts';
import type { ApiRequest, Route } from '../core/route.ts';
import type { Services } from '../services.ts';
import { SCREENS_PATH } from './path.ts';

/** A viewer names its token beside the protocol that it speaks, since addresses end up in logs. */
const TOKEN_PREFIX = 'token.';

export function screenRoutes(services: Services): readonly Route[] {
  const { config, doors, store } = services;

  function check(): void {
    if (!config().vnc.enabled) {
      throw new FrameworkError(404, 'There are no graphical consoles here (vnc.enabled).');
    }
  }

  /** @throws RegisteredError: Unauthorized without a token that holds, others where the screen can not be had */
  async function join(request: ApiRequest, protocols: readonly string[]): Promise<ConsoleLine> {
    const token = protocols.find((each) => each.startsWith(TOKEN_PREFIX))?.slice(TOKEN_PREFIX.length);
    const { node = '' } = request.params;
    const row = token !== undefined && isUuid(node) ? await findNodeRow(store.read, node) : undefined;
    if (token === undefined || row === undefined) {
      throw screenRefused();
    }
    return doors.call.joinConsole(nodeFromRow(row), { token });
  }

  /** Browsers show a page nothing of an answer that is no WebSocket: the protocol of the screen has words for a refusal. */
  async function joinOrTell(request: ApiRequest, protocols: readonly string[]): Promise<ConsoleLine> {
    try {
      return await join(request, protocols);
    } catch (error) {
      if (!isRegisteredError(error)) {
        throw error;
      }
      const { refusedLine } = await import('../../console/rfb/refused-line.ts');
      return refusedLine(error.message);
    }
  }

  return [
    {
      method: 'GET',
      path: `${SCREENS_PATH}/:node`,
      policy: 'anyone',
      async handle() {
        check();
        const { screenPage } = await import('./files.ts');
        return screenPage();
      },
    },
    {
      method: 'GET',
      path: `${SCREENS_PATH}/:node/socket`,
      policy: 'anyone',
      async handle(request) {
        check();
        return lineAnswer(services, await joinOrTell(request, request.requireWebSocket()));
      },
    },
    {
      method: 'GET',
      path: `${SCREENS_PATH}/files/*`,
      policy: 'anyone',
      async handle({ params }) {
        check();
        const { screenFile } = await import('./files.ts');
        return screenFile(params['*'] ?? '');
      },
    },
  ];
}
