// wrought config: shows what is in force, checks a file, prints a sample of one.
import type { Command } from 'commander';
import { collect } from './arguments.ts';
import { CommandError } from './command-error.ts';
import type { Context } from './context.ts';
import {
  type Config,
  ConfigError,
  configWarnings,
  type LoadOptions,
  loadConfig,
  sampleConfig,
  showConfig,
} from './server-configuration.ts';

export interface ConfigOptions {
  readonly config?: string;
  readonly set?: readonly string[];
  readonly listen?: string;
}

export function define(noun: Command, context: Context): void {
  withSources(noun.command('show').description('print the values in force as TOML, secrets masked'))
    .option('--changed', 'only what differs from the defaults')
    .action((options: ConfigOptions & { changed?: true }) => {
      const config = loadOrExplain(options, context);
      context.print(showConfig(config, { onlyChanged: options.changed === true }).trimEnd());
    });
  withSources(noun.command('check').description('name everything that is wrong with a configuration')).action(
    (options: ConfigOptions) => {
      const config = loadOrExplain(options, context);
      for (const warning of configWarnings(config)) {
        context.note(`warning: ${warning}`);
      }
      context.print('the configuration is valid');
    },
  );
  noun
    .command('sample')
    .description('print a configuration file with every option, its meaning and its default')
    .action(() => context.print(sampleConfig().trimEnd()));
}

/** Adds the options that say where a configuration comes from. */
export function withSources(command: Command): Command {
  return command
    .option('--config <file>', 'TOML file')
    .option(
      '--set <section.key=value>',
      'one option; may be given several times, JSON for lists and tables',
      collect(String),
    )
    .option('--listen <host:port>', 'the same as --set api.listen=HOST:PORT');
}

/** Where the configuration comes from, as these options and the environment say. */
export function loadOptions(options: ConfigOptions, context: Context): LoadOptions {
  const { dataDir = context.environment.WROUGHT_DATA_DIR } = context.options();
  return {
    ...(options.config === undefined ? {} : { file: options.config }),
    ...(options.set === undefined ? {} : { set: options.set }),
    ...(options.listen === undefined ? {} : { listen: options.listen }),
    ...(dataDir ? { dataDirectory: dataDir } : {}),
  };
}

/** Loads the configuration. @throws CommandError that lists every problem */
export function loadOrExplain(options: ConfigOptions, context: Context): Config {
  try {
    return loadConfig(loadOptions(options, context));
  } catch (error) {
    if (error instanceof ConfigError) {
      throw new CommandError(`the configuration can not be used:\n${error.message}`);
    }
    throw error;
  }
}
