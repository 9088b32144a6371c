// Paths into JSON objects as rules write them, and the reading and changing of what they lead to.
import { isDeepStrictEqual } from 'node:util';
import type { JsonObject } from '@wrought/contract';

/** A path inside something named, such as ["driver_info", "address"]. */
export type Path = readonly [string, ...string[]];

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads "/a/b", "a/b", "a.b" or a list of names; undefined when a name in it is empty. */
export function readPath(path: unknown): Path | undefined {
  const names = Array.isArray(path)
    ? path.map(String)
    : String(path).includes('/')
      ? String(path)
          .replace(/^\/+|\/+$/g, '')
          .split('/')
      : String(path).split('.');
  return names.length > 0 && names.every((name) => name !== '') ? (names as unknown as Path) : undefined;
}

/** What a name leads to inside a value: a member of an object, an item of a list, or undefined. */
export function memberOf(value: unknown, name: string): unknown {
  if (Array.isArray(value)) {
    return /^\d+$/.test(name) ? value[Number(name)] : undefined;
  }
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** Why a path can not be followed. */
export class PathProblem extends Error {}

/** Not by assignment: "__proto__" is a name like any other. */
function put(object: Record<string, unknown>, name: string, value: unknown): void {
  Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}

/** The object that holds the last name of the path; objects that are missing on the way are made. */
function parentOf(root: Record<string, unknown>, path: Path): Record<string, unknown> {
  let parent = root;
  for (const [index, name] of path.slice(0, -1).entries()) {
    const next = memberOf(parent, name);
    if (isObject(next)) {
      parent = next;
    } else if (next === undefined || next === null) {
      const made = {};
      put(parent, name, made);
      parent = made;
    } else {
      throw new PathProblem(`${path.slice(0, index + 1).join('/')} is no object, so nothing can be inside it`);
    }
  }
  return parent;
}

const lastOf = (path: Path) => path.at(-1) ?? path[0];

/** A copy of the object with the value at the path. @throws PathProblem */
export function withValue(root: JsonObject, path: Path, value: unknown): JsonObject {
  const copy = structuredClone(root) as Record<string, unknown>;
  put(parentOf(copy, path), lastOf(path), value);
  return copy;
}

/** A copy of the object with the value at the end of the list at the path, which is made when it is missing. @throws PathProblem */
export function withItem(root: JsonObject, path: Path, value: unknown, isUnique: boolean): JsonObject {
  const present = path.reduce<unknown>(memberOf, root) ?? [];
  if (!Array.isArray(present)) {
    throw new PathProblem(`${path.join('/')} is no list, so it can not be extended`);
  }
  const isThere = present.some((item) => isDeepStrictEqual(item, value));
  return withValue(root, path, isUnique && isThere ? present : [...present, value]);
}

/** A copy of the object without what is at the path; the same when there is nothing. */
export function withoutValue(root: JsonObject, path: Path): JsonObject {
  const holder = path.slice(0, -1).reduce<unknown>(memberOf, root);
  if (memberOf(holder, lastOf(path)) === undefined) {
    return root;
  }
  const copy = structuredClone(root);
  const parent = path.slice(0, -1).reduce<unknown>(memberOf, copy);
  if (Array.isArray(parent)) {
    parent.splice(Number(lastOf(path)), 1);
  } else {
    delete (parent as Record<string, unknown>)[lastOf(path)];
  }
  return copy;
}
