// Loads the rules of an inspection: those of the database, then the built-in ones of a file.
import { readFile } from 'node:fs/promises';
import {
  inspectionRuleDefaults,
  inspectionRuleResource,
  isJsonObject,
  type RuleAction,
  type RuleCondition,
} from '@wrought/contract';
import { inspectionRuleTable } from '../../store/inspection-rules.ts';
import { equals, valuesOf } from '../../store/plain-table.ts';
import type { Database } from '../../store/store.ts';
import { checkRegexes } from './regular-expression.ts';
import { type Rule, ruleTitle } from './rule.ts';

/** The phase in which rules run: after all hooks. */
const PHASE = 'main';

/** The fields of a rule in the file, besides its name. */
const builtInFields = ['description', 'priority', 'phase', 'sensitive', 'conditions', 'actions'] as const;

/** What is wrong with the file of built-in rules; the message names it. */
export class BuiltInRulesError extends Error {}

function ruleOf(title: string, values: Readonly<Record<string, unknown>>): Rule {
  return {
    title,
    priority: values.priority as number,
    sensitive: values.sensitive === true,
    conditions: values.conditions as readonly RuleCondition[],
    actions: values.actions as readonly RuleAction[],
  };
}

async function readBuiltInRule(item: unknown, index: number): Promise<Rule> {
  if (!isJsonObject(item)) {
    throw new BuiltInRulesError(`rule ${index + 1} is no mapping with actions`);
  }
  const { uuid = `${index + 1} of the built-in ones`, ...given } = item;
  const unknown = Object.keys(given).find((name) => !(builtInFields as readonly string[]).includes(name));
  if (unknown !== undefined) {
    throw new BuiltInRulesError(
      `rule ${index + 1} has the member "${unknown}"; allowed: uuid, ${builtInFields.join(', ')}`,
    );
  }
  const values: Record<string, unknown> = { ...inspectionRuleDefaults };
  for (const name of builtInFields) {
    const { type, required } = inspectionRuleResource.fields[name];
    const value = given[name];
    if (value === undefined && required) {
      throw new BuiltInRulesError(`rule ${index + 1} has no ${name}`);
    }
    const reading =
      value === undefined || value === null ? { ok: true as const, value: values[name] } : type.read(value);
    if (!reading.ok) {
      const found = JSON.stringify('found' in reading ? reading.found : value);
      throw new BuiltInRulesError(
        `rule ${index + 1} has in ${name}${reading.at ?? ''} the invalid value ${found}; allowed: ${reading.allowed ?? type.allowed}`,
      );
    }
    values[name] = reading.value;
  }
  await checkRegexes(values.conditions);
  return ruleOf(ruleTitle(String(uuid), values.description), values);
}

async function readList(text: string): Promise<readonly unknown[]> {
  const { parse } = await import('yaml');
  const list: unknown = parse(text);
  if (list === null) {
    return [];
  }
  if (!Array.isArray(list)) {
    throw new BuiltInRulesError('it is no list of rules');
  }
  return list;
}

/**
 * Reads the file of built-in rules; null: there is none.
 * @throws BuiltInRulesError naming the file, the rule and what is wrong
 */
export async function readBuiltInRules(path: string | null): Promise<readonly Rule[]> {
  if (path === null) {
    return [];
  }
  try {
    return await Promise.all((await readList(await readFile(path, 'utf8'))).map(readBuiltInRule));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new BuiltInRulesError(
      `The built-in inspection rules in ${path} (inspection_rules.built_in_rules) can not be used: ${reason}.`,
    );
  }
}

/** All rules that run, in no order of priority yet. @throws BuiltInRulesError */
export async function loadRules(db: Database, builtInRules: string | null): Promise<readonly Rule[]> {
  const rows = await inspectionRuleTable.all(db, equals('inspection_rules.phase', PHASE));
  const stored = rows.map((row) => ruleOf(ruleTitle(row.uuid, row.description), valuesOf(inspectionRuleResource, row)));
  return [...stored, ...(await readBuiltInRules(builtInRules))];
}
