// Writes configurations as TOML: the commented sample with every option, and the values that are in force.
import { stringify } from 'smol-toml';
import { type Config, loadConfig } from './load.ts';
import type { AnyOption } from './option.ts';
import { optionValue } from './reload.ts';
import { findOption, type SectionName, sections } from './sections.ts';
import { allowedValues, plainValue } from './value.ts';

const lineWidth = 100;

/** A TOML file that holds every option, commented out, with its description, what it allows and its default. */
export function sampleConfig(): string {
  const blocks = ['# Configuration of Wrought. Every option stands here with its default; uncomment what you change.'];
  for (const [section, options] of Object.entries(sections)) {
    blocks.push(`[${section}]`);
    for (const [key, option] of Object.entries<AnyOption>(options)) {
      const text = `${option.description} Allowed: ${allowedValues(option)}.`;
      const value = option.default === null ? '""' : tomlValue(plainValue(option, option.default));
      blocks.push([...wrap(text), `#${key} = ${value}`].join('\n'));
    }
  }
  return `${blocks.join('\n\n')}\n`;
}

const MASK = '******';

/** The values in force as TOML. Secrets are masked; `onlyChanged` leaves out what equals its default. */
export function showConfig(config: Config, { onlyChanged = false } = {}): string {
  const defaults = loadConfig({ dataDirectory: config.dataDirectory });
  const blocks: string[] = [`# data directory: ${config.dataDirectory}`];
  for (const section of Object.keys(sections)) {
    const lines: string[] = [];
    for (const key of Object.keys(sections[section as SectionName])) {
      const option = findOption(section, key);
      if (option !== undefined) {
        const value = optionValue(config, section, key);
        const isDefault = tomlText(option, value) === tomlText(option, optionValue(defaults, section, key));
        if (!onlyChanged || !isDefault) {
          lines.push(`${key} = ${tomlText(option, option.secret ? masked(value) : value)}`);
        }
      }
    }
    if (lines.length > 0) {
      blocks.push([`[${section}]`, ...lines].join('\n'));
    }
  }
  return `${blocks.join('\n\n')}\n`;
}

/** A secret as it is shown; of a table its names are. */
function masked(value: unknown): unknown {
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.keys(value).map((name) => [name, MASK]));
  }
  return value === null ? null : MASK;
}

function tomlText(option: AnyOption, value: unknown): string {
  return value === null ? '""' : tomlValue(plainValue(option, value));
}

/** One value as it stands behind `key =`; tables are written inline so that each option is one line. */
export function tomlValue(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(tomlValue).join(', ')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)} = ${tomlValue(inner)}`);
    return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
  }
  return stringify({ value })
    .replace(/^value = /, '')
    .trimEnd();
}

function wrap(text: string): string[] {
  const lines: string[] = [];
  let line = '#';
  for (const word of text.split(' ')) {
    if (line.length + word.length + 1 > lineWidth) {
      lines.push(line);
      line = '#';
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}
