// What goes wrong with the BMCs of a fleet: each fault strikes a share of the machines, the same ones for the same seed.
import { parseShares, type Shares, shareAt } from '../fault-shares.ts';

/**
 * `silent`: takes connections and never answers. `slow`: answers after some seconds. `wrong`: answers nonsense. `reset`: breaks
 * connections off.
 */
export const faultNames = ['silent', 'slow', 'wrong', 'reset'] as const;
export type FaultName = (typeof faultNames)[number];

/** Shares of the machines, from 0 to 1; together at most 1. */
export type FaultShares = Shares<FaultName>;

/** Reads "silent=1%,slow=5%". @throws Error that names what is wrong and what is allowed */
export const parseFaults = (text: string): FaultShares => parseShares(faultNames, text);

/** The fault of a machine whose place among all is `place`, from 0 up to 1. */
export const faultAt = (shares: FaultShares, place: number): FaultName | null => shareAt(faultNames, shares, place);
