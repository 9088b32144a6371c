// What rules change, kept beside the stored node until all of them have run: fields, ports, plugin data, and calls to make.
import {
  isSecretKey,
  type JsonObject,
  type Node,
  nodeResource,
  type Port,
  portResource,
  type Resource,
} from '@wrought/contract';
import { memberOf, type Path, PathProblem, withItem, withoutValue, withValue } from './paths.ts';

/** A request that a rule wants to be made. */
export interface ApiCall {
  readonly rule: string;
  readonly sensitive: boolean;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly proxies: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly retries: number;
  readonly backoffFactorSeconds: number;
}

/** Something with fields that rules may change. */
export interface Target {
  /** As it stands in texts: "node" or "port 1be2...". */
  readonly title: string;
  readonly resource: Resource;
  /** Fields that PATCH takes and rules may not. */
  readonly kept: ReadonlySet<string>;
  document: JsonObject;
  /** The fields that were changed, each with the title of the rule that did it last. */
  readonly changed: Map<string, string>;
}

export interface Draft {
  readonly node: Target;
  readonly ports: readonly { readonly port: Port; readonly target: Target }[];
  readonly inventory: JsonObject;
  pluginData: JsonObject;
  isPluginDataChanged: boolean;
  readonly calls: ApiCall[];
}

/** Why a change can not be made, and what is allowed. */
export class ChangeProblem extends Error {}

/** Begins with everything as it is stored. */
export function beginDraft(given: {
  readonly node: Node;
  readonly ports: readonly Port[];
  readonly inventory: JsonObject;
  readonly pluginData: JsonObject;
}): Draft {
  return {
    node: {
      title: 'node',
      resource: nodeResource,
      kept: new Set(),
      document: { ...given.node } as unknown as JsonObject,
      changed: new Map(),
    },
    ports: given.ports.map((port) => ({
      port,
      target: {
        title: `port ${port.uuid}`,
        resource: portResource,
        // A card stays in the machine in which it was found.
        kept: new Set(['node_uuid']),
        document: { ...port } as unknown as JsonObject,
        changed: new Map(),
      },
    })),
    inventory: given.inventory,
    pluginData: given.pluginData,
    isPluginDataChanged: false,
    calls: [],
  };
}

/** What is to become of the value at a path. */
export type Change =
  | { readonly kind: 'set'; readonly value: unknown }
  | { readonly kind: 'extend'; readonly value: unknown; readonly isUnique: boolean }
  | { readonly kind: 'remove' };

/** The object with a change at the path. @throws ChangeProblem */
export function changed(root: JsonObject, path: Path, change: Change): JsonObject {
  try {
    switch (change.kind) {
      case 'set':
        return withValue(root, path, change.value);
      case 'extend':
        return withItem(root, path, change.value, change.isUnique);
      case 'remove':
        return withoutValue(root, path);
    }
  } catch (error) {
    throw error instanceof PathProblem ? new ChangeProblem(error.message) : error;
  }
}

const SHOWN_VALUE_CHARACTERS = 80;

/** A value in a text; one that may be secret is not shown. */
function shown(value: unknown, path: Path): string {
  if (path.some(isSecretKey)) {
    return '(which is secret)';
  }
  const json = JSON.stringify(value) ?? 'nothing';
  return json.length > SHOWN_VALUE_CHARACTERS ? `${json.slice(0, SHOWN_VALUE_CHARACTERS)}...` : json;
}

/** Changes a field, or something inside one, if PATCH would take the value. @throws ChangeProblem */
export function changeField(target: Target, path: Path, change: Change, rule: string): void {
  const [name, ...inside] = path;
  const { fields } = target.resource;
  const allowed = (each: string) => fields[each]?.patch === true && !target.kept.has(each);
  const field = fields[name];
  if (field === undefined || !allowed(name)) {
    const names = Object.keys(fields).filter(allowed);
    throw new ChangeProblem(
      `the field "${name}" of a ${target.resource.name} can not be changed; allowed: ${names.join(', ')}`,
    );
  }
  let value: unknown;
  if (inside.length === 0 && change.kind === 'remove') {
    if (field.required) {
      throw new ChangeProblem(`the field ${name} is required and can not be removed`);
    }
    value = null;
  } else {
    value = memberOf(changed({ [name]: target.document[name] }, path, change), name);
  }
  const reading = field.type.read(value);
  if (!reading.ok) {
    const found = 'found' in reading ? reading.found : value;
    throw new ChangeProblem(
      `the field ${name}${reading.at ?? ''} would have the invalid value ${shown(found, path)}; allowed: ${reading.allowed ?? field.type.allowed}`,
    );
  }
  target.document = { ...target.document, [name]: reading.value };
  target.changed.set(name, rule);
}

/** The fields that were changed, as they are now. */
export function changesOf({ document, changed: names }: Target): JsonObject {
  return Object.fromEntries([...names.keys()].map((name) => [name, document[name]]));
}
