// What goes wrong with simulated BMCs: each fault strikes a share of them, the same ones for the same seed.
import { parseShares, type Shares, shareAt } from '../fault-shares.ts';
import { seededRandom } from '../fleet/random.ts';

/**
 * `silent`: never answers. `slow`: answers after some seconds. `lossy`: packets get lost both ways. `reordered`: an
 * answer comes after the next one. `duplicated`: answers come twice. `checksum`, `code`: wrong checksum, wrong
 * authentication code in answers. `busy`: completion code 0xc0 (node busy). `full`: no session is free. `resetting`:
 * the BMC starts anew in mid-session.
 */
export const bmcFaultNames = [
  'silent',
  'slow',
  'lossy',
  'reordered',
  'duplicated',
  'checksum',
  'code',
  'busy',
  'full',
  'resetting',
] as const;
export type BmcFaultName = (typeof bmcFaultNames)[number];

/** Shares of the BMCs, from 0 to 1; together at most 1. */
export type BmcFaultShares = Shares<BmcFaultName>;

/** Reads "silent=1%,lossy=5%". @throws Error that names what is wrong and what is allowed */
export const parseBmcFaults = (text: string): BmcFaultShares => parseShares(bmcFaultNames, text);

/** How often the fault of a BMC strikes, for a packet, a request or a login; a silent one is always silent. */
export const defaultFaultRate = 0.2;

/** A fault of one BMC. */
export interface Fault {
  readonly name: BmcFaultName;
  /** Whether it strikes this time; the same sequence for the same seed. */
  strikes(): boolean;
  /** Milliseconds by which the next answer of a slow BMC is late. */
  lateness(): number;
}

const slowMilliseconds = { least: 500, most: 3000 };

/** The fault with this name for the BMC with this name. */
export function createFault(name: BmcFaultName, seed: number, bmc: string, rate = defaultFaultRate): Fault {
  const random = seededRandom(seed, `${bmc} ${name}`);
  return {
    name,
    strikes: () => random() < rate,
    lateness: () => slowMilliseconds.least + random() * (slowMilliseconds.most - slowMilliseconds.least),
  };
}

/** The fault of a BMC among all; undefined: none. */
export function faultOf(shares: BmcFaultShares, seed: number, bmc: string, rate?: number): Fault | undefined {
  const name = shareAt(bmcFaultNames, shares, seededRandom(seed, bmc)());
  return name === null ? undefined : createFault(name, seed, bmc, rate);
}
