// JSON columns: text in both databases, parsed where a row becomes an object.
import type { JsonObject } from '@wrought/contract';

/** Parses a JSON object column. */
export function parseObject(text: string): JsonObject {
  return text === '{}' ? {} : (JSON.parse(text) as JsonObject);
}

/** Parses a JSON list column. */
export function parseList<Item>(text: string): readonly Item[] {
  return text === '[]' ? [] : (JSON.parse(text) as Item[]);
}
