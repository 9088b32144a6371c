// The types of field values: how each is stored, what clients may send, and the words that say so when they send something else.

/**
 * How a value is kept: `text`, `integer`, `flag` (0/1), `time`, `object` and `list` (JSON text) are columns; `links` and
 * `subLinks` are made from the identity of the object; `computed` comes from elsewhere.
 */
type ValueKind =
  | 'text'
  | 'integer'
  | 'flag'
  | 'time'
  | 'object'
  | 'list'
  | 'links'
  | 'subLinks'
  | 'nestedSubLinks'
  | 'computed';

/** What became of a value that a client sent; `at` is the place inside the value that is wrong, such as `.links[0].mtu`. */
export type Reading =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly at?: string; readonly found?: unknown; readonly allowed?: string };

export interface ValueType {
  readonly kind: ValueKind;
  readonly nullable: boolean;
  /** What is allowed, as the end of a sentence: "a UUID". */
  readonly allowed: string;
  /** Reads a value as a client sent it; null is handled before. */
  readonly read: (value: unknown) => Reading;
  /** What a JSON schema can say of it beyond the kind: `{ maxLength: 255 }`. */
  readonly schema?: Readonly<Record<string, unknown>>;
}

const refuse: Reading = { ok: false };
const accept = (value: unknown): Reading => ({ ok: true, value });

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const LOGICAL_NAME = /^[A-Za-z0-9\-._~]+$/;
const MAC = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i;
const LOGICAL_NAME_MAXIMUM = 255;

/** Whether the text is a UUID, with or without dashes. */
export function isUuidLike(text: string): boolean {
  return UUID.test(text);
}

/** Whether the text may be a logical name: up to 255 of the unreserved characters of RFC 3986. */
export function isLogicalName(text: string): boolean {
  return text.length <= LOGICAL_NAME_MAXIMUM && LOGICAL_NAME.test(text);
}

const HOST_NAME_LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/** Whether the text is a host name in lower case: what a node name had to be below 1.10. */
export function isHostName(text: string): boolean {
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  return text.length <= LOGICAL_NAME_MAXIMUM && name.split('.').every((label) => HOST_NAME_LABEL.test(label));
}

/** The MAC address in lower case, or undefined when the text is none. */
export function readMac(text: string): string | undefined {
  return MAC.test(text) ? text.toLowerCase() : undefined;
}

const TRUE_WORDS: ReadonlySet<string> = new Set(['1', 't', 'true', 'on', 'y', 'yes']);
const FALSE_WORDS: ReadonlySet<string> = new Set(['0', 'f', 'false', 'off', 'n', 'no']);

/** What booleans may look like in requests. */
export const BOOLEAN_ALLOWED = 'true or false (or one of the words 1, t, on, y, yes, 0, f, off, n, no)';

/** Reads true, false or one of their words in any letter case; undefined for anything else. */
export function readBoolean(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') {
    return value;
  }
  const word = typeof value === 'string' ? value.trim().toLowerCase() : undefined;
  return word === undefined ? undefined : TRUE_WORDS.has(word) ? true : FALSE_WORDS.has(word) ? false : undefined;
}

/** Text of at most `maximum` characters; no database keeps the character NUL. */
export function text(maximum: number, options: { minimum?: number } = {}): ValueType {
  const minimum = options.minimum ?? 0;
  return {
    kind: 'text',
    nullable: false,
    allowed: `text of ${minimum > 0 ? `${minimum} to` : 'at most'} ${maximum} characters, none of them NUL`,
    read: (value) =>
      typeof value === 'string' && value.length >= minimum && value.length <= maximum && !value.includes('\0')
        ? accept(value)
        : refuse,
    schema: minimum > 0 ? { minLength: minimum, maxLength: maximum } : { maxLength: maximum },
  };
}

/** Text that has to match a pattern, described by `allowed`; `map` gives the form in which it is kept. */
export function pattern(expression: RegExp, allowed: string, map = (value: string) => value): ValueType {
  return {
    kind: 'text',
    nullable: false,
    allowed,
    read: (value) => (typeof value === 'string' && expression.test(value) ? accept(map(value)) : refuse),
  };
}

/** One of several words. */
export function oneOf(words: readonly string[]): ValueType {
  return {
    kind: 'text',
    nullable: false,
    allowed: `one of ${words.map((word) => `"${word}"`).join(', ')}`,
    read: (value) => (typeof value === 'string' && words.includes(value) ? accept(value) : refuse),
    schema: { enum: words },
  };
}

function canonicalUuid(value: string): string {
  const digits = value.replaceAll('-', '').toLowerCase();
  return [digits.slice(0, 8), digits.slice(8, 12), digits.slice(12, 16), digits.slice(16, 20), digits.slice(20)].join(
    '-',
  );
}

export const uuid: ValueType = { ...pattern(UUID, 'a UUID', canonicalUuid), schema: { format: 'uuid' } };

export const mac: ValueType = {
  ...pattern(MAC, 'a MAC address such as 52:54:00:12:34:56', (value) => value.toLowerCase()),
  schema: { pattern: '^([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}$' },
};

export const logicalName: ValueType = {
  ...pattern(LOGICAL_NAME, 'at most 255 letters, digits, dashes, dots, underscores and tildes'),
  read: (value) => (typeof value === 'string' && isLogicalName(value) ? accept(value) : refuse),
  schema: { maxLength: LOGICAL_NAME_MAXIMUM, pattern: '^[A-Za-z0-9._~-]+$' },
};

export const flag: ValueType = {
  kind: 'flag',
  nullable: false,
  allowed: BOOLEAN_ALLOWED,
  read: (value) => {
    const read = readBoolean(value);
    return read === undefined ? refuse : accept(read);
  },
};

export const integer: ValueType = {
  kind: 'integer',
  nullable: false,
  allowed: 'an integer',
  read: (value) => (Number.isSafeInteger(value) ? accept(value) : refuse),
};

/** Whether the value is a JSON object. */
export function isJsonObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A JSON object; `check` may look inside. Null stands for the empty object. */
export function object(
  check: (value: Record<string, unknown>) => Reading = accept,
  allowed = 'a JSON object',
): ValueType {
  return {
    kind: 'object',
    nullable: true,
    allowed,
    read: (value) => (value === null ? accept({}) : isJsonObject(value) ? check(value) : refuse),
  };
}

/** A JSON list; `check` may look inside. */
export function list(check: (value: readonly unknown[]) => Reading, allowed: string): ValueType {
  return {
    kind: 'list',
    nullable: false,
    allowed,
    read: (value) => (Array.isArray(value) ? check(value) : refuse),
  };
}

/** The same type, or null. */
export function nullable(type: ValueType): ValueType {
  return {
    ...type,
    nullable: true,
    allowed: `${type.allowed}, or null`,
    read: (value) => (value === null ? accept(null) : type.read(value)),
  };
}

function readOnly(kind: ValueKind): ValueType {
  return { kind, nullable: true, allowed: 'nothing: the server sets it', read: () => refuse };
}

/** A moment, shown as ISO 8601 with the offset +00:00. */
export const time: ValueType = readOnly('time');
/** `self` and `bookmark` links of the object. */
export const links: ValueType = readOnly('links');
/** `self` and `bookmark` links of a sub-resource that has the name of the field. */
export const subLinks: ValueType = readOnly('subLinks');
/** The same inside one more list (see the quirk table). */
export const nestedSubLinks: ValueType = readOnly('nestedSubLinks');
/** A value that is not a column of the object's own table. */
export const computed: ValueType = readOnly('computed');
/** A JSON object that only the server writes. */
export const serverObject: ValueType = { ...readOnly('object'), allowed: 'nothing: the server sets it' };
/** Text that only the server writes. */
export const serverText: ValueType = readOnly('text');
/** A JSON list that only the server writes. */
export const serverList: ValueType = readOnly('list');
/** A boolean that only the server writes. */
export const serverFlag: ValueType = readOnly('flag');
/** An integer that only the server writes. */
export const serverInteger: ValueType = readOnly('integer');
