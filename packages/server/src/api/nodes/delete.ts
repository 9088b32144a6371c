// DELETE of a node.
import { deleteStates, type Node, registeredError } from '@wrought/contract';
import { deleteNode, findNode } from '../../store/nodes.ts';
import { recorded } from '../core/recorded.ts';
import { type ApiRequest, noContent, type Route } from '../core/route.ts';
import { type Access, nodeTarget } from '../policy/access.ts';
import type { Services } from '../services.ts';
import { lockedNode, nodeOf } from './locked.ts';

export function deleteRoutes(services: Services): readonly Route[] {
  const remove = async (request: ApiRequest) => {
    requireDeletion(request.access, await nodeOf(services, request), services);
    await lockedNode(services, request, 'deletion of the node', async (node) => {
      await recorded(services, { object: 'node', action: 'delete', asked: node }, async (trx) => {
        // Read inside the transaction: nobody can write between the check and the deletion.
        const present = (await findNode(trx, node.uuid)) ?? node;
        checkDeletion(present, services);
        await deleteNode(trx, present);
        return present;
      });
      if (node.console_enabled) {
        await services.doors.call.dropConsole(node).catch((error: unknown) => {
          services.log.error({ err: error, node: node.uuid }, 'The console of a deleted node could not be closed.');
        });
      }
    });
    return noContent;
  };
  return [
    {
      method: 'DELETE',
      path: '/v1/nodes/:node',
      policy: { byHandler: ['baremetal:node:delete', 'baremetal:node:delete:self_owned_node'] },
      handle: remove,
    },
  ];
}

/** Who may delete any node, or one of their own project. @throws RegisteredError 403 */
function requireDeletion(access: Access, node: Node, { config }: Services): void {
  const target = nodeTarget(node);
  const isOwn = () =>
    config().api.project_admin_can_manage_own_nodes && access.allows('baremetal:node:delete:self_owned_node', target);
  if (!access.allows('baremetal:node:delete', target) && !isOwn()) {
    access.require('baremetal:node:delete', target);
  }
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
