// The conditions and actions of inspection rules: which there are, and which arguments each takes.
import { argumentTypes } from './inspection-rule-arguments.ts';
import { findProblem, type Members, type Problem } from './resources/members.ts';
import { isJsonObject, type Reading } from './resources/value.ts';

interface Operation {
  readonly required: readonly string[];
  readonly optional?: readonly string[];
}

type Operations = Readonly<Record<string, Operation>>;

/** One condition of a rule, as stored: it has been read. */
export interface RuleCondition {
  readonly op: string;
  readonly args: RuleArguments;
  readonly loop?: RuleLoop;
  readonly multiple?: (typeof loopResults)[number];
}

/** One action of a rule, as stored: it has been read. */
export interface RuleAction {
  readonly op: string;
  readonly args: RuleArguments;
  readonly loop?: RuleLoop;
}

type RuleArguments = Readonly<Record<string, unknown>> | readonly unknown[];
export type RuleLoop = Readonly<Record<string, unknown>> | readonly unknown[];

/** What a rule can ask of a node and its inventory; "!" before the name asks for the opposite. */
const conditionOperators: Operations = {
  eq: { required: ['values'], optional: ['force_strings'] },
  lt: { required: ['values'], optional: ['force_strings'] },
  gt: { required: ['values'], optional: ['force_strings'] },
  'is-empty': { required: ['value'] },
  'is-none': { required: ['value'] },
  'is-true': { required: ['value'] },
  'is-false': { required: ['value'] },
  'in-net': { required: ['address', 'subnet'] },
  matches: { required: ['value', 'regex'] },
  contains: { required: ['value', 'regex'] },
  'one-of': { required: ['value'], optional: ['values'] },
};

/** What a rule can do to a node, its ports and what is kept of the inspection. */
const actionOperators: Operations = {
  fail: { required: ['msg'] },
  log: { required: ['msg'], optional: ['level'] },
  'set-attribute': { required: ['path', 'value'] },
  'extend-attribute': { required: ['path', 'value'], optional: ['unique'] },
  'del-attribute': { required: ['path'] },
  'set-capability': { required: ['name', 'value'] },
  'unset-capability': { required: ['name'] },
  'add-trait': { required: ['name'] },
  'remove-trait': { required: ['name'] },
  'set-plugin-data': { required: ['path', 'value'] },
  'extend-plugin-data': { required: ['path', 'value'], optional: ['unique'] },
  'unset-plugin-data': { required: ['path'] },
  'set-port-attribute': { required: ['port_id', 'path', 'value'] },
  'extend-port-attribute': { required: ['port_id', 'path', 'value'], optional: ['unique'] },
  'del-port-attribute': { required: ['port_id', 'path'] },
  'api-call': { required: ['url'], optional: ['headers', 'proxies', 'timeout', 'retries', 'backoff_factor'] },
};

/** How the results of a condition in a loop become one. */
const loopResults = ['any', 'all', 'first', 'last'] as const;

const isContainer = (value: unknown) => Array.isArray(value) || isJsonObject(value);
const container = { allowed: 'an object or a list', test: isContainer } as const;

const withoutInversion = (op: string) => op.replace(/^!\s*/, '');

/** The name of a condition's operator, and whether its opposite is asked for. */
export function readOperator(op: string): { readonly name: string; readonly isInverted: boolean } {
  return { name: withoutInversion(op), isInverted: op.startsWith('!') };
}

function operator(known: Operations, nameOf: (op: string) => string) {
  return {
    required: true,
    allowed: `one of ${Object.keys(known).join(', ')}`,
    test: (value: unknown) => typeof value === 'string' && Object.hasOwn(known, nameOf(value)),
  } as const;
}

const condition: Members = {
  op: operator(conditionOperators, withoutInversion),
  args: { ...container, required: true },
  loop: container,
  multiple: {
    allowed: `one of ${loopResults.join(', ')}`,
    test: (value) => (loopResults as readonly unknown[]).includes(value),
  },
};

const action: Members = {
  op: operator(actionOperators, (op) => op),
  args: { ...container, required: true },
  loop: container,
};

/** What is wrong with arguments, which are named, or (an older form) in their order. */
function findArgumentProblem(args: unknown, at: string, operation: Operation): Problem | undefined {
  const wrong = findNameProblem(args, at, operation);
  if (wrong !== undefined) {
    return wrong;
  }
  for (const [name, value] of Object.entries(named(args as RuleArguments, operation))) {
    const type = argumentTypes[name];
    if (type !== undefined && !type.test(value)) {
      return { ok: false, at: `${at}.${name}`, found: value, allowed: type.allowed };
    }
  }
  return undefined;
}

function named(args: RuleArguments, { required, optional = [] }: Operation): Readonly<Record<string, unknown>> {
  const names = [...required, ...optional];
  return Array.isArray(args)
    ? Object.fromEntries(args.map((value, index) => [names[index], value]))
    : (args as Readonly<Record<string, unknown>>);
}

/** The arguments of a condition or an action by their names, in whichever form the rule has them. */
export function argumentsOf({ op, args }: RuleCondition | RuleAction): Readonly<Record<string, unknown>> {
  const name = withoutInversion(op);
  const operation = conditionOperators[name] ?? actionOperators[name];
  return operation === undefined ? {} : named(args, operation);
}

function findNameProblem(args: unknown, at: string, { required, optional = [] }: Operation): Problem | undefined {
  const known = [...required, ...optional];
  const allowed = `the arguments ${required.join(', ')}${optional.length === 0 ? '' : `, optionally ${optional.join(', ')}`}`;
  if (Array.isArray(args)) {
    return args.length >= required.length && args.length <= known.length
      ? undefined
      : { ok: false, at, found: args, allowed };
  }
  const names = isJsonObject(args) ? Object.keys(args) : [];
  const isComplete = required.every((name) => names.includes(name)) && names.every((name) => known.includes(name));
  return isComplete ? undefined : { ok: false, at, found: args, allowed };
}

function read(value: readonly unknown[], members: Members, known: Operations, nameOf: (op: string) => string): Reading {
  for (const [index, item] of value.entries()) {
    const problem = findProblem(item, `[${index}]`, members);
    if (problem !== undefined) {
      return problem;
    }
    const { op, args } = item as { op: string; args: unknown };
    const operation = known[nameOf(op)];
    const wrong = operation === undefined ? undefined : findArgumentProblem(args, `[${index}].args`, operation);
    if (wrong !== undefined) {
      return wrong;
    }
  }
  return { ok: true, value };
}

/** Reads the conditions of a rule, all of which have to hold; none: always. */
export function readConditions(value: readonly unknown[]): Reading {
  return read(value, condition, conditionOperators, withoutInversion);
}

/** Reads the actions of a rule: at least one. */
export function readActions(value: readonly unknown[]): Reading {
  return value.length === 0 ? { ok: false } : read(value, action, actionOperators, (op) => op);
}
