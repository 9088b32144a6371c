// A consistent hash ring: gives each key one of the members, and moves few keys when a member comes or goes.

/** Points of each member on the ring: enough that the shares of members differ by a tenth or so. */
const POINTS_PER_MEMBER = 128;

export interface HashRing {
  /** The member that this key belongs to; undefined on a ring without members. */
  ownerOf(key: string): string | undefined;
}

/** 32 bits of a text: FNV-1a over its units, then the finalizer of MurmurHash3, without which near texts stay near. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

/** The first place in ascending `points` that is not below `value`. */
function firstNotBelow(points: Uint32Array, value: number): number {
  let low = 0;
  let high = points.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((points[middle] as number) < value) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

/** Makes the ring of these members; their order does not matter. */
export function hashRing(members: readonly string[]): HashRing {
  const names = [...new Set(members)].sort();
  if (names.length < 2) {
    const [only] = names;
    return { ownerOf: () => only };
  }
  const placed = names
    .flatMap((name) =>
      Array.from({ length: POINTS_PER_MEMBER }, (_, index) => ({ name, at: hash(`${name}/${index}`) })),
    )
    .sort((a, b) => a.at - b.at || (a.name < b.name ? -1 : 1));
  const points = Uint32Array.from(placed, ({ at }) => at);
  return {
    ownerOf: (key) => (placed[firstNotBelow(points, hash(key))] ?? placed[0])?.name,
  };
}
