// Values on their way into a statement, the same for both databases.

/** What a statement of the store may be given. */
export type Parameter = string | number | bigint | null | Uint8Array;

/**
 * Checks a value that a statement is given. Drivers bind undefined and Date in ways of their own without a word, so such a
 * value is refused as the defect of the caller that it is. PostgreSQL can not hold the character NUL, so it is replaced.
 */
export function checkParameter(value: unknown, index: number, sql: string): Parameter {
  if (typeof value === 'string') {
    return value.includes('\0') ? value.replaceAll('\0', '\u{FFFD}') : value;
  }
  if (value === null || typeof value === 'number' || typeof value === 'bigint' || value instanceof Uint8Array) {
    return value;
  }
  throw new TypeError(
    `Parameter ${index + 1} of "${sql}" is of type ${value instanceof Date ? 'Date' : typeof value}; the store takes text, numbers and null.`,
  );
}
