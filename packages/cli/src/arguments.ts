// Small pieces that several commands use to read their arguments.
import { readFileSync } from 'node:fs';
import { InvalidArgumentError } from 'commander';
import { CommandError } from './command-error.ts';

/** Collects the values of an option or of a list of arguments, each read by `parse`. */
export function collect<T>(parse: (text: string) => T): (text: string, before: readonly T[] | undefined) => T[] {
  return (text, before) => [...(before ?? []), parse(text)];
}

/** Reads JSON given in place or as @FILE. @throws InvalidArgumentError */
export function parseJson(text: string): unknown {
  const json = text.startsWith('@') ? readText(text.slice(1)) : text;
  try {
    return JSON.parse(json);
  } catch (error) {
    throw new InvalidArgumentError(`it is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Reads "key=value" for a query. @throws InvalidArgumentError */
export function parseFilter(text: string): readonly [string, string] {
  const equals = text.indexOf('=');
  if (equals < 1) {
    throw new InvalidArgumentError('it is not FIELD=VALUE');
  }
  return [text.slice(0, equals), text.slice(equals + 1)];
}

/** @throws InvalidArgumentError */
export function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (text.trim() === '' || !Number.isFinite(seconds) || seconds < 0) {
    throw new InvalidArgumentError('it is not a number of seconds');
  }
  return seconds;
}

/** @throws InvalidArgumentError */
export function parseCount(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(count) || count === 0) {
    throw new InvalidArgumentError('it is not a count of 1 or more');
  }
  return count;
}

/** A node, port, ... as part of a path. */
export function ident(text: string): string {
  return encodeURIComponent(text);
}

/** Text of a file. @throws CommandError */
export function readText(file: string): string {
  return readBytes(file).toString('utf8');
}

/** Bytes of a file. @throws CommandError */
export function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new CommandError(`${file} can not be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
