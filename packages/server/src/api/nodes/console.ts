// Routes of a node's console, which no interface of this version offers.
import { nullable, registeredError, text, type ValueType } from '@wrought/contract';
import { readArguments } from '../core/body-arguments.ts';
import { okJson, type Route } from '../core/route.ts';
import type { Services } from '../services.ts';
import { nodeOf } from './locked.ts';

const anything: ValueType = { ...nullable(text(255)), read: (value) => ({ ok: true, value }) };

export function consoleRoutes(services: Services): readonly Route[] {
  const path = '/v1/nodes/:node/states/console';
  return [
    {
      method: 'GET',
      path,
      policy: { onObject: 'baremetal:node:get_console' },
      handle: async (request) => {
        const { console_enabled } = await nodeOf(services, request);
        return okJson({ console_enabled, console_info: null });
      },
    },
    {
      method: 'PUT',
      path,
      policy: { onObject: 'baremetal:node:set_console_state' },
      query: ['enabled'],
      handle: async (request) => {
        readArguments(request, { enabled: { type: anything, required: true } });
        const node = await nodeOf(services, request);
        throw registeredError('UnsupportedDriverExtension', {
          interface: 'console',
          implementation: node.console_interface,
          node: node.uuid,
          extension: 'console',
        });
      },
    },
  ];
}
