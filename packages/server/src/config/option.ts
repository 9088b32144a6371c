// Says what a configuration option is: data from which values are read, checked, shown and documented.

/** What kind of value an option holds; `readValue` in value.ts knows how each is read. */
export type OptionType =
  | 'text'
  | 'choice'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'path'
  | 'address'
  | 'url'
  | 'delay'
  | 'booleanOrPath'
  | 'textList'
  | 'pathList'
  | 'textMap'
  | 'integerMap';

/** A span from which a delay is drawn at random each time; both ends equal mean a fixed delay. */
export interface Delay {
  readonly minimumSeconds: number;
  readonly maximumSeconds: number;
}

interface Description {
  /** One or two sentences for the operator; they become the comment in the sample and the row in the reference. */
  readonly description: string;
  /** The unit of a number: 'seconds', 'KiB', 'MiB', 'minutes', ... */
  readonly unit?: string;
  /** The value is never shown, not even in an error about it. */
  readonly secret?: boolean;
  /** SIGHUP applies a change; without it a change needs a restart. */
  readonly reloadable?: boolean;
}

/** One option as the rest of the configuration code sees it. `T` is the type of its value after reading. */
export interface Option<T> extends Description {
  readonly type: OptionType;
  readonly default: T;
  /** May be unset: its value is null then, and empty text in the file unsets it. */
  readonly optional: boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly allowed?: readonly string[];
  /** Schemes that a URL may have. */
  readonly schemes?: readonly string[];
}

export type AnyOption = Option<unknown>;
export type Section = Readonly<Record<string, AnyOption>>;
export type ValueOf<O> = O extends Option<infer T> ? T : never;
export type SectionValues<S> = { readonly [K in keyof S]: ValueOf<S[K]> };

interface Given<T> extends Description {
  readonly default: T | null;
  /** Needed only where the default is not null but "unset" is still a meaningful choice. */
  readonly optional?: true;
}

interface Range {
  readonly minimum?: number;
  readonly maximum?: number;
}

type Value<O, T> = O extends { default: null } ? T | null : O extends { optional: true } ? T | null : T;

function make<T>(
  type: OptionType,
  given: Description & { default: T; optional?: true } & Range & {
      allowed?: readonly string[];
      schemes?: readonly string[];
    },
): Option<T> {
  return { ...given, type, optional: given.default === null || given.optional === true };
}

/** Free text. A default may hold `$hostname`. */
export function text<const O extends Given<string>>(given: O): Option<Value<O, string>> {
  return make<Value<O, string>>('text', given as O & { default: Value<O, string> });
}

/** One word out of `allowed`. */
export function choice<const A extends string, const O extends Given<NoInfer<A>>>(
  given: O & { readonly allowed: readonly A[] },
): Option<Value<O, A>> {
  return make<Value<O, A>>('choice', given as O & { default: Value<O, A>; allowed: readonly A[] });
}

export function integer<const O extends Given<number> & Range>(given: O): Option<Value<O, number>> {
  return make<Value<O, number>>('integer', given as O & { default: Value<O, number> });
}

export function number<const O extends Given<number> & Range>(given: O): Option<Value<O, number>> {
  return make<Value<O, number>>('number', given as O & { default: Value<O, number> });
}

export function boolean<const O extends Given<boolean>>(given: O): Option<Value<O, boolean>> {
  return make<Value<O, boolean>>('boolean', given as O & { default: Value<O, boolean> });
}

/** A file or folder. `$data_dir` at its start is the data directory; a relative path starts at the file that names it. */
export function path<const O extends Given<string>>(given: O): Option<Value<O, string>> {
  return make<Value<O, string>>('path', given as O & { default: Value<O, string> });
}

/** "HOST:PORT" to listen on; an IPv6 host stands in brackets. */
export function address<const O extends Given<string>>(given: O): Option<Value<O, string>> {
  return make<Value<O, string>>('address', given as O & { default: Value<O, string> });
}

/** A URL, with http or https unless `schemes` names others. */
export function url<const O extends Given<string> & { readonly schemes?: readonly string[] }>(
  given: O,
): Option<Value<O, string>> {
  return make<Value<O, string>>('url', { schemes: ['http', 'https'], ...(given as O & { default: Value<O, string> }) });
}

/** Seconds, or "minimum,maximum" to draw from each time. */
export function delay(given: Description & { default: Delay }): Option<Delay> {
  return make<Delay>('delay', { unit: 'seconds', ...given });
}

/** true, false, or the path of a CA file or folder: how a TLS peer is verified. */
export function booleanOrPath(given: Description & { default: boolean | string }): Option<boolean | string> {
  return make<boolean | string>('booleanOrPath', given);
}

export function textList(
  given: Description & { default: readonly string[]; allowed?: readonly string[] },
): Option<readonly string[]> {
  return make<readonly string[]>('textList', given);
}

export function pathList(given: Description & { default: readonly string[] }): Option<readonly string[]> {
  return make<readonly string[]>('pathList', given);
}

/** A table of names to texts. */
export function textMap(
  given: Description & { default: Readonly<Record<string, string>> },
): Option<Readonly<Record<string, string>>> {
  return make<Readonly<Record<string, string>>>('textMap', given);
}

/** A table of names to integers. */
export function integerMap(
  given: Description & { default: Readonly<Record<string, number>> } & Range,
): Option<Readonly<Record<string, number>>> {
  return make<Readonly<Record<string, number>>>('integerMap', given);
}
