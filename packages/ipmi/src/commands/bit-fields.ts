// Describes bits of a byte as data, for both directions: flags by position, and numbers that stand for names.

export interface Flags<Name extends string> {
  decode(value: number): Record<Name, boolean>;
  /** Flags that are absent are clear. */
  encode(flags: Readonly<Partial<Record<Name, boolean>>>): number;
}

/** Flags by the position of their bit, 0 being the least significant one. */
export function flags<Name extends string>(positions: Readonly<Record<Name, number>>): Flags<Name> {
  const entries = Object.entries(positions) as [Name, number][];
  return {
    decode: (value) =>
      Object.fromEntries(entries.map(([name, position]) => [name, ((value >> position) & 1) === 1])) as Record<
        Name,
        boolean
      >,
    encode: (given) => entries.reduce((value, [name, position]) => value | (given[name] ? 1 << position : 0), 0),
  };
}

/** A name of the specification, or the number itself where the specification reserves it or leaves it to manufacturers. */
export type Choice<Name extends string> = Name | number;

export interface Choices<Name extends string> {
  readonly names: readonly Name[];
  decode(value: number): Choice<Name>;
  /** Throws a RangeError for a name that is none of them. */
  encode(choice: Choice<Name>): number;
}

/** Numbers that stand for names. */
export function choices<const Name extends string>(byNumber: Readonly<Record<number, Name>>): Choices<Name> {
  const byName = new Map(Object.entries<Name>(byNumber).map(([number, name]) => [name, Number(number)]));
  return {
    names: [...byName.keys()],
    decode: (value) => byNumber[value] ?? value,
    encode(choice) {
      const value = typeof choice === 'number' ? choice : byName.get(choice);
      if (value === undefined) throw new RangeError(`"${choice}" is none of ${[...byName.keys()].join(', ')}`);
      return value;
    },
  };
}

/** A number of `bits` bits in two's complement. */
export function signed(value: number, bits: number): number {
  const sign = 1 << (bits - 1);
  return (value & (sign - 1)) - (value & sign);
}

/** Two decimal digits in a byte; 0xff and other digits above 9 give what the digits say all the same. */
export function binaryCodedDecimal(value: number): number {
  return (value >> 4) * 10 + (value & 0x0f);
}
