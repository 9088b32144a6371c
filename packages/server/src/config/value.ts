// Reads, checks and prints the value of one option by its type.

import { isIPv6 } from 'node:net';
import { isAbsolute, join, resolve } from 'node:path';
import type { AnyOption, Delay, OptionType } from './option.ts';

/** Where `$data_dir`, `$hostname` and relative paths of a value lead. */
export interface ValueContext {
  readonly dataDirectory: string;
  readonly hostname: string;
  /** Folder in which a relative path starts. */
  readonly baseFolder: string;
}

export type Reading = { readonly value: unknown } | { readonly problem: string };

const noun: Readonly<Record<OptionType, string>> = {
  text: 'text',
  choice: 'text',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
  path: 'a path',
  address: '"HOST:PORT" (an IPv6 host in brackets)',
  url: 'a URL',
  delay: 'a number or text with "minimum,maximum"',
  booleanOrPath: 'true, false or a path',
  textList: 'a list of texts',
  pathList: 'a list of paths',
  textMap: 'a table of names to texts',
  integerMap: 'a table of names to integers',
};

/** Says in words which values an option takes, for errors and for the reference page. */
export function allowedValues(option: AnyOption): string {
  const words = option.allowed?.map((word) => `"${word}"`);
  let sentence = noun[option.type];
  if (words !== undefined) {
    sentence = option.type === 'textList' ? `a list out of ${words.join(', ')}` : `one of ${words.join(', ')}`;
  }
  const { minimum, maximum, schemes } = option;
  if (schemes !== undefined) {
    sentence = `a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`;
  }
  if (minimum !== undefined && maximum !== undefined) {
    sentence += ` from ${minimum} to ${maximum}`;
  } else if (minimum !== undefined) {
    sentence += `, ${minimum} or more`;
  } else if (maximum !== undefined) {
    sentence += `, ${maximum} or less`;
  }
  if (option.unit !== undefined) {
    sentence += `, in ${option.unit}`;
  }
  return option.optional ? `${sentence}; empty text unsets it` : sentence;
}

/**
 * Turns the text of `--set section.key=text` into the plain value that a TOML file would hold: numbers and booleans by
 * the option's type, JSON for lists and tables, and otherwise the text as it is.
 */
export function parseSetText(option: AnyOption, text: string): Reading {
  switch (option.type) {
    case 'integer':
    case 'number':
      return /^[+-]?(\d+(\.\d+)?|\.\d+)(e[+-]?\d+)?$/i.test(text) ? { value: Number(text) } : { value: text };
    case 'boolean':
    case 'booleanOrPath':
      return text === 'true' || text === 'false' ? { value: text === 'true' } : { value: text };
    case 'textList':
    case 'pathList':
    case 'textMap':
    case 'integerMap':
      try {
        return { value: JSON.parse(text) };
      } catch {
        const example = option.type.endsWith('List') ? '\'["a", "b"]\'' : '\'{"a": ...}\'';
        return { problem: `is not JSON; allowed: ${allowedValues(option)}, written as JSON such as ${example}` };
      }
    default:
      return { value: text };
  }
}

/** Checks a plain value (from TOML, or from `parseSetText`) and brings it into the form that `Config` holds. */
export function readValue(option: AnyOption, raw: unknown, context: ValueContext): Reading {
  if (option.optional && raw === '') {
    return { value: null };
  }
  const value = convert(option, raw, context);
  if (value === undefined) {
    const shown = option.secret ? 'the value' : show(raw);
    return { problem: `${shown} is not allowed; allowed: ${allowedValues(option)}` };
  }
  return { value };
}

/** The default of an option with `$data_dir` and `$hostname` filled in. */
export function defaultValue(option: AnyOption, context: ValueContext): unknown {
  if (option.default === null) {
    return null;
  }
  const mayNeedContext = option.type === 'text' || option.type === 'path' || option.type === 'pathList';
  return mayNeedContext ? convert(option, option.default, context) : option.default;
}

/** The plain value that stands in TOML or JSON for a value of `Config`; null where the option is unset. */
export function plainValue(option: AnyOption, value: unknown): unknown {
  if (option.type !== 'delay') {
    return value;
  }
  const { minimumSeconds, maximumSeconds } = value as Delay;
  return minimumSeconds === maximumSeconds ? minimumSeconds : `${minimumSeconds},${maximumSeconds}`;
}

function convert(option: AnyOption, raw: unknown, context: ValueContext): unknown {
  switch (option.type) {
    case 'text':
      return raw === '$hostname' ? context.hostname : isText(raw) ? raw : undefined;
    case 'choice':
      return isText(raw) && option.allowed?.includes(raw) ? raw : undefined;
    case 'integer':
      return Number.isSafeInteger(raw) && inRange(option, raw) ? raw : undefined;
    case 'number':
      return inRange(option, raw) ? raw : undefined;
    case 'boolean':
      return typeof raw === 'boolean' ? raw : undefined;
    case 'path':
      return isText(raw) && raw !== '' ? absolutePath(raw, context) : undefined;
    case 'address':
      return isText(raw) && parseAddress(raw) !== undefined ? raw : undefined;
    case 'url':
      return isText(raw) && hasScheme(raw, option.schemes ?? []) ? raw : undefined;
    case 'delay':
      return parseDelay(raw);
    case 'booleanOrPath':
      return typeof raw === 'boolean' ? raw : isText(raw) && raw !== '' ? absolutePath(raw, context) : undefined;
    case 'textList':
      return everyItem(raw, (item) => isText(item) && (option.allowed?.includes(item) ?? true));
    case 'pathList':
      return everyItem(raw, (item) => isText(item) && item !== '')?.map((item) => absolutePath(String(item), context));
    case 'textMap':
      return everyEntry(raw, isText);
    case 'integerMap':
      return everyEntry(raw, (item) => Number.isSafeInteger(item) && inRange(option, item));
  }
}

/** Splits "HOST:PORT"; undefined when it is not one. Brackets around an IPv6 host are taken off. */
export function parseAddress(text: string): { host: string; port: number } | undefined {
  const parts = /^(?:\[([^\]]+)\]|([^:[\]\s]+)):(\d{1,5})$/.exec(text);
  if (parts === null || (parts[1] !== undefined && !isIPv6(parts[1]))) {
    return undefined;
  }
  const port = Number(parts[3]);
  return port <= 65_535 ? { host: parts[1] ?? parts[2] ?? '', port } : undefined;
}

function parseDelay(raw: unknown): Delay | undefined {
  const parts = typeof raw === 'number' ? [raw] : isText(raw) ? raw.split(',').map(parseSeconds) : [];
  const [minimumSeconds, maximumSeconds = minimumSeconds] = parts;
  const valid =
    parts.length <= 2 &&
    minimumSeconds !== undefined &&
    maximumSeconds !== undefined &&
    Number.isFinite(maximumSeconds) &&
    minimumSeconds >= 0 &&
    minimumSeconds <= maximumSeconds;
  return valid ? { minimumSeconds, maximumSeconds } : undefined;
}

function parseSeconds(text: string): number {
  return text.trim() === '' ? Number.NaN : Number(text);
}

function absolutePath(raw: string, context: ValueContext): string {
  if (raw === '$data_dir' || raw.startsWith('$data_dir/')) {
    return join(context.dataDirectory, raw.slice('$data_dir'.length));
  }
  return isAbsolute(raw) ? raw : resolve(context.baseFolder, raw);
}

function isText(raw: unknown): raw is string {
  return typeof raw === 'string';
}

function inRange(option: AnyOption, raw: unknown): boolean {
  return (
    typeof raw === 'number' &&
    Number.isFinite(raw) &&
    raw >= (option.minimum ?? Number.NEGATIVE_INFINITY) &&
    raw <= (option.maximum ?? Number.POSITIVE_INFINITY)
  );
}

function hasScheme(raw: string, schemes: readonly string[]): boolean {
  return schemes.some((scheme) => raw.toLowerCase().startsWith(`${scheme}://`)) && URL.canParse(raw);
}

function everyItem(raw: unknown, isAllowed: (item: unknown) => boolean): unknown[] | undefined {
  return Array.isArray(raw) && raw.every(isAllowed) ? raw : undefined;
}

function everyEntry(raw: unknown, isAllowed: (item: unknown) => boolean): object | undefined {
  const isTable = typeof raw === 'object' && raw !== null && !Array.isArray(raw) && !(raw instanceof Date);
  return isTable && Object.values(raw).every(isAllowed) ? { ...raw } : undefined;
}

function show(raw: unknown): string {
  const text = JSON.stringify(raw) ?? String(raw);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
