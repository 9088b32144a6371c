// Who serves which nodes: the conductors as this process saw them last, and a ring of them for each group and hardware type.
import { listMembers, type Member } from '../store/conductor-lease.ts';
import type { Store } from '../store/store.ts';
import { type HashRing, hashRing } from './hash-ring.ts';

/** What of a node decides who serves it. */
export interface Served {
  readonly uuid: string;
  readonly driver: string;
  readonly conductor_group: string;
}

export interface Members {
  /** The conductor that serves a node: new work goes there. Null when none that is alive serves its group and hardware type. */
  ownerOf(node: Served): string | null;
  /** The conductors that serve a hardware type in any group, sorted. */
  hostsOf(driver: string): readonly string[];
  /** The conductor that looks after what belongs to no node, such as housekeeping; null when there is none. */
  keeperOf(work: string): string | null;
  /** A conductor that is alive. */
  find(hostname: string): Member | undefined;
  /** Looks again. Answers whether anything changed. */
  refresh(): Promise<boolean>;
}

/** The members where one process does all: it alone. */
export function soleMember(member: Pick<Member, 'hostname' | 'conductorGroup' | 'drivers'>): Members {
  const { hostname, conductorGroup, drivers } = member;
  const alone: Member = { ...member, internalUrl: null, isDraining: false, epoch: 0, isAlive: true, isOnline: true };
  return {
    ownerOf: (node) =>
      ringKey(node.conductor_group, node.driver) === ringKey(conductorGroup, node.driver) &&
      drivers.includes(node.driver)
        ? hostname
        : null,
    hostsOf: (driver) => (drivers.includes(driver) ? [hostname] : []),
    keeperOf: () => hostname,
    find: (wanted) => (wanted === hostname ? alone : undefined),
    refresh: async () => false,
  };
}

const ringKey = (group: string, driver: string) => `${group.toLowerCase()}:${driver}`;

/** The members as the database has them; empty before the first look. */
export function storedMembers(store: Pick<Store, 'read'>): Members {
  let alive = new Map<string, Member>();
  let rings = new Map<string, HashRing>();
  let all = hashRing([]);
  let seen = '';

  function take(members: readonly Member[]): void {
    alive = new Map(members.filter(({ isAlive }) => isAlive).map((member) => [member.hostname, member]));
    const taking = [...alive.values()].filter(({ isDraining }) => !isDraining);
    all = hashRing(taking.map(({ hostname }) => hostname));
    const hosts = new Map<string, string[]>();
    for (const { hostname, conductorGroup, drivers } of taking) {
      for (const driver of drivers) {
        const key = ringKey(conductorGroup, driver);
        hosts.set(key, [...(hosts.get(key) ?? []), hostname]);
      }
    }
    rings = new Map([...hosts].map(([key, names]) => [key, hashRing(names)]));
  }

  return {
    ownerOf: ({ uuid, driver, conductor_group }) => rings.get(ringKey(conductor_group, driver))?.ownerOf(uuid) ?? null,
    hostsOf: (driver) =>
      [...alive.values()].filter(({ drivers }) => drivers.includes(driver)).map(({ hostname }) => hostname),
    keeperOf: (work) => all.ownerOf(work) ?? null,
    find: (hostname) => alive.get(hostname),
    async refresh() {
      const members = await listMembers(store.read);
      const now = JSON.stringify(members);
      if (now === seen) {
        return false;
      }
      seen = now;
      take(members);
      return true;
    },
  };
}
