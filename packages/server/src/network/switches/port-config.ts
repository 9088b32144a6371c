// What a port of a switch carries: one VLAN untagged, and in the modes trunk and hybrid others tagged; as data and as text.
import { formatVlans, isVlan, parseVlans, sortedVlans } from './vlans.ts';

export const portModes = ['access', 'trunk', 'hybrid'] as const;
export type PortMode = (typeof portModes)[number];

export interface PortConfig {
  readonly mode: PortMode;
  /** The VLAN of frames without a tag. */
  readonly native_vlan: number;
  /** The VLANs of tagged frames, in order; none in mode access. */
  readonly allowed_vlans: readonly number[];
}

export interface LagConfig {
  /** What the switch calls it: "bond0", "Port-channel10". */
  readonly name: string;
  readonly aggregation: 'lacp' | 'static';
}

/** How a port is on the switch, or is to be: with `lag`, together with the others of that link aggregation group. */
export interface PortState extends PortConfig {
  readonly lag: LagConfig | null;
}

/** Most VLANs that one port names, as in the schema of `extra.switchport`. */
const MOST_ALLOWED_VLANS = 100;

export const NETWORK_FORM = '"access/native_vlan=VLAN", or "trunk/native_vlan=VLAN/allowed_vlans=VLAN,VLAN-VLAN"';

/** A port that carries one VLAN. */
export const accessTo = (native_vlan: number): PortConfig => ({ mode: 'access', native_vlan, allowed_vlans: [] });

/** What came of reading a port's configuration. */
export type Reading = { readonly config: PortConfig } | { readonly problem: string };

function check(mode: unknown, native: unknown, allowed: unknown): Reading {
  const found = portModes.find((each) => each === mode);
  if (found === undefined) {
    return { problem: `mode is ${JSON.stringify(mode)}; allowed: ${portModes.join(', ')}` };
  }
  if (!isVlan(native)) {
    return { problem: `native_vlan is ${JSON.stringify(native)}; allowed: a number from 1 to 4094` };
  }
  if (found === 'access') {
    return allowed === undefined
      ? { config: accessTo(native) }
      : { problem: 'allowed_vlans goes with the modes trunk and hybrid only; a port in mode access has one VLAN' };
  }
  if (
    !Array.isArray(allowed) ||
    allowed.length === 0 ||
    allowed.length > MOST_ALLOWED_VLANS ||
    !allowed.every(isVlan)
  ) {
    return {
      problem: `allowed_vlans is ${JSON.stringify(allowed)}; the mode ${found} needs 1 to ${MOST_ALLOWED_VLANS} numbers from 1 to 4094`,
    };
  }
  if (new Set(allowed).size < allowed.length) {
    return { problem: `allowed_vlans names a VLAN twice: ${JSON.stringify(allowed)}` };
  }
  return { config: { mode: found, native_vlan: native, allowed_vlans: sortedVlans(allowed) } };
}

/** Reads a network of the form "MODE/native_vlan=VLAN[/allowed_vlans=VLANS]". */
export function parseNetworkText(text: string): Reading {
  const [mode, ...fields] = text.trim().split('/');
  const given = new Map<string, string>();
  for (const field of fields) {
    const [, key, value] = /^(native_vlan|allowed_vlans)=(.+)$/.exec(field.trim()) ?? [];
    if (key === undefined || value === undefined || given.has(key)) {
      return { problem: `"${field}" is not understood; allowed: ${NETWORK_FORM}` };
    }
    given.set(key, value);
  }
  const [native, allowed] = [given.get('native_vlan'), given.get('allowed_vlans')];
  const vlans = allowed === undefined ? undefined : parseVlans(allowed);
  return check(mode, native === undefined || !/^\d+$/.test(native) ? native : Number(native), vlans ?? allowed);
}

/** Reads `extra.switchport` of a port, or the same members of `extra.lag` of a port group. */
export function readSwitchport(value: unknown, moreMembers: readonly string[]): Reading {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { problem: `it is ${JSON.stringify(value)}; allowed: an object with mode and native_vlan` };
  }
  const given = value as Record<string, unknown>;
  const members = ['mode', 'native_vlan', 'allowed_vlans', ...moreMembers];
  const unknown = Object.keys(given).filter((key) => !members.includes(key));
  if (unknown.length > 0) {
    return { problem: `it has the unknown member ${unknown.join(', ')}; allowed: ${members.join(', ')}` };
  }
  return check(given.mode, given.native_vlan, given.allowed_vlans);
}

/** All VLANs of a port. */
export const vlansOf = ({ native_vlan, allowed_vlans }: PortConfig) => sortedVlans([native_vlan, ...allowed_vlans]);

/** "access/native_vlan=100", as `parseNetworkText` reads it. */
export function formatPortConfig({ mode, native_vlan, allowed_vlans }: PortConfig): string {
  const allowed = allowed_vlans.length === 0 ? '' : `/allowed_vlans=${formatVlans(allowed_vlans)}`;
  return `${mode}/native_vlan=${native_vlan}${allowed}`;
}

/**
 * Whether both carry the same, in the same group. Switches tell trunk and hybrid not apart, and a tagged native VLAN adds nothing.
 */
export function isSamePort(a: PortState, b: PortState): boolean {
  const form = ({ mode, native_vlan, allowed_vlans, lag }: PortState) =>
    JSON.stringify([
      mode === 'access',
      native_vlan,
      allowed_vlans.filter((vlan) => vlan !== native_vlan),
      lag?.name ?? null,
      lag?.aggregation ?? null,
    ]);
  return form(a) === form(b);
}
