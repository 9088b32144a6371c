// Reads the file that says what traits of an instance do with its VIFs (conductor.trait_based_networking_config_file).
import { readFile } from 'node:fs/promises';
import { isJsonObject, type JsonObject } from '@wrought/contract';
import { type Filter, FilterProblem, parseFilter } from './filter.ts';

const ACTIONS = ['attach_port', 'attach_portgroup', 'bond_ports', 'group_and_attach_ports'] as const;
export type ActionName = (typeof ACTIONS)[number];

/** Those that make a port group, of two ports at least. */
export const groupingActions: ReadonlySet<ActionName> = new Set(['bond_ports', 'group_and_attach_ports']);
const SMALLEST_GROUP = 2;

/** Used for instances none of whose traits is in the file. */
export const DEFAULT_TRAIT = 'CUSTOM_DEFAULT_TBN_TRAIT';
const DEFAULT_ORDER = 1;

export interface TraitAction {
  readonly action: ActionName;
  readonly filter: Filter;
  /** So many ports or port groups must pass the filter. */
  readonly minimum: number;
  /** So many of them are taken at most; null: all. */
  readonly maximum: number | null;
}

export interface NetworkTrait {
  readonly name: string;
  /** Traits with lower numbers go first; of equal ones those with the lower name. */
  readonly order: number;
  readonly actions: readonly TraitAction[];
}

/** The file can not be used; the message says where and why. */
export class TraitFileProblem extends Error {}

function checkMembers(value: JsonObject, allowed: readonly string[], where: string): void {
  const unknown = Object.keys(value).find((name) => !allowed.includes(name));
  if (unknown !== undefined) {
    throw new TraitFileProblem(`${where} has the member "${unknown}"; allowed: ${allowed.join(', ')}`);
  }
}

function readCount(value: unknown, where: string): number | null {
  if (value === undefined || value === null) {
    return null;
  }
  if (!Number.isInteger(value) || (value as number) < 1) {
    throw new TraitFileProblem(`${where} is ${JSON.stringify(value)}; allowed: a whole number, 1 or more`);
  }
  return value as number;
}

function readFilter(value: unknown, where: string): Filter {
  if (typeof value !== 'string') {
    throw new TraitFileProblem(`${where} is ${JSON.stringify(value) ?? 'missing'}; allowed: an expression as text`);
  }
  try {
    return parseFilter(value);
  } catch (error) {
    if (error instanceof FilterProblem) {
      throw new TraitFileProblem(`${where} can not be read, ${error.message}: ${value}`);
    }
    throw error;
  }
}

function readAction(value: unknown, where: string): TraitAction {
  if (!isJsonObject(value)) {
    throw new TraitFileProblem(`${where} is no mapping with action and filter`);
  }
  checkMembers(value, ['action', 'filter', 'min_count', 'max_count'], where);
  const action = ACTIONS.find((name) => name === value.action);
  if (action === undefined) {
    throw new TraitFileProblem(
      `${where}.action is ${JSON.stringify(value.action) ?? 'missing'}; allowed: ${ACTIONS.join(', ')}`,
    );
  }
  const filter = readFilter(value.filter, `${where}.filter`);
  const least = readCount(value.min_count, `${where}.min_count`);
  const maximum = readCount(value.max_count, `${where}.max_count`);
  if (groupingActions.has(action) && (least === null || least < SMALLEST_GROUP)) {
    throw new TraitFileProblem(`${where} is ${action}, which needs min_count, ${SMALLEST_GROUP} or more`);
  }
  const minimum = least ?? 1;
  if (maximum !== null && maximum < minimum) {
    throw new TraitFileProblem(`${where}.max_count is ${maximum}, less than min_count (${minimum})`);
  }
  return { action, filter, minimum, maximum };
}

function readTrait(name: string, value: unknown): NetworkTrait {
  if (!name.startsWith('CUSTOM_')) {
    throw new TraitFileProblem(`the trait "${name}" has no name that begins with "CUSTOM_"`);
  }
  if (!isJsonObject(value)) {
    throw new TraitFileProblem(`the trait ${name} is no mapping with actions`);
  }
  checkMembers(value, ['order', 'actions'], `the trait ${name}`);
  const { order = DEFAULT_ORDER, actions } = value;
  if (!Number.isInteger(order)) {
    throw new TraitFileProblem(`${name}.order is ${JSON.stringify(order)}; allowed: a whole number`);
  }
  if (!Array.isArray(actions) || actions.length === 0) {
    throw new TraitFileProblem(`${name}.actions is no list with an action`);
  }
  return {
    name,
    order: order as number,
    actions: actions.map((action, index) => readAction(action, `${name}.actions[${index}]`)),
  };
}

/** Reads the text of the file (YAML): traits in the order in which they are tried. @throws TraitFileProblem */
export async function parseTraits(text: string): Promise<readonly NetworkTrait[]> {
  const { parse } = await import('yaml');
  let content: unknown;
  try {
    content = parse(text);
  } catch (error) {
    throw new TraitFileProblem(`it is no YAML: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (content === null) {
    return [];
  }
  if (!isJsonObject(content)) {
    throw new TraitFileProblem('it is no mapping of traits');
  }
  return Object.entries(content)
    .map(([name, value]) => readTrait(name, value))
    .sort((a, b) => a.order - b.order || (a.name < b.name ? -1 : 1));
}

/** Reads the file; null: there is none, so no traits. @throws TraitFileProblem, which names the file */
export async function readTraits(path: string | null): Promise<readonly NetworkTrait[]> {
  if (path === null) {
    return [];
  }
  try {
    return await parseTraits(await readFile(path, 'utf8'));
  } catch (error) {
    if (error instanceof TraitFileProblem || (error instanceof Error && 'code' in error)) {
      throw new TraitFileProblem(
        `The file ${path} of conductor.trait_based_networking_config_file can not be used: ${error.message}.`,
      );
    }
    throw error;
  }
}
