// POST of a node.
import { randomUUID } from 'node:crypto';
import { nodeResource, quirks, registeredError } from '@wrought/contract';
import { findNodeRow } from '../../store/node-list.ts';
import { insertNode, type NewNode, type NodeChanges } from '../../store/nodes.ts';
import { readCreate } from '../core/read-body.ts';
import { type Answer, type ApiRequest, created, type Route } from '../core/route.ts';
import type { Services } from '../services.ts';
import { interfacesFor } from './interfaces.ts';
import { checkNodeName } from './names.ts';
import { checkChassis, checkConductor, nodeWriteError, resolveParent } from './references.ts';
import type { NodeView } from './view.ts';

/** Version from which new nodes begin in `enroll`; older clients get them `available`. */
const ENROLL_SINCE = 11;

export function createRoutes(services: Services, view: NodeView): readonly Route[] {
  return [{ method: 'POST', path: '/v1/nodes', handle: (request) => create(request, services, view) }];
}

async function create(request: ApiRequest, services: Services, view: NodeView): Promise<Answer> {
  const fields = await newNode(request, services);
  const insert = services.store.transaction(async (trx) => {
    await insertNode(trx, fields);
    return findNodeRow(trx, fields.uuid);
  });
  const row = await insert.catch(async (error: unknown) => {
    throw await nodeWriteError(services, error, fields);
  });
  return created(view.json(row ?? {}, request), `${request.base}/v1/nodes/${fields.uuid}`);
}

async function newNode(request: ApiRequest, services: Services): Promise<NewNode> {
  const { minor } = request;
  const sent = readCreate(nodeResource, request.body, minor, {
    nullTolerated: quirks.nullNameToleratedOnCreate ? ['name'] : [],
  }) as NodeChanges & { driver: string };
  if (typeof sent.name === 'string') {
    checkNodeName(sent.name, minor);
  }
  checkOwner(sent.owner);
  const uuid = sent.uuid ?? randomUUID();
  const { conductor } = services.config();
  const fields: NewNode = {
    ...sent,
    uuid,
    conductor_group: sent.conductor_group ?? conductor.default_conductor_group,
    resource_class: sent.resource_class ?? conductor.default_resource_class,
    retired: sent.retired ?? false,
    instance_name: sent.instance_name ?? displayName(sent),
    provision_state: minor >= ENROLL_SINCE ? 'enroll' : 'available',
    ...interfacesFor(services, sent.driver, sent),
  };
  checkConductor(services, { uuid, driver: sent.driver, conductor_group: fields.conductor_group ?? '' });
  if (typeof fields.chassis_uuid === 'string') {
    await checkChassis(services, fields.chassis_uuid);
  }
  if (typeof fields.parent_node === 'string') {
    fields.parent_node = await resolveParent(services, fields.parent_node, { uuid, owner: fields.owner ?? null });
  }
  return fields;
}

/** The name of an instance that comes with a node, where it is not given by itself. */
function displayName({ instance_info: info }: NodeChanges): string | null {
  const name = info?.display_name;
  return typeof name === 'string' && name !== '' ? name : null;
}

/** Callers of this server belong to no project, and nobody may enrol a node for another's. */
function checkOwner(owner: string | null | undefined): void {
  if (owner !== undefined && owner !== null) {
    throw registeredError('InvalidParameterValue', {
      reason: `The owner "${owner}" can not be given to a new node by a caller who belongs to no project; set it with PATCH afterwards.`,
    });
  }
}
