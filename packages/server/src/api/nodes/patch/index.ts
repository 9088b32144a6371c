// PATCH of a node.
import { isDeepStrictEqual } from 'node:util';
import { type Node, nodeResource, quirks, registeredError } from '@wrought/contract';
import { findNodeRow } from '../../../store/node-list.ts';
import type { NodeChanges } from '../../../store/nodes.ts';
import { tooNew } from '../../core/fields.ts';
import { applyPatch, type Operation, readPatch } from '../../core/patch.ts';
import { booleanArgument } from '../../core/query.ts';
import { type Answer, type ApiRequest, ok, type Route } from '../../core/route.ts';
import type { Services } from '../../services.ts';
import { changeNode } from '../change.ts';
import { nodeOf } from '../locked.ts';
import { checkNodeName } from '../names.ts';
import { type NodeView, nodeRowOf } from '../view.ts';
import { driverChanges } from './driver.ts';
import { flagChanges } from './flags.ts';
import { requirePatch } from './policy.ts';
import { referenceChanges } from './references.ts';
import { checkStates } from './states.ts';

/** Version that brought `reset_interfaces`. */
const RESET_INTERFACES_SINCE = 45;

const rules = { nullRefused: quirks.nullRefusedInPatch };

export function patchRoutes(services: Services, view: NodeView): readonly Route[] {
  return [
    {
      method: 'PATCH',
      path: '/v1/nodes/:node',
      takes: { patch: nodeResource },
      gives: { one: nodeResource },
      policy: { byHandler: ['baremetal:node:update'] },
      query: ['reset_interfaces'],
      handle: (request) => patch(request, services, view),
    },
  ];
}

async function patch(request: ApiRequest, services: Services, view: NodeView): Promise<Answer> {
  const { minor } = request;
  const resetInterfaces = resetArgument(request);
  const operations = readPatch(nodeResource, request.body, minor, rules);
  if (resetInterfaces && !operations.some(({ path: [name] }) => name === 'driver')) {
    throw registeredError('Invalid', { reason: 'The argument reset_interfaces needs a change of the driver.' });
  }
  if (request.access.isRestricted) {
    requirePatch(request.access, await nodeOf(services, request), operations);
  }
  const updated = await changeNode(services, request, 'change of the node', (node) =>
    changesOf(node, operations, { minor, resetInterfaces }, services),
  );
  const row = await findNodeRow(services.store.read, updated.uuid);
  return ok(view.json(row ?? (await nodeRowOf(services.store, request)), request));
}

function resetArgument({ query, minor }: ApiRequest): boolean {
  const reset = booleanArgument(query, 'reset_interfaces');
  if (reset !== undefined && minor < RESET_INTERFACES_SINCE) {
    throw tooNew('The argument "reset_interfaces"', RESET_INTERFACES_SINCE, minor);
  }
  return reset ?? false;
}

/** What a change of a node is checked with. */
export type ChangeServices = Pick<Services, 'store' | 'doors' | 'config'>;

/** What the client's version and arguments say about a patch. */
interface PatchOptions {
  readonly minor: number;
  readonly resetInterfaces: boolean;
}

async function changesOf(
  node: Node,
  operations: readonly Operation[],
  options: PatchOptions,
  services: Services,
): Promise<NodeChanges> {
  const values = applyPatch(nodeResource, { ...node }, operations, rules) as NodeChanges;
  checkStates(node, operations, options.minor);
  return withConsequences(node, values, options, services);
}

/** New values of fields that were read, with what follows from them; those that change nothing are left out. @throws RegisteredError */
export async function withConsequences(
  node: Node,
  values: NodeChanges,
  options: PatchOptions,
  services: ChangeServices,
): Promise<NodeChanges> {
  if (typeof values.name === 'string') {
    checkNodeName(values.name, options.minor);
  }
  const changes: NodeChanges = {
    ...values,
    ...flagChanges(node, values),
    ...(await referenceChanges(node, values, options.minor, services)),
    ...driverChanges(node, values, options, services),
    ...instanceNameChange(node, values),
  };
  return Object.fromEntries(
    Object.entries(changes).filter(([name, value]) => !isDeepStrictEqual(value, node[name as keyof Node])),
  );
}

/** The name that an instance brings along fills an empty instance_name. */
function instanceNameChange(node: Node, { instance_info: info, instance_name: name }: NodeChanges): NodeChanges {
  const display = info?.display_name;
  const isFilled = name !== undefined || node.instance_name !== null;
  return !isFilled && typeof display === 'string' && display !== '' ? { instance_name: display } : {};
}
