// What goes wrong with the BMCs of a fleet: each fault strikes a share of the machines, the same ones for the same seed.

/**
 * `silent`: takes connections and never answers. `slow`: answers after some seconds. `wrong`: answers nonsense. `reset`: breaks
 * connections off.
 */
export const faultNames = ['silent', 'slow', 'wrong', 'reset'] as const;
export type FaultName = (typeof faultNames)[number];

/** Shares of the machines, from 0 to 1; together at most 1. */
export type FaultShares = Readonly<Partial<Record<FaultName, number>>>;

const isFaultName = (name: string): name is FaultName => (faultNames as readonly string[]).includes(name);

/** Reads "silent=1%,slow=5%". @throws Error that names what is wrong and what is allowed */
export function parseFaults(text: string): FaultShares {
  const shares: Partial<Record<FaultName, number>> = {};
  for (const part of text.split(',').filter((each) => each !== '')) {
    const [, name = '', percent = ''] = /^(\w+)=(\d+(?:\.\d+)?)%$/.exec(part.trim()) ?? [];
    if (!isFaultName(name)) {
      throw new Error(`"${part}" is no fault; write one of ${faultNames.join(', ')} with its share, such as silent=1%`);
    }
    shares[name] = Number(percent) / 100;
  }
  const total = Object.values(shares).reduce((sum, share) => sum + share, 0);
  if (total > 1) {
    throw new Error(
      `the faults strike ${Math.round(total * 100)} % of the machines; more than 100 % can not be struck`,
    );
  }
  return shares;
}

/** The fault of a machine whose place among all is `place`, from 0 up to 1. */
export function faultAt(shares: FaultShares, place: number): FaultName | null {
  let end = 0;
  for (const name of faultNames) {
    end += shares[name] ?? 0;
    if (place < end) {
      return name;
    }
  }
  return null;
}
