// What goes wrong with simulated Redfish services: each fault strikes a share of them, the same ones for the same seed.
import { parseShares, type Shares, shareAt } from '../fault-shares.ts';
import { seededRandom } from '../fleet/random.ts';
import type { Body } from './types.ts';

/**
 * `silent`: takes connections and never answers. `slow`: answers after some seconds. `error`: 500. `unavailable`: 503
 * with Retry-After. `full`: no session is free. `weak`: weak ETags that If-Match does not take. `missing`: properties
 * are not there. `mistyped`: values have other types. `failing`: tasks fail. `resetting`: the service is reset in
 * mid-update. `certificate`: another certificate than before. `expired`: tokens are over before their time (401).
 */
export const redfishFaultNames = [
  'silent',
  'slow',
  'error',
  'unavailable',
  'full',
  'weak',
  'missing',
  'mistyped',
  'failing',
  'resetting',
  'certificate',
  'expired',
] as const;
export type RedfishFaultName = (typeof redfishFaultNames)[number];

/** Shares of the services, from 0 to 1; together at most 1. */
export type RedfishFaultShares = Shares<RedfishFaultName>;

/** Reads "silent=1%,slow=5%". @throws Error that names what is wrong and what is allowed */
export const parseRedfishFaults = (text: string): RedfishFaultShares => parseShares(redfishFaultNames, text);

/** How often the fault of a service strikes; a silent one is always silent. */
export const defaultFaultRate = 0.2;

/** A fault of one service. */
export interface RedfishFault {
  readonly name: RedfishFaultName;
  /** Whether it strikes this time; the same sequence for the same seed. */
  strikes(): boolean;
  /** Milliseconds by which the next answer of a slow service is late. */
  lateness(): number;
  /** Does to a resource what `missing` and `mistyped` are. */
  spoil(body: Body): Body;
}

const slowMilliseconds = { least: 500, most: 3000 };
/** Of the properties of a resource that is struck. */
const spoiltShare = 0.3;
/** Without these there is no resource at all. */
const spared = new Set(['@odata.id', '@odata.type', '@odata.etag', 'Members', 'Members@odata.count']);

/** A value of another type, as BMCs were seen to have them. */
function mistyped(value: unknown): unknown {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 'true' : 'false';
  if (Array.isArray(value)) return null;
  return value === null ? {} : '';
}

/** The fault with this name for the service with this name. */
export function createRedfishFault(
  name: RedfishFaultName,
  seed: number,
  service: string,
  rate = defaultFaultRate,
): RedfishFault {
  const random = seededRandom(seed, `${service} ${name}`);
  return {
    name,
    strikes: () => random() < rate,
    lateness: () => slowMilliseconds.least + random() * (slowMilliseconds.most - slowMilliseconds.least),
    spoil: (body) =>
      Object.fromEntries(
        Object.entries(body).flatMap(([key, value]) => {
          if (spared.has(key) || random() >= spoiltShare) return [[key, value]];
          return name === 'missing' ? [] : [[key, mistyped(value)]];
        }),
      ),
  };
}

/** The fault of a service among all; undefined: none. */
export function faultOf(shares: RedfishFaultShares, seed: number, service: string, rate?: number) {
  const name = shareAt(redfishFaultNames, shares, seededRandom(seed, service)());
  return name === null ? undefined : createRedfishFault(name, seed, service, rate);
}
