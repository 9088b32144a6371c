// Which provision verbs a node would be granted as it stands: by its state, its flags and its interfaces.
import type { Node } from './objects.ts';
import {
  nextState,
  type ProvisionVerb,
  verbs,
  verbsRefusedInMaintenance,
  verbsRefusedWhenProtected,
} from './states.ts';

/** Verbs that a node needs an interface for, with the implementation that has none. */
const interfaceNeeded: Readonly<
  Partial<Record<ProvisionVerb, { field: 'inspect_interface' | 'rescue_interface'; none: string }>>
> = {
  inspect: { field: 'inspect_interface', none: 'no-inspect' },
  rescue: { field: 'rescue_interface', none: 'no-rescue' },
  unrescue: { field: 'rescue_interface', none: 'no-rescue' },
};

/** Older names of other verbs; they are not offered. */
const aliases: ReadonlySet<ProvisionVerb> = new Set<ProvisionVerb>(['deploy', 'undeploy']);

type Standing = Pick<
  Node,
  'provision_state' | 'maintenance' | 'protected' | 'retired' | 'inspect_interface' | 'rescue_interface'
>;

function isPossible(node: Standing, verb: ProvisionVerb): boolean {
  const needed = interfaceNeeded[verb];
  return (
    nextState(node.provision_state, verbs[verb].event) !== undefined &&
    !(node.maintenance && verbsRefusedInMaintenance.has(verb)) &&
    !(node.maintenance && verb === 'abort' && node.provision_state === 'service failed') &&
    !(node.protected && verbsRefusedWhenProtected.has(verb)) &&
    !(node.retired === true && verb === 'provide') &&
    (needed === undefined || node[needed.field] !== needed.none)
  );
}

/** The verbs that lead on from here, each under one name. */
export function possibleVerbs(node: Standing): readonly ProvisionVerb[] {
  return (Object.keys(verbs) as ProvisionVerb[]).filter((verb) => !aliases.has(verb) && isPossible(node, verb));
}
