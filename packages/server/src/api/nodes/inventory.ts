// Route of a node's inventory, as its last inspection found it.
import { registeredError } from '@wrought/contract';
import { findInventory } from '../../store/inventories.ts';
import { ok, type Route } from '../core/route.ts';
import type { Services } from '../services.ts';
import { nodeOf } from './locked.ts';

export function inventoryRoutes(services: Services): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/v1/nodes/:node/inventory',
      policy: { onObject: 'baremetal:node:inventory:get' },
      since: 81,
      handle: async (request) => {
        const node = await nodeOf(services, request);
        const found = await findInventory(services.store.read, node.id);
        if (found === undefined) {
          throw registeredError('NodeInventoryNotFound', { node: node.uuid });
        }
        return ok(`{"inventory":${found.inventory},"plugin_data":${found.plugin_data}}`);
      },
    },
  ];
}
