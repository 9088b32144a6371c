// Turns rows of the store into JSON text: one compiled writer for each set of fields and version.
import { type Field, maskInstanceSecrets, maskSecrets, mayHoldSecret, type Resource } from '@wrought/contract';
import { LRUCache } from 'lru-cache';
import type { ApiRequest } from './route.ts';

/** A row as the store has it: JSON columns are text, booleans 0/1. */
export type Row = Readonly<Record<string, unknown>>;

/** What a writer needs besides the row. */
export interface WriteContext {
  /** "http://HOST:PORT". */
  readonly base: string;
  /** Path of the collection inside the version, such as "nodes" or "nodes/UUID/history". */
  readonly collection: string;
  /** Secrets that this caller may read, which policies allow but nobody should need. */
  readonly showsPasswords?: boolean;
  readonly showsInstanceSecrets?: boolean;
}

type ComputedField = (row: Row) => string;

/** The context of an answer to `request`. */
export function writeContext({ base, access }: Pick<ApiRequest, 'base' | 'access'>, collection: string): WriteContext {
  return access.isRestricted
    ? {
        base,
        collection,
        showsPasswords: access.allows('show_password'),
        showsInstanceSecrets: access.allows('show_instance_secrets'),
      }
    : { base, collection };
}

export type RowWriter = (row: Row, context: WriteContext) => string;
/** How a field is written: a function of the row, or an expression over `row` and `shownTime` that is compiled in place. */
type FieldWriter = RowWriter | string;

/** How a resource departs from the plain writers: the column that identifies it, computed fields, values shown otherwise. */
interface SerializerOptions {
  /** Column that stands in links. */
  readonly identity: string;
  readonly computed?: Readonly<Record<string, ComputedField>>;
  /** Writes the `links` of an object otherwise than as `self` and `bookmark`. */
  readonly links?: (selfHref: string) => string;
  /** Writers for fields whose column holds something else than what is shown in this version. */
  readonly override?: (name: string, minor: number) => ComputedField | undefined;
}

/** The `self` and `bookmark` links of a path. */
export function linksJson(base: string, path: string): string {
  return `[{"href":"${base}/v1/${path}","rel":"self"},{"href":"${base}/${path}","rel":"bookmark"}]`;
}

/** A time of the store as JSON text of the API: offset instead of Z, fractions only where there are any. */
function shownTime(time: string): string {
  return time.endsWith('.000Z') ? `"${time.slice(0, -5)}+00:00"` : `"${time.slice(0, -1)}000+00:00"`;
}

function maskedObject(name: string, instance: boolean): FieldWriter {
  return (row, { showsPasswords, showsInstanceSecrets }) => {
    const json = row[name] as string;
    if ((instance ? showsInstanceSecrets : showsPasswords) === true || !mayHoldSecret(json)) {
      return json;
    }
    const value: unknown = JSON.parse(json);
    return JSON.stringify(instance ? maskInstanceSecrets(value as Record<string, unknown>) : maskSecrets(value));
  };
}

function textWriter(name: string, field: Field, minor: number): FieldWriter {
  const readings = field.below.filter(({ version }) => minor < version);
  const older: Record<string, string | null> = Object.assign({}, ...readings.toReversed().map(({ map }) => map));
  if (readings.length === 0) {
    return `JSON.stringify(row.${name})`;
  }
  return (row) => {
    const value = row[name] as string | null;
    return JSON.stringify(value !== null && value in older ? older[value] : value);
  };
}

function fieldWriter(name: string, field: Field, minor: number, options: SerializerOptions): FieldWriter {
  const special = options.override?.(name, minor) ?? options.computed?.[name];
  if (special !== undefined) {
    return special;
  }
  const { identity, links } = options;
  switch (field.type.kind) {
    case 'text':
      return textWriter(name, field, minor);
    case 'integer':
      return `row.${name}`;
    case 'flag':
      return `(row.${name} === null ? 'null' : row.${name} === 1)`;
    case 'time':
      return `(row.${name} === null ? 'null' : shownTime(row.${name}))`;
    case 'object':
    case 'list':
      return field.masked === false ? `(row.${name} ?? 'null')` : maskedObject(name, field.masked === 'instance');
    case 'links':
      return links === undefined
        ? (row, { base, collection }) => linksJson(base, `${collection}/${row[identity]}`)
        : (row, { base, collection }) => links(`${base}/v1/${collection}/${row[identity]}`);
    case 'subLinks':
      return (row, { base, collection }) => linksJson(base, `${collection}/${row[identity]}/${name}`);
    case 'nestedSubLinks':
      return (row, { base, collection }) => `[${linksJson(base, `${collection}/${row[identity]}/${name}`)}]`;
    case 'computed':
      throw new TypeError(`The computed field ${name} has no writer.`);
  }
}

/**
 * Compiles the writer of a set of fields: one sum of texts that reads each column by its name, which the engine does several
 * times faster than a loop over functions that look columns up. Names and prefixes come from the contract, never from a request.
 */
function compile(of: Resource, minor: number, names: readonly string[], options: SerializerOptions): RowWriter {
  const functions: RowWriter[] = [];
  const terms = names.flatMap((name) => {
    const field = of.fields[name];
    if (field === undefined) {
      return [];
    }
    const writer = fieldWriter(name, field, minor, options);
    const value = typeof writer === 'string' ? writer : `functions[${functions.push(writer) - 1}](row, context)`;
    return [`${JSON.stringify(`"${name}":`)} + ${value}`];
  });
  const sum = terms.length === 0 ? `''` : terms.join(` + ',' + `);
  const source = `return (row, context) => '{' + ${sum} + '}';`;
  return new Function('functions', 'shownTime', source)(functions, shownTime) as RowWriter;
}

const COMPILED_WRITERS_KEPT = 500;

/** A serializer of a resource: gives the writer for a set of fields in a version, compiled on first use. */
export function serializer(of: Resource, options: SerializerOptions) {
  const writers = new LRUCache<string, RowWriter>({ max: COMPILED_WRITERS_KEPT });
  return (minor: number, names: readonly string[]): RowWriter => {
    const key = `${minor}/${names.join()}`;
    let writer = writers.get(key);
    if (writer === undefined) {
      writer = compile(of, minor, names, options);
      writers.set(key, writer);
    }
    return writer;
  };
}
