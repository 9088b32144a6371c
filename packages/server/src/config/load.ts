// Builds the configuration of a process from defaults, a TOML file and --set, and collects everything that is wrong.
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import { parse, TomlError } from 'smol-toml';
import { defaultDataDirectory } from './data-directory.ts';
import { findKeyLines, type KeyLines, keyPath } from './key-lines.ts';
import { ConfigError, type ConfigProblem } from './problem.ts';
import { checkRules } from './rules.ts';
import { type ConfigValues, eachOption, findOption, findSection, sections } from './sections.ts';
import { nearestName } from './suggest.ts';
import { defaultValue, parseSetText, readValue, type ValueContext } from './value.ts';

/** What `wrought serve` was given; kept so that SIGHUP can read the same sources again. */
export interface LoadOptions {
  /** TOML file (--config). */
  readonly file?: string;
  /** "section.key=value" each (--set); later ones win. */
  readonly set?: readonly string[];
  /** --data-dir; default: `defaultDataDirectory()`. */
  readonly dataDirectory?: string;
  /** --listen, the same as `--set api.listen=...`, and stronger. */
  readonly listen?: string;
}

/** A whole, frozen configuration: `config.conductor.deploy_callback_timeout` is a number. */
export type Config = ConfigValues & {
  /** Absolute path of the folder that holds database, socket, password and caches. */
  readonly dataDirectory: string;
  readonly origin: LoadOptions;
};

/** A value with the place it came from, before the rules between options are checked. */
interface Setting {
  readonly value: unknown;
  readonly file: string | null;
  readonly line: number | null;
}

/**
 * Loads a configuration; defaults < file < --set < --listen.
 * @throws ConfigError with every problem found, not only the first
 */
export function loadConfig(options: LoadOptions = {}): Config {
  const dataDirectory = resolve(options.dataDirectory ?? defaultDataDirectory());
  const context = { dataDirectory, hostname: hostname(), baseFolder: process.cwd() };
  const problems: ConfigProblem[] = [];
  const settings = new Map<string, Setting>();
  if (options.file !== undefined) {
    readFile(resolve(options.file), context, settings, problems);
  }
  for (const assignment of options.set ?? []) {
    readAssignment(assignment, context, settings, problems);
  }
  if (options.listen !== undefined) {
    readAssignment(`api.listen=${options.listen}`, context, settings, problems);
  }

  const values: Record<string, Record<string, unknown>> = {};
  for (const { section, key, option } of eachOption()) {
    const setting = settings.get(`${section}.${key}`);
    values[section] ??= {};
    values[section][key] = setting === undefined ? defaultValue(option, context) : setting.value;
  }
  const config = { ...values, dataDirectory, origin: options } as Config;
  // Rules are checked on what could be read; a rule about a value that was already refused would only repeat it.
  const refused = new Set(problems.map((problem) => problem.key));
  for (const { key, message } of checkRules(config)) {
    if (!refused.has(key)) {
      const setting = settings.get(key);
      const { file, line } = setting ?? { file: options.file ?? null, line: null };
      problems.push({ file, line, key, message });
    }
  }
  if (problems.length > 0) {
    throw new ConfigError(problems);
  }
  return freeze(config);
}

function readFile(
  file: string,
  context: ValueContext,
  settings: Map<string, Setting>,
  problems: ConfigProblem[],
): void {
  let text: string;
  let document: Record<string, unknown>;
  try {
    text = readFileSync(file, 'utf8');
    document = parse(text);
  } catch (error) {
    problems.push(fileProblem(file, error));
    return;
  }
  const lines = findKeyLines(text);
  for (const [section, table] of Object.entries(document)) {
    const line = lines.get(keyPath(section)) ?? null;
    if (findSection(section) === undefined) {
      problems.push({ file, line, key: section, message: unknownSection(section) });
    } else if (typeof table !== 'object' || table === null || Array.isArray(table)) {
      problems.push({ file, line, key: section, message: `is a section; write [${section}] and its keys under it` });
    } else {
      readTable(section, Object.entries(table), lines, file, context, settings, problems);
    }
  }
}

function readTable(
  section: string,
  entries: readonly [string, unknown][],
  lines: KeyLines,
  file: string,
  context: ValueContext,
  settings: Map<string, Setting>,
  problems: ConfigProblem[],
): void {
  for (const [key, raw] of entries) {
    const line = lines.get(keyPath(section, key)) ?? null;
    const option = findOption(section, key);
    if (option === undefined) {
      problems.push({ file, line, key: `${section}.${key}`, message: unknownKey(section, key) });
      continue;
    }
    const reading = readValue(option, raw, { ...context, baseFolder: dirname(file) });
    if ('problem' in reading) {
      problems.push({ file, line, key: `${section}.${key}`, message: reading.problem });
    } else {
      settings.set(`${section}.${key}`, { value: reading.value, file, line });
    }
  }
}

function readAssignment(
  assignment: string,
  context: ValueContext,
  settings: Map<string, Setting>,
  problems: ConfigProblem[],
): void {
  const parts = /^([^.=]+)\.([^=]+)=(.*)$/s.exec(assignment);
  if (parts === null) {
    const message = `--set ${JSON.stringify(assignment)}: allowed: section.key=value, such as api.max_limit=500`;
    problems.push({ file: null, line: null, key: null, message });
    return;
  }
  const [, section = '', key = '', text = ''] = parts;
  const name = `${section}.${key}`;
  const option = findOption(section, key);
  if (option === undefined) {
    const message = findSection(section) === undefined ? unknownSection(section) : unknownKey(section, key);
    problems.push({ file: null, line: null, key: name, message });
    return;
  }
  const parsed = option.optional && text === '' ? { value: '' } : parseSetText(option, text);
  const reading = 'problem' in parsed ? parsed : readValue(option, parsed.value, context);
  if ('problem' in reading) {
    problems.push({ file: null, line: null, key: name, message: reading.problem });
  } else {
    settings.set(name, { value: reading.value, file: null, line: null });
  }
}

function unknownSection(section: string): string {
  const names = Object.keys(sections);
  const nearest = nearestName(section, names);
  const hint = nearest === undefined ? `known sections: ${names.join(', ')}` : `did you mean "${nearest}"?`;
  return `there is no section "${section}"; ${hint}`;
}

function unknownKey(section: string, key: string): string {
  const nearest = nearestName(key, Object.keys(findSection(section) ?? {}));
  if (nearest !== undefined) {
    return `there is no such option; did you mean "${nearest}"?`;
  }
  const elsewhere = [...eachOption()].find((place) => place.key === key);
  return elsewhere === undefined
    ? `there is no such option; \`wrought config sample\` lists all options of [${section}]`
    : `there is no such option; did you mean "${key}" of section [${elsewhere.section}]?`;
}

function fileProblem(file: string, error: unknown): ConfigProblem {
  if (error instanceof TomlError) {
    // The first line of the parser's message is the reason; the rest repeats the text of the file.
    const reason = error.message.split('\n')[0] ?? '';
    return { file, line: error.line, key: null, message: `${reason} (column ${error.column})` };
  }
  const reason = error instanceof Error ? error.message : String(error);
  return { file, line: null, key: null, message: `can not be read: ${reason}; check --config` };
}

function freeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) {
    if (typeof inner === 'object' && inner !== null && !Object.isFrozen(inner)) {
      freeze(inner);
    }
  }
  return Object.freeze(value);
}
