// Shows what the IPMI library returns in the manner of the server: names in snake case, flags as a list of those that are set.
import type { Context } from '../context.ts';
import type { Resource } from '../output.ts';

function fieldName(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll(' ', '_')
    .toLowerCase();
}

/** Bytes become hexadecimal digits, dates text, groups of flags the names of those that are set. */
function toJson(value: unknown): unknown {
  if (value === undefined) return null;
  if (value instanceof Date) return value.toISOString().replace('.000Z', 'Z');
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  if (entries.length > 0 && entries.every(([, each]) => typeof each === 'boolean')) {
    return entries.filter(([, isSet]) => isSet).map(([name]) => fieldName(name));
  }
  return toFields(value);
}

/** Of the object itself flags stay flags. */
function toFields(value: object): Resource {
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [fieldName(name), toJson(each)]));
}

/** Fields of fields as "outer.inner", lists in one line. */
function flat(fields: Resource): Resource {
  const entries = Object.entries(fields).flatMap(([name, value]): [string, unknown][] => {
    if (Array.isArray(value)) return [[name, inOneLine(value)]];
    if (typeof value !== 'object' || value === null) return [[name, value]];
    return Object.entries(flat(value as Resource)).map(([inner, each]) => [`${name}.${inner}`, each]);
  });
  return Object.fromEntries(entries);
}

function inOneLine(items: readonly unknown[]): string {
  return items.map((item) => (typeof item === 'object' ? JSON.stringify(item) : String(item))).join(', ') || '-';
}

const isJson = (context: Context) => context.options().format === 'json';

/** Shows one thing field by field. */
export function showFields(context: Context, value: object): void {
  const fields = toFields(value);
  context.showOne(isJson(context) ? fields : flat(fields));
}

/** Shows things as a table of some of their fields, or whole as JSON. */
export function showTable(context: Context, items: readonly object[], columns: readonly string[]): void {
  const rows = items.map(toFields);
  context.showList(isJson(context) ? rows : rows.map(flat), columns);
}
