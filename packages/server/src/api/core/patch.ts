// JSON patch as the Bare Metal API understands it: three operations, plain paths, and roots that are fields of a resource.
import { isJsonObject, patchableFields, type Resource, registeredError } from '@wrought/contract';
import { tooNew } from './fields.ts';
import { readValue, shownValue } from './read-body.ts';

const OPERATIONS = ['add', 'replace', 'remove'] as const;

export interface Operation {
  readonly op: (typeof OPERATIONS)[number];
  /** The field, then the way inside it. */
  readonly path: readonly [string, ...string[]];
  readonly value?: unknown;
}

/** How a resource departs from the plain rules. */
interface PatchRules {
  /** Fields that add and replace may not set to null, empty text or an empty object; only remove clears them. */
  readonly nullRefused?: readonly string[];
  /** Fields whose version is checked; all when absent. */
  readonly versionChecked?: readonly string[];
}

const PATH = /^(\/[\w-]+)+$/;

function patchError(patch: unknown, reason: string) {
  return registeredError('PatchError', { patch: shownValue(patch), reason });
}

/**
 * Reads the body of a PATCH request: its form, and for each operation whether clients of this version may write the field.
 * @throws RegisteredError 400 and 406
 */
export function readPatch(of: Resource, body: unknown, minor: number, rules: PatchRules = {}): readonly Operation[] {
  if (!Array.isArray(body)) {
    throw registeredError('Invalid', {
      reason: `A patch is a list of operations {op, path, value}, not ${shownValue(body)}.`,
    });
  }
  const operations = body.map(readOperation);
  for (const operation of operations) {
    checkRoot(of, operation, minor, rules);
  }
  return operations;
}

function readOperation(item: unknown): Operation {
  if (!isJsonObject(item)) {
    throw patchError(item, 'an operation is an object with op, path and value.');
  }
  const unknown = Object.keys(item).find((key) => !['op', 'path', 'value'].includes(key));
  if (unknown !== undefined) {
    throw patchError(item, `it has the member "${unknown}"; allowed: op, path, value.`);
  }
  const op = OPERATIONS.find((known) => known === item.op);
  if (op === undefined) {
    throw patchError(item, `its op is ${shownValue(item.op)}; allowed: ${OPERATIONS.join(', ')}.`);
  }
  if (typeof item.path !== 'string' || !PATH.test(item.path)) {
    const allowed = 'names of A-Z a-z 0-9 _ -, each after a slash, such as /extra/key';
    throw patchError(item, `its path is ${shownValue(item.path)}; allowed: ${allowed}.`);
  }
  if (op !== 'remove' && item.value === undefined) {
    throw patchError(item, `the operation "${op}" needs a value.`);
  }
  const path = item.path.slice(1).split('/') as [string, ...string[]];
  return op === 'remove' ? { op, path } : { op, path, value: item.value };
}

function checkRoot(of: Resource, { op, path }: Operation, minor: number, rules: PatchRules): void {
  const [name] = path;
  const field = of.fields[name];
  if (field?.patch !== true) {
    throw registeredError('Invalid', {
      reason: `The field "/${name}" of a ${of.name} can not be patched; allowed: ${patchableFields(of).join(', ')}.`,
    });
  }
  const checked = rules.versionChecked === undefined || rules.versionChecked.includes(name);
  if (op !== 'remove' && checked && field.since > minor) {
    throw tooNew(`The field "${name}"`, field.since, minor);
  }
}

function isEmpty(value: unknown): boolean {
  return value === null || value === '' || (isJsonObject(value) && Object.keys(value).length === 0);
}

/**
 * The values that the operations leave in the fields they touch, read like those of a create request. What was removed is null
 * (an object {}). `present` is the object with its fields as clients name them; it is not changed.
 * @throws RegisteredError 400
 */
export function applyPatch(
  of: Resource,
  present: Readonly<Record<string, unknown>>,
  operations: readonly Operation[],
  rules: PatchRules = {},
): Record<string, unknown> {
  const document: Record<string, unknown> = {};
  const removed = new Set<string>();
  for (const operation of operations) {
    const { op, path, value } = operation;
    const [name, ...inside] = path;
    if (inside.length > 0) {
      // Copied once: the values inside are changed in place.
      document[name] ??= structuredClone(present[name]);
      applyInside(document[name], inside, operation);
      removed.delete(name);
    } else if (op === 'remove') {
      document[name] = null;
      removed.add(name);
    } else {
      if (rules.nullRefused?.includes(name) && isEmpty(value)) {
        throw patchError(
          operation,
          `${name} can not be set to ${shownValue(value)}; the operation "remove" clears it.`,
        );
      }
      document[name] = structuredClone(value);
      removed.delete(name);
    }
  }
  const values: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(document)) {
    const field = of.fields[name];
    if (field === undefined) {
      continue;
    }
    if (removed.has(name) && field.required) {
      throw registeredError('Invalid', {
        reason: `The field ${name} of a ${of.name} is required and can not be removed.`,
      });
    }
    values[name] = readValue(name, field.type, value);
  }
  return values;
}

/** Applies one operation inside the value of a field. */
function applyInside(root: unknown, way: readonly string[], operation: Operation): void {
  let parent = root;
  for (const name of way.slice(0, -1)) {
    parent = memberOf(parent, name, operation);
  }
  const last = way.at(-1) ?? '';
  if (Array.isArray(parent)) {
    applyToList(parent, last, operation);
  } else if (isJsonObject(parent)) {
    applyToObject(parent, last, operation);
  } else {
    throw patchError(operation, `there is nothing at the path before "${last}" that has members.`);
  }
}

function memberOf(parent: unknown, name: string, operation: Operation): unknown {
  const found = Array.isArray(parent)
    ? parent[indexIn(parent, name, parent.length - 1, operation)]
    : isJsonObject(parent) && Object.hasOwn(parent, name)
      ? parent[name]
      : undefined;
  if (found === undefined) {
    throw patchError(operation, `there is no member "${name}".`);
  }
  return found;
}

function indexIn(list: readonly unknown[], name: string, maximum: number, operation: Operation): number {
  const index = /^(0|[1-9]\d*)$/.test(name) ? Number(name) : -1;
  if (index < 0 || index > maximum) {
    throw patchError(operation, `"${name}" is no index of a list of ${list.length}.`);
  }
  return index;
}

function applyToList(list: unknown[], name: string, operation: Operation): void {
  switch (operation.op) {
    case 'add':
      list.splice(name === '-' ? list.length : indexIn(list, name, list.length, operation), 0, operation.value);
      return;
    case 'replace':
      list[indexIn(list, name, list.length - 1, operation)] = operation.value;
      return;
    case 'remove':
      list.splice(indexIn(list, name, list.length - 1, operation), 1);
  }
}

function applyToObject(object: Record<string, unknown>, name: string, operation: Operation): void {
  if (operation.op !== 'add' && !Object.hasOwn(object, name)) {
    throw patchError(operation, `there is no member "${name}".`);
  }
  if (operation.op === 'remove') {
    delete object[name];
    return;
  }
  // Not by assignment: "__proto__" is a name like any other.
  Object.defineProperty(object, name, {
    value: operation.value,
    writable: true,
    enumerable: true,
    configurable: true,
  });
}
