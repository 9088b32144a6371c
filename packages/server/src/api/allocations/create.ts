// POST of an allocation: a search for a node, or the record of one that is in use already.
import { randomUUID } from 'node:crypto';
import {
  type Allocation,
  allocationResource,
  isJsonObject,
  type Node,
  quirks,
  registeredError,
  versionText,
} from '@wrought/contract';
import { type AllocationRow, allocationTable, assignNode } from '../../store/allocations.ts';
import { nodesNamed } from '../../store/node-list.ts';
import { findNodeById, uniqueColumn } from '../../store/nodes.ts';
import { readCreate } from '../core/read-body.ts';
import { recorded } from '../core/recorded.ts';
import type { ApiRequest } from '../core/route.ts';
import { namedNode } from '../nodes/belongings.ts';
import type { Access } from '../policy/access.ts';
import type { Services } from '../services.ts';

type SentAllocation = Partial<Allocation> & { readonly node?: string };

/** Makes an allocation, for which the conductor then looks for a node. @throws RegisteredError 400, 403, 406 and 409 */
export async function createAllocation(request: ApiRequest, services: Services): Promise<AllocationRow> {
  const { access } = request;
  access.require('baremetal:allocation:create');
  const { node, ...sent } = readSent(request);
  const values = {
    name: null,
    resource_class: null,
    traits: [],
    extra: {},
    ...sent,
    owner: ownerFor(sent.owner ?? null, access),
    candidate_nodes: await candidatesFor(sent.candidate_nodes ?? [], services, access),
    state: 'allocating',
  };
  if (node !== undefined) {
    return backfill(await namedNode(services, access, 'node', node, 'baremetal:node:get'), values, services);
  }
  if (values.resource_class === null) {
    throw registeredError('Invalid', {
      reason: 'The field resource_class is required for a new allocation that names no node.',
    });
  }
  const { uuid = randomUUID() } = sent;
  const row = await recorded(services, { object: 'allocation', action: 'create', asked: { ...values, uuid } }, (trx) =>
    allocationTable.insert(trx, { ...values, uuid }),
  ).catch(duplicate({ ...values, uuid }));
  services.doors.start.allocate(row.id);
  return row;
}

function readSent({ body, minor }: ApiRequest): SentAllocation {
  const { since } = allocationResource.fields.node;
  if (quirks.allocationNodeUnknownBelowItsVersion && minor < since && isJsonObject(body) && 'node' in body) {
    throw registeredError('Invalid', {
      reason: `The field node of an allocation needs API version ${versionText(since)}; this request uses ${versionText(minor)}.`,
    });
  }
  return readCreate(allocationResource, body, minor) as SentAllocation;
}

/** Who may not allocate for others allocates for their own project. @throws RegisteredError 403 */
function ownerFor(asked: string | null, access: Access): string | null {
  if (!access.isRestricted || access.allows('baremetal:allocation:create_restricted')) {
    return asked;
  }
  if (asked !== null && asked !== access.project) {
    access.require('baremetal:allocation:create_restricted');
  }
  return access.project;
}

/** The UUIDs of the candidates. @throws RegisteredError 400 for one that is unknown, or of no concern to the caller */
async function candidatesFor(
  idents: readonly string[],
  { store }: Services,
  access: Access,
): Promise<readonly string[]> {
  const seesAll = !access.isRestricted || access.allows('baremetal:allocation:create_restricted');
  const nodes = await nodesNamed(store.read, idents);
  return idents.map((ident, place) => {
    const node = nodes.find(({ uuid, name }) => uuid === ident.toLowerCase() || name === ident);
    const isOwn = seesAll || (access.project !== null && [node?.owner, node?.lessee].includes(access.project));
    if (node === undefined || !isOwn) {
      throw registeredError('Invalid', {
        reason: `The field candidate_nodes[${place}] names node ${ident}, which could not be found.`,
      });
    }
    return node.uuid;
  });
}

/** What an allocation asks of a node that is in use already. */
type Wanted = Pick<Allocation, 'traits' | 'candidate_nodes' | 'resource_class'> & { readonly uuid?: string };

/** Records the allocation of a node that has its instance already; nothing is left behind when the node does not fit. */
async function backfill(node: Node, values: Wanted & { readonly name: string | null }, services: Services) {
  const uuid = values.uuid ?? node.instance_uuid ?? randomUUID();
  return services.doors.call.withLock(node, 'allocation of the node', async (fresh) => {
    checkBackfill(fresh, values, uuid);
    const resource_class = values.resource_class ?? fresh.resource_class;
    const write = recorded(
      services,
      { object: 'allocation', action: 'create', asked: { ...values, uuid } },
      async (trx) => {
        const row = await allocationTable.insert(trx, { ...values, uuid, resource_class });
        const present = (await findNodeById(trx, fresh.id)) ?? fresh;
        if ((await assignNode(trx, { ...row, traits: values.traits }, present)) === undefined) {
          throw registeredError('NodeNotFound', { node: fresh.uuid });
        }
        return (await allocationTable.find(trx, uuid)) ?? row;
      },
    );
    return write.catch(duplicate({ ...values, uuid }));
  });
}

/** @throws RegisteredError 409 that says what does not fit */
function checkBackfill(node: Node, { traits, candidate_nodes, resource_class }: Wanted, uuid: string): void {
  if (node.allocation_uuid !== null || (node.instance_uuid !== null && node.instance_uuid !== uuid)) {
    throw registeredError('NodeAssociated', {
      node: node.uuid,
      instance: node.allocation_uuid ?? node.instance_uuid ?? '',
    });
  }
  const missing = traits.filter((trait) => !node.traits.includes(trait));
  const reason =
    node.provision_state !== 'active'
      ? `node ${node.uuid} is in state "${node.provision_state}"; only one that is "active" can be named in the field node.`
      : resource_class !== null && resource_class !== node.resource_class
        ? `node ${node.uuid} is of resource class "${node.resource_class ?? 'none'}", not "${resource_class}".`
        : missing.length > 0
          ? `node ${node.uuid} does not have the traits ${missing.join(', ')}.`
          : candidate_nodes.length > 0 && !candidate_nodes.includes(node.uuid)
            ? `node ${node.uuid} is not among the candidate nodes.`
            : undefined;
  if (reason !== undefined) {
    throw registeredError('AllocationFailed', { uuid, reason });
  }
}

/** What a failed write of an allocation means for the client. */
export const duplicate =
  ({ uuid, name }: { readonly uuid: string; readonly name: string | null }) =>
  (error: unknown): never => {
    switch (uniqueColumn(error)) {
      case 'allocations.uuid':
        throw registeredError('AllocationAlreadyExists', { uuid });
      case 'allocations.name':
        throw registeredError('AllocationDuplicateName', { name: name ?? '' });
      case 'nodes.instance_uuid':
        throw registeredError('InstanceAssociated', { instance_uuid: uuid, node: 'that another allocation has' });
      default:
        throw error;
    }
  };
