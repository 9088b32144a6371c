// Applies a changed configuration to a running process as far as that is possible without a restart.
import { isDeepStrictEqual } from 'node:util';
import { type Config, loadConfig } from './load.ts';
import { eachOption } from './sections.ts';

export interface Reload {
  /** The configuration to use from now on: changed where it can be, as before where it can not. */
  readonly config: Config;
  /** "section.key" of what changed and is in force. */
  readonly changed: readonly string[];
  /** "section.key" of what changed and takes effect at the next start. */
  readonly needRestart: readonly string[];
}

/**
 * Reads the sources of `current` again.
 * @throws ConfigError when they are no longer valid; the current configuration then stays in force
 */
export function reloadConfig(current: Config): Reload {
  const fresh = loadConfig({ ...current.origin, dataDirectory: current.dataDirectory });
  const values: Record<string, Record<string, unknown>> = {};
  const changed: string[] = [];
  const needRestart: string[] = [];
  for (const { section, key, option } of eachOption()) {
    const before = optionValue(current, section, key);
    const after = optionValue(fresh, section, key);
    const isSame = isDeepStrictEqual(before, after);
    if (!isSame) {
      (option.reloadable ? changed : needRestart).push(`${section}.${key}`);
    }
    values[section] ??= {};
    values[section][key] = option.reloadable ? after : before;
  }
  for (const section of Object.values(values)) {
    Object.freeze(section);
  }
  const config = Object.freeze({
    ...values,
    dataDirectory: current.dataDirectory,
    origin: current.origin,
  }) as Config;
  return { config, changed, needRestart };
}

/** The value of `section.key`, for code that walks over all options. */
export function optionValue(config: Config, section: string, key: string): unknown {
  const sectionsByName: Readonly<Record<string, unknown>> = config;
  const values = sectionsByName[section] as Readonly<Record<string, unknown>> | undefined;
  return values?.[key];
}
