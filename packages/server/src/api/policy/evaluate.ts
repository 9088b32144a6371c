// Asks a parsed check of a caller and a target, and can tell which parts of it held.
import type { Caller } from './caller.ts';
import type { Check } from './language.ts';

/** Attributes of what is acted on, such as `{'node.owner': ...}`. */
export type Target = Readonly<Record<string, string | null>>;

/** Rules by name. */
export type Rules = ReadonlyMap<string, Check>;

interface Question {
  readonly rules: Rules;
  readonly caller: Caller;
  readonly target: Target;
}

/** Rules that refer to each other in a circle never hold. */
const DEEPEST_REFERENCE = 50;

/** Whether the check holds. */
export function holds(check: Check, question: Question, depth = 0): boolean {
  switch (check.kind) {
    case 'always':
      return true;
    case 'never':
      return false;
    case 'not':
      return !holds(check.of, question, depth);
    case 'and':
      return check.of.every((part) => holds(part, question, depth));
    case 'or':
      return check.of.some((part) => holds(part, question, depth));
    case 'role':
      return hasRole(question.caller, fill(check.name, question.target));
    case 'rule': {
      const rule = question.rules.get(check.name) ?? question.rules.get('default');
      return rule !== undefined && depth < DEEPEST_REFERENCE && holds(rule, question, depth + 1);
    }
    case 'equal':
      return equals(check.left, check.right, question);
  }
}

function hasRole({ roles }: Caller, name: string | undefined): boolean {
  return name !== undefined && roles.some((role) => role.toLowerCase() === name.toLowerCase());
}

const PLACEHOLDER = /%\(([^)]*)\)s/g;

/** The text with attributes of the target in it; undefined when one of them is absent: nothing equals what is not there. */
function fill(text: string, target: Target): string | undefined {
  let isComplete = true;
  const filled = text.replace(PLACEHOLDER, (_, name: string) => {
    const value = target[name];
    isComplete &&= value !== undefined && value !== null;
    return value ?? '';
  });
  return isComplete ? filled : undefined;
}

function equals(left: string, right: string, { caller, target }: Question): boolean {
  const wanted = fill(right, target);
  if (wanted === undefined) {
    return false;
  }
  const literal = /^'(.*)'$|^"(.*)"$/.exec(left);
  if (literal !== null) {
    return (literal[1] ?? literal[2]) === wanted;
  }
  if (/^(True|False|None|-?\d+)$/.test(left)) {
    return left === wanted;
  }
  const value = Object.hasOwn(caller, left) ? caller[left as keyof Caller] : undefined;
  if (value === undefined) {
    return false;
  }
  return Array.isArray(value) ? value.includes(wanted) : pythonText(value as string | boolean | null) === wanted;
}

/** How the check language spells values that are no text. */
function pythonText(value: string | boolean | null): string {
  return value === null ? 'None' : value === true ? 'True' : value === false ? 'False' : value;
}

/** One line of an explanation. */
export interface Explained {
  readonly depth: number;
  readonly text: string;
  readonly holds: boolean;
}

/** The parts of a check, each with whether it held, outermost first. */
export function explain(check: Check, question: Question, depth = 0): readonly Explained[] {
  const line = (text: string): Explained => ({ depth, text, holds: holds(check, question, depth) });
  switch (check.kind) {
    case 'always':
      return [line('always')];
    case 'never':
      return [line('never')];
    case 'not':
      return [line('not'), ...explain(check.of, question, depth + 1)];
    case 'and':
    case 'or':
      return [
        line(check.kind === 'and' ? 'all of' : 'any of'),
        ...check.of.flatMap((part) => explain(part, question, depth + 1)),
      ];
    case 'role':
      return [line(`role:${check.name}`)];
    case 'rule': {
      const rule = question.rules.get(check.name) ?? question.rules.get('default');
      const inside = rule === undefined || depth >= DEEPEST_REFERENCE ? [] : explain(rule, question, depth + 1);
      return [line(`rule:${check.name}${rule === undefined ? ' (no such rule)' : ''}`), ...inside];
    }
    case 'equal':
      return [line(`${check.left}:${check.right}`)];
  }
}
