// The capabilities of a node, kept as "key:value,key:value" in its properties; JSON objects are taken too.
import type { JsonObject } from '@wrought/contract';
import { textOf } from './references.ts';

function read(value: unknown): ReadonlyMap<string, string> {
  if (typeof value === 'object' && value !== null) {
    return new Map(Object.entries(value).map(([name, each]) => [name, textOf(each)]));
  }
  const pairs = typeof value === 'string' ? value.split(',').filter((pair) => pair.trim() !== '') : [];
  return new Map(
    pairs.map((pair) => {
      const [name = '', ...rest] = pair.split(':');
      return [name.trim(), rest.join(':').trim()];
    }),
  );
}

/** The capabilities as text with one of them set, or without it when its value is undefined. */
export function withCapability(properties: JsonObject, name: string, value: string | undefined): string {
  const capabilities = new Map(read(properties.capabilities));
  if (value === undefined) {
    capabilities.delete(name);
  } else {
    capabilities.set(name, value);
  }
  return [...capabilities].map(([key, each]) => `${key}:${each}`).join(',');
}
