// GET of what a node's interfaces say about its settings.
import { interfaceKindNames } from '@wrought/contract';
import { type Answer, type ApiRequest, okJson, type Route } from '../core/route.ts';
import type { Services } from '../services.ts';
import { identArgument } from './ident-argument.ts';
import { nodeOf } from './locked.ts';

export function validateRoutes(services: Services): readonly Route[] {
  const validate = async (request: ApiRequest, ident?: string): Promise<Answer> => {
    const results = await services.doors.call.validate(await nodeOf(services, request, ident));
    const shown = interfaceKindNames.filter((kind) => kind !== 'vendor').map((kind) => [kind, results[kind]]);
    return okJson(Object.fromEntries(shown));
  };
  return [
    {
      method: 'GET',
      path: '/v1/nodes/:node/validate',
      policy: { onObject: 'baremetal:node:validate' },
      handle: (request) => validate(request),
    },
    {
      method: 'GET',
      path: '/v1/nodes/validate',
      policy: { onObject: 'baremetal:node:validate' },
      query: ['node', 'node_uuid'],
      handle: (request) => validate(request, identArgument(request, ['node', 'node_uuid'])),
    },
  ];
}
