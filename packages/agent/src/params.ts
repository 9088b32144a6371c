// Reads command parameters, which come from the network as unknown JSON, into the types that the commands need.
import type { AgentNode, ImageInfo, JsonObject } from '@wrought/contract';
import { AgentFailure } from './errors.ts';

/** Tells a JSON object from everything else. */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(name: string, wanted: string, value: unknown): never {
  const shown = JSON.stringify(value)?.slice(0, 200) ?? 'nothing';
  throw new AgentFailure('InvalidCommandParamsError', `parameter "${name}" must be ${wanted}, but is ${shown}`);
}

/** An object parameter that must be there. */
export function requireObject(params: JsonObject, name: string): JsonObject {
  const value = params[name];
  return isJsonObject(value) ? value : refuse(name, 'an object', value);
}

/** A text parameter that must be there and not be empty. */
export function requireText(params: JsonObject, name: string): string {
  const value = params[name];
  return typeof value === 'string' && value !== '' ? value : refuse(name, 'a text', value);
}

/** A text parameter that may be absent or null. */
export function optionalText(params: JsonObject, name: string): string | null {
  const value = params[name];
  if (value === undefined || value === null) return null;
  return typeof value === 'string' ? value : refuse(name, 'a text or null', value);
}

/** A node as commands and lookups carry it; members that are missing become empty objects. */
export function toNode(value: unknown): AgentNode {
  if (!isJsonObject(value) || typeof value.uuid !== 'string') return refuse('node', 'an object with a uuid', value);
  const part = (name: string): JsonObject => (isJsonObject(value[name]) ? value[name] : {});
  return {
    ...value,
    uuid: value.uuid,
    properties: part('properties'),
    instance_info: part('instance_info'),
    driver_internal_info: part('driver_internal_info'),
  };
}

/** An image description that names at least one URL and a digest. */
export function toImageInfo(value: unknown): ImageInfo {
  if (!isJsonObject(value)) return refuse('image_info', 'an object', value);
  const { id, urls } = value;
  if (typeof id !== 'string') return refuse('image_info.id', 'a text', id);
  if (!Array.isArray(urls) || urls.length === 0 || !urls.every((url) => typeof url === 'string')) {
    return refuse('image_info.urls', 'a list of one URL or more', urls);
  }
  return { ...value, id, urls };
}

/** A flag from JSON or from text such as `true`, `1` or `yes`. */
export function isTrue(value: unknown, fallback: boolean): boolean {
  if (value === undefined || value === null || value === '') return fallback;
  return ['1', 't', 'true', 'on', 'y', 'yes'].includes(String(value).trim().toLowerCase());
}
