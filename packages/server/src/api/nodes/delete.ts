// DELETE of a node.
import { deleteStates, type Node, registeredError } from '@wrought/contract';
import { deleteNode, findNode } from '../../store/nodes.ts';
import { type ApiRequest, noContent, type Route } from '../core/route.ts';
import type { Services } from '../services.ts';
import { lockedNode } from './locked.ts';

export function deleteRoutes(services: Services): readonly Route[] {
  const remove = async (request: ApiRequest) => {
    await lockedNode(services, request, 'deletion of the node', async (node) => {
      await services.store.transaction(async (trx) => {
        // Read inside the transaction: nobody can write between the check and the deletion.
        const present = (await findNode(trx, node.uuid)) ?? node;
        checkDeletion(present, services);
        await deleteNode(trx, present);
      });
    });
    return noContent;
  };
  return [{ method: 'DELETE', path: '/v1/nodes/:node', handle: remove }];
}

function checkDeletion(node: Node, { config }: Services): void {
  if (node.protected) {
    throw registeredError('NodeProtected', {
      node: node.uuid,
      operation: 'delete',
      reason: node.protected_reason ?? 'none',
    });
  }
  if (node.maintenance) {
    return;
  }
  if (node.instance_uuid !== null) {
    throw registeredError('NodeAssociated', { node: node.uuid, instance: node.instance_uuid });
  }
  const allowed =
    deleteStates.has(node.provision_state) &&
    (node.provision_state !== 'available' || config().conductor.allow_deleting_available_nodes);
  if (!allowed) {
    throw registeredError('InvalidState', {
      reason:
        `Node ${node.uuid} can not be deleted while it is in state "${node.provision_state}"; allowed: ` +
        `${[...deleteStates].join(', ')}, and any state in maintenance.`,
    });
  }
}
