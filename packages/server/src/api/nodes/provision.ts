// PUT of a node's provision state: the checks that need no driver, in the order in which clients see them.
import {
  isProvisionVerb,
  type Node,
  nextState,
  type ProvisionVerb,
  registeredError,
  transitions,
  verbs,
  verbsRefusedWhenProtected,
} from '@wrought/contract';
import type { ProvisionRequest } from '../../flows/doors.ts';
import { reservationOf } from '../../store/reservation.ts';
import { tooNew } from '../core/fields.ts';
import { checkMembers, objectBody } from '../core/read-body.ts';
import { type Answer, type ApiRequest, accepted, type Route } from '../core/route.ts';
import { type Access, nodeTarget } from '../policy/access.ts';
import { withRunbook } from '../runbooks/use.ts';
import type { Services } from '../services.ts';
import { nodeOf } from './locked.ts';
import { provisionMembers, readProvisionArguments } from './provision-arguments.ts';
import { provisionSchema } from './provision-schema.ts';
import { requireSteps } from './step-policy.ts';

/** Versions from which `abort` works in these states. */
const abortSince: Readonly<Partial<Record<Node['provision_state'], number>>> = {
  'inspect wait': 41,
  'wait call-back': 110,
};

const maintenanceRefused: ReadonlySet<ProvisionVerb> = new Set<ProvisionVerb>(['active', 'deploy', 'rebuild']);

export function provisionRoutes(services: Services): readonly Route[] {
  return [
    {
      method: 'PUT',
      path: '/v1/nodes/:node/states/provision',
      policy: { onObject: 'baremetal:node:set_provision_state' },
      query: provisionMembers,
      takes: { schema: provisionSchema },
      bodyLimit: 'provision',
      handle: (request) => provision(request, services, request.params.node ?? ''),
    },
    {
      method: 'PUT',
      path: '/v1/nodes/states/provision',
      policy: { onObject: 'baremetal:node:set_provision_state' },
      query: ['node_ident', ...provisionMembers],
      takes: { schema: provisionSchema },
      bodyLimit: 'provision',
      handle: (request) => {
        const { node_ident: ident, ...query } = request.query;
        return provision({ ...request, query }, services, ident ?? '');
      },
    },
  ];
}

async function provision(request: ApiRequest, services: Services, ident: string): Promise<Answer> {
  const { minor, base, requester } = request;
  const sent = { ...request.query, ...objectBody(request.body) };
  checkMembers(sent, provisionMembers, 'request body');
  const node = await nodeOf(services, request, ident);
  const verb = readVerb(sent.target, minor);
  checkState(node, verb);
  const { sent: asked, runbook } = await withRunbook(request, services, { sent, verb, node });
  const details = readProvisionArguments(asked, verb, minor, services.config().api);
  if (runbook === undefined) {
    requireStepsOf(request.access, node, details);
  } else if (runbook.owner !== null) {
    requireSteps(request.access, runbook.steps, nodeTarget(node));
  }
  checkAbort(node, verb, minor);
  checkProtected(node, verb);
  const wanted: ProvisionRequest = { node, verb, requester, ...details };
  await services.doors.start.provision(wanted);
  return accepted(`${base}/v1/nodes/${ident}/states`);
}

/** Callers who name steps themselves need more than the verb. @throws RegisteredError 403 */
function requireStepsOf(
  access: Access,
  node: Node,
  { cleanSteps, deploySteps, serviceSteps }: Pick<ProvisionRequest, 'cleanSteps' | 'deploySteps' | 'serviceSteps'>,
): void {
  if (!access.isRestricted) {
    return;
  }
  const target = nodeTarget(node);
  if (cleanSteps !== undefined) {
    access.require('baremetal:node:set_provision_state:clean_steps', target);
  }
  if (serviceSteps !== undefined) {
    access.require('baremetal:node:set_provision_state:service_steps', target);
  }
  requireSteps(access, [...(cleanSteps ?? []), ...(deploySteps ?? []), ...(serviceSteps ?? [])], target);
}

function readVerb(target: unknown, minor: number): ProvisionVerb {
  if (typeof target !== 'string' || !isProvisionVerb(target)) {
    const reason =
      target === undefined
        ? 'The member target is missing in the request body'
        : `The provision target ${JSON.stringify(target)} does not exist`;
    const known = Object.keys(verbs).filter((verb) => isProvisionVerb(verb) && verbs[verb].since <= minor);
    throw registeredError('InvalidParameterValue', { reason: `${reason}; allowed: ${known.join(', ')}.` });
  }
  const { since } = verbs[target];
  if (minor < since) {
    throw tooNew(`The provision verb "${target}"`, since, minor);
  }
  return target;
}

function checkState(node: Node, verb: ProvisionVerb): void {
  if (node.maintenance && maintenanceRefused.has(verb)) {
    throw registeredError('NodeInMaintenance', {
      op: verb,
      node: node.uuid,
      reason: node.maintenance_reason ?? 'none',
    });
  }
  const { event } = verbs[verb];
  if (nextState(node.provision_state, event) !== undefined) {
    return;
  }
  // What holds the node may be about to bring it into a state in which the verb is possible.
  if (node.reservation !== null) {
    throw registeredError('NodeLocked', { node: node.uuid, ...reservationOf(node) }, { retryAfterSeconds: 1 });
  }
  const states = transitions.filter(([, possible]) => possible === event).map(([from]) => from);
  throw registeredError('InvalidStateRequested', {
    action: verb,
    node: node.uuid,
    state: node.provision_state,
    hint: `It is possible from: ${states.join(', ')}.`,
  });
}

function checkProtected(node: Node, verb: ProvisionVerb): void {
  if (node.protected && verbsRefusedWhenProtected.has(verb)) {
    throw registeredError('NodeProtected', {
      node: node.uuid,
      operation: verb,
      reason: node.protected_reason ?? 'none',
    });
  }
}

function checkAbort(node: Node, verb: ProvisionVerb, minor: number): void {
  const since = verb === 'abort' ? abortSince[node.provision_state] : undefined;
  if (since !== undefined && minor < since) {
    throw tooNew(`The verb "abort" in state "${node.provision_state}"`, since, minor);
  }
}
