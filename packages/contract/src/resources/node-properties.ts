// Reads a node's `properties`: free but for the three sizes that schedulers count with.
import type { Reading } from './value.ts';

const sizes = ['cpus', 'local_gb', 'memory_mb'] as const;

function isSize(value: unknown): boolean {
  return (
    value === null ||
    (typeof value === 'number' && Number.isInteger(value) && value >= 0) ||
    (typeof value === 'string' && /^\d+$/.test(value))
  );
}

/** Accepts the object when its sizes are integers from 0 up, as numbers or as digits. */
export function readNodeProperties(value: Record<string, unknown>): Reading {
  for (const key of sizes) {
    if (key in value && !isSize(value[key])) {
      return { ok: false, at: `.${key}`, found: value[key], allowed: 'an integer from 0 up' };
    }
  }
  return { ok: true, value };
}
