// Properties that clients wrote and that mean nothing to the simulator but their value: kept by path, laid over the resource.
import { asObject, checkProperties, type Writable } from '../http/checks.ts';
import { perBmc } from '../per-bmc.ts';
import type { At, Body, Route } from '../types.ts';

const storeOf = perBmc(() => new Map<string, Body>());

function laidOver(below: Body, above: Body): Body {
  const result = { ...below };
  for (const [name, value] of Object.entries(above)) {
    const [lower, upper] = [asObject(below[name]), asObject(value)];
    result[name] = lower !== undefined && upper !== undefined ? laidOver(lower, upper) : value;
  }
  return result;
}

/** Keeps properties for the resource at a path. */
export function store({ bmc, path }: At, body: Body): void {
  const kept = Object.fromEntries(Object.entries(body).filter(([name]) => !name.startsWith('@')));
  storeOf(bmc).set(path, laidOver(storeOf(bmc).get(path) ?? {}, kept));
  bmc.tell({ what: 'message', messageId: 'ResourceEvent.1.2.ResourceChanged', path, args: [] });
}

/** A resource with what was written into it. */
export function withStored({ bmc, path }: At, body: Body): Body {
  const kept = storeOf(bmc).get(path);
  return kept === undefined ? body : laidOver(body, kept);
}

/** Forgets what was written below a path. */
export function forgetStored({ bmc }: At, path: string): void {
  for (const key of storeOf(bmc).keys()) if (key.startsWith(path)) storeOf(bmc).delete(key);
}

/** The route of a resource some of whose properties can be written and are kept. */
export function storedRoute(path: string, writable: Writable, get: (at: At) => Body): Route {
  const reader = (at: At) => withStored(at, get(at));
  return {
    path,
    get: reader,
    patch: (call) => {
      checkProperties(call.body, writable, reader(call));
      store(call, call.body);
      return undefined;
    },
  };
}
