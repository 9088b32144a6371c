// PUT of a node's boot mode and of secure boot.
import { flag, type Node, oneOf, provisionStates, registeredError } from '@wrought/contract';
import { readArguments } from '../core/body-arguments.ts';
import { accepted, type Route } from '../core/route.ts';
import type { Services } from '../services.ts';
import { nodeOf } from './locked.ts';

const common = { method: 'PUT', since: 76, tooOld: 'fault 404', query: ['target'] } as const;
const modeBody = { target: { type: oneOf(['uefi', 'bios']), required: true } } as const;
const secureBody = { target: { type: flag, required: true } } as const;

/** @throws RegisteredError 409 while the node is on its way to another state */
function refuseInTransit(node: Node): void {
  if (provisionStates[node.provision_state].transient) {
    throw registeredError('InvalidState', {
      reason: `The boot mode of node ${node.uuid} can not be changed in state "${node.provision_state}". Wait until that work has ended.`,
    });
  }
}

export function bootModeRoutes(services: Services): readonly Route[] {
  const { start } = services.doors;
  return [
    {
      ...common,
      path: '/v1/nodes/:node/states/boot_mode',
      takes: { members: modeBody },
      policy: { onObject: 'baremetal:node:set_boot_mode' },
      handle: async (request) => {
        const { target } = readArguments(request, modeBody) as { target: 'uefi' | 'bios' };
        const node = await nodeOf(services, request);
        refuseInTransit(node);
        await start.bootMode({ node, requester: request.requester, mode: target });
        return accepted(`${request.base}/v1/nodes/${request.params.node}/states`);
      },
    },
    {
      ...common,
      path: '/v1/nodes/:node/states/secure_boot',
      takes: { members: secureBody },
      policy: { onObject: 'baremetal:node:set_secure_boot' },
      handle: async (request) => {
        const { target } = readArguments(request, secureBody) as { target: boolean };
        const node = await nodeOf(services, request);
        refuseInTransit(node);
        await start.secureBoot({ node, requester: request.requester, isOn: target });
        return accepted(`${request.base}/v1/nodes/${request.params.node}/states`);
      },
    },
  ];
}
