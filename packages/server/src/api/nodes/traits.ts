// Routes of a node's traits.
import { MAXIMUM_TRAITS, registeredError } from '@wrought/contract';
import { noContent, okJson, type Route } from '../core/route.ts';
import { readTraitOfPath, readTraits } from '../core/traits-body.ts';
import type { Services } from '../services.ts';
import { changeNode } from './change.ts';
import { nodeOf } from './locked.ts';

/** Version that brought traits. */
const TRAITS_SINCE = 37;

export function traitRoutes(services: Services): readonly Route[] {
  const all = '/v1/nodes/:node/traits';
  const one = '/v1/nodes/:node/traits/:trait';
  return [
    {
      method: 'GET',
      path: all,
      policy: { onObject: 'baremetal:node:traits:list' },
      since: TRAITS_SINCE,
      tooOld: 'fault 406',
      handle: async (request) => okJson({ traits: (await nodeOf(services, request)).traits }),
    },
    {
      method: 'PUT',
      path: all,
      takes: {
        schema: () => ({ type: 'object', properties: { traits: { type: 'array', items: { type: 'string' } } } }),
      },
      policy: { onObject: 'baremetal:node:traits:set' },
      since: TRAITS_SINCE,
      tooOld: 'framework 405',
      handle: async (request) => {
        const traits = readTraits(request.body);
        checkCount(traits);
        await changeNode(services, request, 'change of the traits', () => ({ traits }));
        return noContent;
      },
    },
    {
      method: 'PUT',
      path: one,
      policy: { onObject: 'baremetal:node:traits:set' },
      since: TRAITS_SINCE,
      tooOld: 'framework 405',
      handle: async (request) => {
        const added = readTraitOfPath(request);
        await changeNode(services, request, 'change of the traits', (node) => {
          const traits = [...new Set([...node.traits, added])];
          checkCount(traits);
          return { traits };
        });
        const { base, params } = request;
        return { status: 204, headers: { Location: `${base}/v1/nodes/${params.node}/traits/${added}` } };
      },
    },
    {
      method: 'DELETE',
      path: all,
      policy: { onObject: 'baremetal:node:traits:delete' },
      since: TRAITS_SINCE,
      tooOld: 'fault 404',
      handle: async (request) => {
        await changeNode(services, request, 'change of the traits', () => ({ traits: [] }));
        return noContent;
      },
    },
    {
      method: 'DELETE',
      path: one,
      policy: { onObject: 'baremetal:node:traits:delete' },
      since: TRAITS_SINCE,
      tooOld: 'fault 404',
      handle: async (request) => {
        const removed = request.params.trait ?? '';
        await changeNode(services, request, 'change of the traits', (node) => {
          if (!node.traits.includes(removed)) {
            throw registeredError('NodeTraitNotFound', { node: node.uuid, trait: removed });
          }
          return { traits: node.traits.filter((name) => name !== removed) };
        });
        return noContent;
      },
    },
  ];
}

function checkCount(traits: readonly string[]): void {
  if (traits.length > MAXIMUM_TRAITS) {
    throw registeredError('InvalidParameterValue', {
      reason: `A node can have ${MAXIMUM_TRAITS} traits at most; this would make ${traits.length}.`,
    });
  }
}
