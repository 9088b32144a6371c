// Chooses what carries a VIF by the traits of the instance, without changing anything: a port, a port group, or one that is to be made.
import type { Port, Portgroup } from '@wrought/contract';
import type { Carrier } from '../vif-binding.ts';
import { DEFAULT_TRAIT, type NetworkTrait, type TraitAction } from './file.ts';
import { type FilterSubject, passes } from './filter.ts';

/** A port group that is to be made of free ports. */
export interface PlannedGroup {
  readonly ports: readonly Port[];
}

export type Choice =
  | { readonly kind: 'carrier'; readonly trait: string; readonly carrier: Carrier }
  | { readonly kind: 'group'; readonly trait: string; readonly group: PlannedGroup };

/** The traits that count for an instance with these traits; the default one where none of its own does. */
export function traitsOf(all: readonly NetworkTrait[], wanted: readonly string[]): readonly NetworkTrait[] {
  const own = all.filter(({ name }) => wanted.includes(name));
  return own.length > 0 ? own : all.filter(({ name }) => name === DEFAULT_TRAIT);
}

const aboutPort = (port: Port): FilterSubject['port'] => ({ ...port, is_port: true });
const aboutGroup = (group: Pick<Portgroup, 'address' | 'category' | 'physical_network'>): FilterSubject['port'] => ({
  ...group,
  is_port: false,
  // Port groups have none.
  vendor: null,
});

/** Free ports that a group may be made of: the most that are on one physical network, if there are enough. */
function groupable(
  { filter, minimum, maximum }: TraitAction,
  free: readonly Carrier[],
  network: FilterSubject['network'],
): PlannedGroup | undefined {
  const ports = free.flatMap(({ kind, item }) =>
    kind === 'ports' &&
    item.portgroup_uuid === null &&
    item.available_for_dynamic_portgroup &&
    passes(filter, { port: aboutPort(item), network })
      ? [item]
      : [],
  );
  const sets = [...Map.groupBy(ports, ({ physical_network }) => physical_network).values()];
  const [largest = []] = sets.sort((a, b) => b.length - a.length);
  return largest.length < minimum ? undefined : { ports: largest.slice(0, maximum ?? largest.length) };
}

/**
 * What carries a VIF: the first action of the first trait that finds enough.
 * @param traits in the order in which they are tried
 * @param free what may carry it, the best first
 * @returns undefined when no action finds anything
 */
export function planAttachment(
  traits: readonly NetworkTrait[],
  free: readonly Carrier[],
  network: FilterSubject['network'],
): Choice | undefined {
  for (const { name: trait, actions } of traits) {
    const bonds: PlannedGroup[] = [];
    for (const action of actions) {
      const { filter, minimum } = action;
      if (action.action === 'attach_port' || action.action === 'attach_portgroup') {
        const kind = action.action === 'attach_port' ? 'ports' : 'portgroups';
        const found = free.filter(
          (carrier) =>
            carrier.kind === kind &&
            passes(filter, {
              port: carrier.kind === 'ports' ? aboutPort(carrier.item) : aboutGroup(carrier.item),
              network,
            }),
        );
        const made =
          kind === 'portgroups' ? bonds.filter((bond) => passes(filter, { port: aboutBond(bond), network })) : [];
        const [carrier] = found;
        const [group] = made;
        if (found.length + made.length < minimum) {
          continue;
        }
        if (carrier !== undefined) {
          return { kind: 'carrier', trait, carrier };
        }
        if (group !== undefined) {
          return { kind: 'group', trait, group };
        }
        continue;
      }
      const taken = new Set(bonds.flatMap(({ ports }) => ports.map(({ uuid }) => uuid)));
      const group = groupable(
        action,
        free.filter(({ item }) => !taken.has(item.uuid)),
        network,
      );
      if (group !== undefined && action.action === 'group_and_attach_ports') {
        return { kind: 'group', trait, group };
      }
      if (group !== undefined) {
        // What is bonded and then attached to nothing is not made.
        bonds.push(group);
      }
    }
  }
  return undefined;
}

/** What a bond would be as a port group: it has the address of its first port. */
function aboutBond({ ports }: PlannedGroup): FilterSubject['port'] {
  const [first] = ports;
  const categories = new Set(ports.map(({ category }) => category));
  return aboutGroup({
    address: first?.address ?? null,
    physical_network: first?.physical_network ?? null,
    category: categories.size === 1 ? (first?.category ?? null) : null,
  });
}
