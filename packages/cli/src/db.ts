// wrought db: looks after the server's database: status, schema, moves, backups.
import { resolve } from 'node:path';
import {
  backupDatabase,
  copyDatabase,
  type DatabaseStatus,
  databaseStatus,
  readLocation,
  restoreDatabase,
  upgradeDatabase,
} from '@wrought/server/database';
import { type Command, InvalidArgumentError } from 'commander';
import { CommandError } from './command-error.ts';
import { type ConfigOptions, loadOrExplain, withSources } from './config.ts';
import type { Context } from './context.ts';
import type { Config } from './server-configuration.ts';

interface CopyOptions extends ConfigOptions {
  readonly from: string;
  readonly to: string;
}

interface RestoreOptions extends ConfigOptions {
  readonly withUnfinishedWork?: boolean;
}

export function define(noun: Command, context: Context): void {
  withSources(noun.command('status').description('show kind, place, schema, size and unfinished work')).action(
    async (options: ConfigOptions) => {
      const status = await explained(databaseStatus(loadOrExplain(options, context)));
      if (context.options().format === 'json') {
        context.showOne({ ...status });
      } else {
        context.showOne(statusForReaders(status));
      }
    },
  );
  withSources(noun.command('upgrade').description("bring the schema to this program's level")).action(
    async (options: ConfigOptions) => {
      const { url, path } = loadOrExplain(options, context).database;
      const result = await explained(upgradeDatabase(url ?? path));
      const { applied, schema_level: level, place } = result;
      answer(context, result, [
        ...applied.map((name) => `applied ${name}`),
        applied.length === 0
          ? `nothing to do: ${place} has schema level ${level}`
          : `${place} has schema level ${level} now`,
      ]);
    },
  );
  withSources(noun.command('copy').description('move everything to an empty database of either kind'))
    .requiredOption('--from <database>', 'sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/NAME', parseLocation)
    .requiredOption('--to <database>', 'the same; it has to be empty', parseLocation)
    .action(async ({ from, to, ...options }: CopyOptions) => {
      const { dataDirectory } = loadOrExplain(options, context);
      const result = await explained(
        copyDatabase({
          from,
          to,
          dataDirectories: [dataDirectory],
          onTable: ({ table, rows }) => context.note(`copied ${table}: ${rows} rows`),
        }),
      );
      const rows = result.tables.reduce((sum, table) => sum + table.rows, 0);
      answer(context, result, [
        ...result.migrated.map((name) => `applied ${name} to the source`),
        `copied and verified ${rows} rows in ${result.tables.length} tables`,
        'start servers on the new database only: work that is not finished goes on there',
      ]);
    });
  withSources(noun.command('backup').description('copy the embedded database to a file; the server may run'))
    .argument('<file>', 'a new file')
    .action(async (file: string, options: ConfigOptions) => {
      const path = embedded(loadOrExplain(options, context), 'pg_dump');
      const result = await explained(backupDatabase(path, resolve(file)));
      answer(context, result, [`backed up ${path} to ${result.file} (${result.size_bytes} bytes)`]);
    });
  withSources(noun.command('restore').description('put a backup in the place of the embedded database'))
    .argument('<file>', 'a file of "wrought db backup"')
    .option('--with-unfinished-work', 'also when the server will go on with work that was under way at the backup')
    .action(async (file: string, { withUnfinishedWork = false, ...options }: RestoreOptions) => {
      const config = loadOrExplain(options, context);
      const path = embedded(config, 'pg_restore');
      const { dataDirectory } = config;
      const result = await explained(restoreDatabase({ file: resolve(file), path, dataDirectory, withUnfinishedWork }));
      const { replaced, schema_level: level, program_level: programLevel } = result;
      answer(context, result, [
        `restored ${file} to ${path}`,
        ...(replaced === null ? [] : [`the database from before is ${replaced}`]),
        ...(level < programLevel ? [`the next start brings it from schema level ${level} to ${programLevel}`] : []),
      ]);
    });
}

/** The path of the embedded database. @throws CommandError when the configuration names a PostgreSQL server */
function embedded({ database }: Config, program: string): string {
  if (database.url !== null) {
    throw new CommandError(
      `database.url names a PostgreSQL server, and this command is for the embedded database; use ${program}`,
    );
  }
  return database.path;
}

function answer(context: Context, result: object, lines: readonly string[]): void {
  context.print(context.options().format === 'json' ? JSON.stringify(result, null, 2) : lines.join('\n'));
}

function statusForReaders(status: DatabaseStatus): Record<string, unknown> {
  const { oldest_unfinished_work: oldest, pending_migrations: pending, unknown_migrations: unknown } = status;
  return {
    ...status,
    exists: status.exists ? 'yes' : 'no; the first start makes it',
    server_running: status.server_running ? 'yes' : 'no',
    pending_migrations: pending.length === 0 ? '-' : pending.join(', '),
    unknown_migrations: unknown.length === 0 ? '-' : unknown.join(', '),
    size_bytes: String(status.size_bytes),
    oldest_unfinished_work:
      oldest === null
        ? '-'
        : `${oldest.flow} (${oldest.status}) of node ${oldest.node} on ${oldest.conductor} since ${oldest.since}`,
  };
}

function parseLocation(text: string): string {
  try {
    return readLocation(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

async function explained<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error));
  }
}
