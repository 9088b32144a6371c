// POST of a node.
import { randomUUID } from 'node:crypto';
import { nodeResource, quirks, registeredError } from '@wrought/contract';
import { findNodeRow } from '../../store/node-list.ts';
import { insertNode, type NewNode, type NodeChanges } from '../../store/nodes.ts';
import { readCreate } from '../core/read-body.ts';
import { recorded } from '../core/recorded.ts';
import { type Answer, type ApiRequest, created, type Route } from '../core/route.ts';
import type { Access } from '../policy/access.ts';
import type { Services } from '../services.ts';
import { interfacesFor } from './interfaces.ts';
import { checkNodeName } from './names.ts';
import { checkChassis, checkConductor, nodeWriteError, resolveParent } from './references.ts';
import type { NodeView } from './view.ts';

/** Version from which new nodes begin in `enroll`; older clients get them `available`. */
const ENROLL_SINCE = 11;

export function createRoutes(services: Services, view: NodeView): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/v1/nodes',
      takes: { create: nodeResource },
      gives: { one: nodeResource },
      policy: { byHandler: ['baremetal:node:create', 'baremetal:node:create:self_owned_node'] },
      handle: (request) => create(request, services, view),
    },
  ];
}

async function create(request: ApiRequest, services: Services, view: NodeView): Promise<Answer> {
  const fields = await newNode(request, services);
  const insert = recorded(services, { object: 'node', action: 'create', asked: fields }, async (trx) => {
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
  const owner = ownerOf(sent.owner, request.access, services);
  const uuid = sent.uuid ?? randomUUID();
  const { conductor } = services.config();
  const fields: NewNode = {
    ...sent,
    ...(owner === undefined ? {} : { owner }),
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

/**
 * The owner of a new node: what was asked for by who may enrol any node, else the project of the caller.
 * @throws RegisteredError 403, 400 for an owner who is not the caller
 */
function ownerOf(asked: string | null | undefined, access: Access, { config }: Services): string | null | undefined {
  if (access.isRestricted && access.allows('baremetal:node:create')) {
    return asked;
  }
  if (!config().api.project_admin_can_manage_own_nodes || !access.allows('baremetal:node:create:self_owned_node')) {
    access.require('baremetal:node:create');
  }
  if (asked !== undefined && asked !== null && asked !== access.project) {
    throw registeredError('InvalidParameterValue', {
      reason: `The owner "${asked}" can not be given to a new node by a caller who ${access.project === null ? 'belongs to no project' : `belongs to project ${access.project}`}; set it with PATCH afterwards.`,
    });
  }
  return access.project ?? undefined;
}
