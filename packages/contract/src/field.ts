// Declares the fields of REST resources: one place that says a field's type, version, visibility, and who may write it.
import type { ValueType } from './resources/value.ts';

/** Where a field is shown: in the default list, only in detail and single views, or never (it is only sent by clients). */
type Visibility = 'list' | 'detail' | 'never';

/** A value that clients below a version see under another name. */
interface OlderReading {
  readonly version: number;
  readonly map: Readonly<Record<string, string | null>>;
}

interface FieldOptions {
  /** Minor version that brought the field. */
  readonly since: number;
  readonly shown?: Visibility;
  /** Operations in which clients may send it. */
  readonly write?: readonly ('create' | 'patch')[];
  readonly required?: boolean;
  /** False: `sort_key` refuses it. Only fields with a column of simple type can be sorted by. */
  readonly sort?: boolean;
  /** False: `fields=` refuses it although it is shown. */
  readonly selectable?: boolean;
  /** True: values under keys that look secret are shown as "******". 'instance': the image URL and the config drive, too. */
  readonly masked?: boolean | 'instance';
  /** How clients below these versions read certain values, the oldest version first. */
  readonly below?: readonly OlderReading[];
}

export interface Field extends Required<Omit<FieldOptions, 'write' | 'below'>> {
  readonly type: ValueType;
  readonly create: boolean;
  readonly patch: boolean;
  readonly below: readonly OlderReading[];
}

const SORTABLE_KINDS: ReadonlySet<string> = new Set(['text', 'integer', 'flag', 'time']);

/** Declares a field of a resource. */
export function field(type: ValueType, options: FieldOptions): Field {
  return {
    type,
    since: options.since,
    shown: options.shown ?? 'detail',
    create: options.write?.includes('create') ?? false,
    patch: options.write?.includes('patch') ?? false,
    required: options.required ?? false,
    sort: options.sort ?? (SORTABLE_KINDS.has(type.kind) && options.shown !== 'never'),
    selectable: options.selectable ?? options.shown !== 'never',
    masked: options.masked ?? false,
    below: options.below ?? [],
  };
}

/** How clients below a version read values that were renamed in it. */
export function below(version: number, map: Readonly<Record<string, string | null>>): OlderReading {
  return { version, map };
}

/** A query argument that narrows a list; versions of filters do not always follow the field. */
interface Filter {
  readonly since: number;
}

export interface Resource {
  /** Singular, as it stands in texts: "node". */
  readonly name: string;
  /** Path element and key of lists: "nodes". */
  readonly collection: string;
  /** Version of the whole resource. */
  readonly since: number;
  readonly fields: Readonly<Record<string, Field>>;
  readonly filters: Readonly<Record<string, Filter>>;
}

/** Declares a resource. */
export function resource<const Fields extends Record<string, Field>>(declaration: {
  name: string;
  collection: string;
  since?: number;
  fields: Fields;
  filters?: Readonly<Record<string, Filter>>;
}): Resource & { readonly fields: Fields } {
  return { since: 1, filters: {}, ...declaration };
}

/** Names of the fields for which `test` holds, in the order of declaration. */
function fieldNames({ fields }: Resource, test: (field: Field) => boolean): string[] {
  return Object.entries(fields)
    .filter(([, declared]) => test(declared))
    .map(([name]) => name);
}

/** Fields that single and detail views show to clients of this version. */
export function detailFields(of: Resource, minor: number): string[] {
  return fieldNames(of, (declared) => declared.shown !== 'never' && declared.since <= minor);
}

/** Fields that lists show to clients of this version when they do not choose. */
export function listFields(of: Resource, minor: number): string[] {
  return fieldNames(of, (declared) => declared.shown === 'list' && declared.since <= minor);
}

/** Fields that PATCH may change, whatever the version. */
export function patchableFields(of: Resource): string[] {
  return fieldNames(of, (declared) => declared.patch);
}
