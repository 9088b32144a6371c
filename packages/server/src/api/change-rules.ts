// The rules of PATCH for what changes the fields of users without a request: inspection rules.
import { MAXIMUM_MINOR, type Node, registeredError } from '@wrought/contract';
import type { ChangeRules } from '../flows/doors.ts';
import { nodeOfInstance } from '../store/node-list.ts';
import { findNode, type NodeChanges } from '../store/nodes.ts';
import { findPortByName } from '../store/port-list.ts';
import { nodeIdOfAddress } from '../store/ports.ts';
import { type ChangeServices, withConsequences } from './nodes/patch/index.ts';
import { changedFields, checkStates } from './ports/patch.ts';
import { checkPatchedPort } from './ports/portgroup.ts';

/** As the newest client would change them; interfaces are kept unless they are named. */
const options = { minor: MAXIMUM_MINOR, resetInterfaces: false } as const;

/** Values that no two nodes may have; PATCH hears of it from the write. @throws RegisteredError 409 */
async function checkUnique({ store }: ChangeServices, node: Node, { name, instance_uuid }: NodeChanges): Promise<void> {
  const namesake = typeof name === 'string' ? await findNode(store.read, name) : undefined;
  if (typeof name === 'string' && namesake !== undefined && namesake.id !== node.id) {
    throw registeredError('DuplicateName', { name });
  }
  const holder = typeof instance_uuid === 'string' ? await nodeOfInstance(store.read, instance_uuid) : undefined;
  if (typeof instance_uuid === 'string' && holder !== undefined && holder !== node.uuid) {
    throw registeredError('InstanceAssociated', { instance_uuid, node: holder });
  }
}

/** The rules of the API over these services. */
export function createChangeRules(services: ChangeServices): ChangeRules {
  const { store } = services;
  return {
    async node(node, values) {
      const changes = await withConsequences(node, values, options, services);
      await checkUnique(services, node, changes);
      return changes;
    },
    async port(port, node, values) {
      checkStates(port, values, node);
      const { address, name } = values;
      const owner =
        address === undefined || address === port.address ? undefined : await nodeIdOfAddress(store.read, address);
      if (address !== undefined && owner !== undefined) {
        throw registeredError('MACAlreadyExists', { mac: address });
      }
      const namesake = typeof name === 'string' ? await findPortByName(store.read, name) : undefined;
      if (typeof name === 'string' && namesake !== undefined && namesake.id !== port.id) {
        throw registeredError('PortDuplicateName', { name });
      }
      const after = { ...port, ...values, is_smartnic: values.is_smartnic ?? port.is_smartnic };
      await checkPatchedPort(
        services,
        { port: after, changed: changedFields(port, after), minor: options.minor },
        node,
      );
      return values;
    },
  };
}
