// Reads FIELD=VALUE arguments: into the body of a create request, or into a JSON patch.
import { InvalidArgumentError } from 'commander';

/** One FIELD=VALUE: the path to the field, and its value. */
export interface Assignment {
  readonly path: readonly string[];
  readonly value: unknown;
}

export interface PatchOperation {
  readonly op: 'add' | 'remove';
  readonly path: string;
  readonly value?: unknown;
}

export const assignmentHelp =
  'FIELD=TEXT, or FIELD:=JSON for numbers, lists and objects; driver_info.ipmi_address=192.0.2.1 sets a key inside a field';

/**
 * Reads `field=text`, `field.key=text` and `field:=JSON`. Inside a field nothing but the first dot divides, because
 * keys hold dots themselves. Text "true" and "false" of a field itself is a boolean; keys inside fields stay text.
 * @throws InvalidArgumentError
 */
export function parseAssignment(argument: string): Assignment {
  const parts = /^([^=:]+?)(:?)=(.*)$/s.exec(argument);
  if (parts === null) {
    throw new InvalidArgumentError(`"${argument}" is not FIELD=VALUE`);
  }
  const [, name = '', colon, text = ''] = parts;
  const path = splitPath(name);
  if (colon === ':') {
    try {
      return { path, value: JSON.parse(text) };
    } catch {
      throw new InvalidArgumentError(`the value of ${name} is not JSON: ${text}`);
    }
  }
  return { path, value: path.length === 1 && /^(true|false)$/.test(text) ? text === 'true' : text };
}

/** "driver_info.ipmi_address" -> ["driver_info", "ipmi_address"]. */
export function splitPath(name: string): string[] {
  const dot = name.indexOf('.');
  return dot === -1 ? [name] : [name.slice(0, dot), name.slice(dot + 1)];
}

/** The body of a create request. Later assignments win. */
export function toBody(assignments: readonly Assignment[]): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const { path, value } of assignments) {
    const [field = '', key] = path;
    if (key === undefined) {
      body[field] = value;
    } else {
      const inner = body[field];
      body[field] = { ...(typeof inner === 'object' ? inner : {}), [key]: value };
    }
  }
  return body;
}

/** A JSON patch that sets; "add" replaces what is there. */
export function toPatch(assignments: readonly Assignment[]): PatchOperation[] {
  return assignments.map(({ path, value }) => ({ op: 'add', path: toPointer(path), value }));
}

/** A JSON patch that removes these fields or keys. */
export function toRemovals(names: readonly string[]): PatchOperation[] {
  return names.map((name) => ({ op: 'remove', path: toPointer(splitPath(name)) }));
}

/** JSON Pointer (RFC 6901). */
function toPointer(path: readonly string[]): string {
  return path.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
