// Values of columns in OVSDB (RFC 7047, section 5.1): atoms, sets and maps, as JavaScript has them and as the wire has them.
import { OvsdbValueError } from './errors.ts';

/** A reference to a row: one that exists, or one that the same transaction inserts under a name. */
export interface Reference {
  readonly kind: 'uuid' | 'named-uuid';
  readonly id: string;
}

export type Atom = string | number | boolean | Reference;
/** A set of exactly one element and that element are the same value. */
export type Value = Atom | readonly Atom[] | ReadonlyMap<Atom, Atom>;
/** The columns of a row by name. */
export type Row = Readonly<Record<string, Value>>;

export const uuid = (id: string): Reference => ({ kind: 'uuid', id });
export const namedUuid = (id: string): Reference => ({ kind: 'named-uuid', id });

function encodeAtom(atom: Atom): unknown {
  return typeof atom === 'object' ? [atom.kind, atom.id] : atom;
}

/** The value as it goes into JSON. */
export function encodeValue(value: Value): unknown {
  if (value instanceof Map) {
    return ['map', [...value].map(([key, item]) => [encodeAtom(key), encodeAtom(item)])];
  }
  return Array.isArray(value) ? ['set', value.map(encodeAtom)] : encodeAtom(value as Atom);
}

function malformed(json: unknown): Error {
  return new OvsdbValueError(`${JSON.stringify(json)?.slice(0, 200)} is no value of OVSDB`);
}

function decodeAtom(json: unknown): Atom {
  if (typeof json === 'string' || typeof json === 'number' || typeof json === 'boolean') {
    return json;
  }
  if (Array.isArray(json) && json.length === 2 && typeof json[1] === 'string') {
    const [kind, id] = json;
    if (kind === 'uuid' || kind === 'named-uuid') {
      return { kind, id };
    }
  }
  throw malformed(json);
}

/** Reads a value. @throws OvsdbValueError for what is none */
export function decodeValue(json: unknown): Value {
  if (Array.isArray(json) && json.length === 2 && Array.isArray(json[1])) {
    const [kind, items] = json as [unknown, unknown[]];
    if (kind === 'set') {
      return items.map(decodeAtom);
    }
    if (kind === 'map') {
      return new Map(
        items.map((pair) => {
          if (!Array.isArray(pair) || pair.length !== 2) {
            throw malformed(json);
          }
          return [decodeAtom(pair[0]), decodeAtom(pair[1])];
        }),
      );
    }
  }
  return decodeAtom(json);
}

/** The elements of a set, also where the wire had one alone. @throws OvsdbValueError for a map */
export function elements(value: Value | undefined): readonly Atom[] {
  if (value === undefined) {
    return [];
  }
  if (value instanceof Map) {
    throw new OvsdbValueError('a map of OVSDB stands where a set should');
  }
  return Array.isArray(value) ? value : [value as Atom];
}

/** The columns as they go into JSON. */
export function encodeRow(row: Row): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [column, encodeValue(value)]));
}

/** Reads a row. @throws OvsdbValueError */
export function decodeRow(json: unknown): Row {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw malformed(json);
  }
  return Object.fromEntries(Object.entries(json).map(([column, value]) => [column, decodeValue(value)]));
}
