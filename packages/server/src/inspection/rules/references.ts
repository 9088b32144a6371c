// Fills the references in the texts of a rule in: {node.driver}, {inventory[cpu][count]}, {plugin_data[x]}, {item}.
import { SECRET_MASK } from '@wrought/contract';
import { memberOf } from './paths.ts';
import type { View } from './rule.ts';

/** A name of what rules see, then members in brackets or after dots. Every other brace is text: of a regular expression, say. */
const REFERENCE = /\{(node|inventory|plugin_data|item)((?:\.[A-Za-z_][\w-]*|\[[^\][{}]+\])*)\}/g;
const MEMBER = /\.([^.[]+)|\[([^\]]+)\]/g;

/** How a rule takes references that can not be used. */
export interface ReferenceRules {
  /** What stands in the place of a reference that leads to nothing. Throws where that must not be. */
  readonly missing: (reference: string) => string;
  /** The same for one whose value is secret and hidden from the rule. */
  readonly masked: (reference: string) => string;
}

/** A value as text, written as rules have always compared it: None, True, False; objects and lists are JSON. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) {
    return 'None';
  }
  if (typeof value === 'boolean') {
    return value ? 'True' : 'False';
  }
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function lookUp(view: View, name: string, members: string): unknown {
  const names = [...members.matchAll(MEMBER)].map(([, afterDot, inBrackets]) => afterDot ?? inBrackets ?? '');
  return names.reduce<unknown>(memberOf, view[name as keyof View]);
}

function fillText(text: string, view: View, rules: ReferenceRules): string {
  return text.replace(REFERENCE, (reference, name: string, members: string) => {
    if (name === 'item' && !('item' in view)) {
      return reference;
    }
    const value = lookUp(view, name, members);
    if (value === undefined) {
      return rules.missing(reference);
    }
    return value === SECRET_MASK ? rules.masked(reference) : textOf(value);
  });
}

/** The value with every reference in its texts filled in, at any depth, in keys as well. */
export function fillIn(value: unknown, view: View, rules: ReferenceRules): unknown {
  if (typeof value === 'string') {
    return fillText(value, view, rules);
  }
  if (Array.isArray(value)) {
    return value.map((item) => fillIn(item, view, rules));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [fillText(key, view, rules), fillIn(member, view, rules)]),
    );
  }
  return value;
}

/** What a loop goes through, one view an item, with the references inside the items filled in. Without a loop: the view itself. */
export function viewsOfLoop(loop: unknown, view: View, rules: ReferenceRules): readonly View[] {
  if (Array.isArray(loop) && loop.length > 0) {
    return loop.map((item) => ({ ...view, item: fillIn(item, view, rules) }));
  }
  const isObject = typeof loop === 'object' && loop !== null && !Array.isArray(loop) && Object.keys(loop).length > 0;
  return isObject ? [{ ...view, item: fillIn(loop, view, rules) }] : [view];
}
