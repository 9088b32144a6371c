// Reads query arguments: which exist, each once, and their values as booleans, counts, lists and UUIDs.
import { BOOLEAN_ALLOWED, isUuidLike, readBoolean, registeredError } from '@wrought/contract';

/** Checks names and repetition. @throws RegisteredError UnknownArgument, InvalidParameterValue */
export function readQuery(
  raw: Readonly<Record<string, unknown>>,
  known: readonly string[] | null,
): Readonly<Record<string, string>> {
  const names = Object.keys(raw);
  if (names.length === 0) {
    return {};
  }
  const unknown = known === null ? [] : names.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    throw registeredError('UnknownArgument', {
      names: unknown.map((name) => `"${name}"`).join(', '),
      allowed: known?.length ? `Known arguments: ${known.join(', ')}.` : 'This request takes no arguments.',
    });
  }
  const query: Record<string, string> = {};
  for (const name of names) {
    const value = raw[name];
    if (Array.isArray(value)) {
      throw invalid(name, value.join('&'), 'one value; it was given more than once');
    }
    query[name] = String(value);
  }
  return query;
}

function invalid(name: string, value: string, allowed: string) {
  return registeredError('InvalidParameterValue', {
    reason: `The argument ${name} has the invalid value "${value}"; allowed: ${allowed}.`,
  });
}

/** @throws RegisteredError when the value is neither true nor false */
export function booleanArgument(query: Readonly<Record<string, string>>, name: string): boolean | undefined {
  const value = query[name];
  if (value === undefined) {
    return undefined;
  }
  const read = readBoolean(value);
  if (read === undefined) {
    throw invalid(name, value, BOOLEAN_ALLOWED);
  }
  return read;
}

/** @throws RegisteredError when the value is no UUID */
export function uuidArgument(query: Readonly<Record<string, string>>, name: string): string | undefined {
  const value = query[name];
  if (value !== undefined && !isUuidLike(value)) {
    throw invalid(name, value, 'a UUID');
  }
  return value?.toLowerCase();
}

/** @throws RegisteredError when the value is not one of `words` */
export function wordArgument(
  query: Readonly<Record<string, string>>,
  name: string,
  words: readonly string[],
): string | undefined {
  const value = query[name];
  if (value !== undefined && !words.includes(value)) {
    throw invalid(name, value, `one of ${words.map((word) => `"${word}"`).join(', ')}`);
  }
  return value;
}

/** The items of a comma separated list, trimmed, each once. */
export function listArgument(query: Readonly<Record<string, string>>, name: string): string[] | undefined {
  const value = query[name];
  if (value === undefined) {
    return undefined;
  }
  const items = value.split(',').map((item) => item.trim());
  return [...new Set(items)].filter((item) => item !== '');
}

/** @throws RegisteredError when the value is no integer above zero */
export function countArgument(query: Readonly<Record<string, string>>, name: string): number | undefined {
  const value = query[name];
  if (value === undefined) {
    return undefined;
  }
  const count = Number(value);
  if (!/^\d+$/.test(value) || count < 1) {
    throw invalid(name, value, 'an integer from 1 up');
  }
  return count;
}
