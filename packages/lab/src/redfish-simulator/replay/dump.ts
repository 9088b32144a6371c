// A captured service: one JSON object with the body of each resource by its path, as it was read.
import { readFileSync } from 'node:fs';
import { asObject } from '../http/checks.ts';
import type { Body } from '../types.ts';

/** Bodies of resources by their paths, which have no slash at the end. */
export type Dump = ReadonlyMap<string, Body>;

const root = '/redfish/v1';

/** Reads a dump. Throws an Error that says what is wrong with it. */
export function parseDump(text: string): Dump {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new Error(`the dump is no JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const bodies = asObject(parsed);
  if (bodies === undefined) throw new Error('the dump is no JSON object of resources by their paths');
  const dump = new Map<string, Body>();
  for (const [path, value] of Object.entries(bodies)) {
    const body = asObject(value);
    if (!path.startsWith('/')) throw new Error(`"${path}" in the dump is no path`);
    if (body === undefined) throw new Error(`what the dump has at ${path} is no JSON object`);
    dump.set(path.replace(/\/+$/, ''), body);
  }
  if (!dump.has(root)) throw new Error(`the dump lacks the service root, ${root}`);
  return dump;
}

/** Reads a dump from a file. Throws an Error that says what is wrong with it. */
export const readDump = (file: string): Dump => parseDump(readFileSync(file, 'utf8'));
