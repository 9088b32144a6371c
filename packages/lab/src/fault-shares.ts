// Faults that strike shares of many simulated things: how they are written, and whom they strike.

/** Shares by the name of a fault, from 0 to 1; together at most 1. */
export type Shares<Name extends string> = Readonly<Partial<Record<Name, number>>>;

/** Reads "silent=1%,slow=5%". @throws Error that names what is wrong and what is allowed */
export function parseShares<Name extends string>(names: readonly Name[], text: string): Shares<Name> {
  const shares: Partial<Record<Name, number>> = {};
  for (const part of text.split(',').filter((each) => each !== '')) {
    const [, written = '', percent = ''] = /^(\w+)=(\d+(?:\.\d+)?)%$/.exec(part.trim()) ?? [];
    const name = names.find((each) => each === written);
    if (name === undefined) {
      throw new Error(`"${part}" is no fault; write one of ${names.join(', ')} with its share, such as silent=1%`);
    }
    shares[name] = Number(percent) / 100;
  }
  const total = Object.values<number | undefined>(shares).reduce<number>((sum, share) => sum + (share ?? 0), 0);
  if (total > 1) {
    throw new Error(
      `the faults strike ${Math.round(total * 100)} % of the machines; more than 100 % can not be struck`,
    );
  }
  return shares;
}

/** The fault of the one whose place among all is `place`, from 0 up to 1. */
export function shareAt<Name extends string>(names: readonly Name[], shares: Shares<Name>, place: number): Name | null {
  let end = 0;
  for (const name of names) {
    end += shares[name] ?? 0;
    if (place < end) return name;
  }
  return null;
}
