// Reads a configuration drive as provision requests carry it: a URL, base64 text, or an object the service builds one from.
import { isJsonObject, type Reading } from './value.ts';

/** Version that brought the object form, and the one that brought `vendor_data` in it. */
export const CONFIGDRIVE_OBJECT_SINCE = 56;
export const CONFIGDRIVE_VENDOR_DATA_SINCE = 59;
/** Version from which rebuild takes a configuration drive. */
export const CONFIGDRIVE_REBUILD_SINCE = 35;

const BASE64 = /^[A-Za-z0-9+/\s]+={0,2}\s*$/;

const MEMBERS: Readonly<Record<string, (value: unknown) => boolean>> = {
  meta_data: isJsonObject,
  network_data: isJsonObject,
  user_data: (value) => value === null || typeof value === 'string' || typeof value === 'object',
  vendor_data: isJsonObject,
};

/** Accepts text with `://`, base64 text, the JSON text of an object, or the object itself. */
export function readConfigdrive(value: unknown): Reading {
  if (typeof value === 'string') {
    const usable = value.includes('://') || BASE64.test(value);
    return usable ? { ok: true, value } : { ok: false, found: `${value.slice(0, 40)}` };
  }
  if (!isJsonObject(value)) {
    return { ok: false };
  }
  for (const [key, member] of Object.entries(value)) {
    const test = MEMBERS[key];
    if (test === undefined) {
      const allowed = `only the keys ${Object.keys(MEMBERS).join(', ')}`;
      return { ok: false, at: `.${key}`, found: member, allowed };
    }
    if (!test(member)) {
      const allowed = key === 'user_data' ? 'an object, a list, text or null' : 'an object';
      return { ok: false, at: `.${key}`, found: member, allowed };
    }
  }
  return { ok: true, value };
}
