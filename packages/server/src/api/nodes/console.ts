// Routes of a node's console.
import { BOOLEAN_ALLOWED, type ConsoleInfo, nullable, readBoolean, text, type ValueType } from '@wrought/contract';
import { readArguments } from '../core/body-arguments.ts';
import { accepted, okJson, type Route } from '../core/route.ts';
import type { Services } from '../services.ts';
import { nodeOf } from './locked.ts';

/** True, false, one of their words, or null for false. */
const enabled: ValueType = {
  ...nullable(text(255)),
  allowed: BOOLEAN_ALLOWED,
  read: (value) => {
    const read = value === null ? false : readBoolean(value);
    return read === undefined ? { ok: false } : { ok: true, value: read };
  },
};

const body = { enabled: { type: enabled, required: true } } as const;

/** A screen is at this server, whose name depends on who asks. */
function withBase(info: ConsoleInfo, base: string): ConsoleInfo {
  return typeof info.url === 'string' && info.url.startsWith('/') ? { ...info, url: base + info.url } : info;
}

export function consoleRoutes(services: Services): readonly Route[] {
  const { call, start } = services.doors;
  const path = '/v1/nodes/:node/states/console';
  return [
    {
      method: 'GET',
      path,
      policy: { onObject: 'baremetal:node:get_console' },
      handle: async (request) => {
        const info = await call.consoleInfo(await nodeOf(services, request));
        const base = services.config().vnc.public_url?.replace(/\/$/, '') ?? request.base;
        return okJson({ console_enabled: info !== null, console_info: info && withBase(info, base) });
      },
    },
    {
      method: 'PUT',
      path,
      takes: { members: body },
      policy: { onObject: 'baremetal:node:set_console_state' },
      query: Object.keys(body),
      handle: async (request) => {
        const wanted = readArguments(request, body) as { enabled: boolean };
        const node = await nodeOf(services, request);
        await start.console({ node, requester: request.requester, isEnabled: wanted.enabled });
        return accepted(`${request.base}/v1/nodes/${request.params.node}/states/console`);
      },
    },
  ];
}
