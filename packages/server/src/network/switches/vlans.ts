// VLAN numbers as people write them: a list, or ranges such as "100,102-104".

/** 802.1Q leaves 0 and 4095 to itself. */
const LOWEST_VLAN = 1;
const HIGHEST_VLAN = 4094;

export const VLAN_RANGE_IN_WORDS = `a VLAN from ${LOWEST_VLAN} to ${HIGHEST_VLAN}`;

/** Whether this is a number that a VLAN can have. */
export function isVlan(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= LOWEST_VLAN && (value as number) <= HIGHEST_VLAN;
}

/** Reads "100", "100,102-104" or a list of such; null when that is no list of VLANs. In order, each once. */
export function parseVlans(text: string): readonly number[] | null {
  const vlans = new Set<number>();
  for (const item of text.split(',')) {
    const [, first, last] = /^\s*(\d{1,4})\s*(?:-\s*(\d{1,4})\s*)?$/.exec(item) ?? [];
    const from = Number(first);
    const to = Number(last ?? first);
    if (first === undefined || !isVlan(from) || !isVlan(to) || from > to) {
      return null;
    }
    for (let vlan = from; vlan <= to; vlan++) {
      vlans.add(vlan);
    }
  }
  return sortedVlans(vlans);
}

/** Each once, the lowest first. */
export function sortedVlans(vlans: Iterable<number>): readonly number[] {
  return [...new Set(vlans)].sort((a, b) => a - b);
}

/** The shortest form that `parseVlans` reads: "100,102-104". */
export function formatVlans(vlans: Iterable<number>): string {
  const spans: [number, number][] = [];
  for (const vlan of sortedVlans(vlans)) {
    const span = spans.at(-1);
    if (span !== undefined && span[1] === vlan - 1) {
      span[1] = vlan;
    } else {
      spans.push([vlan, vlan]);
    }
  }
  return spans.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(',');
}

/**
 * The same in parts of at most this many characters: one for each line that is typed, since a switch takes no line of any length. The
 * Ansible modules for Cisco IOS split such lists at 220 characters.
 */
export function splitVlans(vlans: Iterable<number>, mostCharacters = 200): readonly string[] {
  const parts: string[] = [];
  for (const span of formatVlans(vlans).split(',')) {
    const joined = `${parts.at(-1) ?? ''},${span}`;
    if (parts.length > 0 && joined.length <= mostCharacters) {
      parts[parts.length - 1] = joined;
    } else if (span !== '') {
      parts.push(span);
    }
  }
  return parts;
}
