// The level of a database's schema: which migrations it has had, whether this program may use it, and how it gets the rest.
import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { liveConductors } from './conductor-lease.ts';
import type { Connections, Database } from './connections.ts';
import { databaseKind } from './dialect/kind.ts';
import { migrations } from './migrations/index.ts';
import { levelOf, neededLevel, programLevel } from './schema-level.ts';

export type Migrations = Readonly<Record<string, Migration>>;

export interface SchemaState {
  /** Of the last migration that the database has had; 0 for an empty one. */
  readonly level: number;
  readonly applied: readonly string[];
  /** What this program has and the database has not. */
  readonly pending: readonly string[];
  /** What the database has and this program does not know: a newer program made it. */
  readonly unknown: readonly string[];
}

/** Compares the migrations that a database has had with those of a program, by default this one. Changes nothing. */
export async function readSchema(db: Database, known: Migrations = migrations): Promise<SchemaState> {
  const applied = await appliedMigrations(db);
  const names = Object.keys(known);
  return {
    level: Math.max(0, ...applied.map(levelOf)),
    applied,
    pending: names.filter((name) => !applied.includes(name)),
    unknown: applied.filter((name) => !names.includes(name)),
  };
}

async function appliedMigrations(db: Database): Promise<string[]> {
  const found =
    databaseKind(db) === 'sqlite'
      ? sql`select name from sqlite_master where type = 'table' and name = 'kysely_migration'`
      : sql`select 1 where to_regclass('kysely_migration') is not null`;
  if ((await found.execute(db)).rows.length === 0) {
    return [];
  }
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db);
  return rows.map(({ name }) => name);
}

/** @throws Error when a newer program has taken away what a program of this level uses */
export function checkUsable(state: SchemaState, name: string, known: Migrations = migrations): void {
  const level = programLevel(known);
  const fatal = state.unknown.find((migration) => neededLevel(migration) > level);
  if (fatal !== undefined) {
    throw new Error(
      `The database ${name} was changed by a newer program (${fatal}), and this one, of schema level ${level}, can not use it any more. ` +
        `Install a program of schema level ${neededLevel(fatal)} or later.`,
    );
  }
}

/**
 * Brings the schema up to date; of processes that do so together one does it and the others wait. A database that a newer
 * program has only added to is used as it is.
 * @returns the names of the migrations that were missing
 * @throws Error when this program is too old for the database, or when a program that runs would be after the change
 */
export async function migrateSchema(
  { write, name }: Connections,
  known: Migrations = migrations,
): Promise<readonly string[]> {
  const state = await readSchema(write, known);
  checkUsable(state, name, known);
  if (state.pending.length === 0) {
    return [];
  }
  await checkRunningPrograms(write, name, state);
  const migrator = new Migrator({
    db: write as unknown as Kysely<unknown>,
    provider: { getMigrations: async () => ({ ...known }) },
  });
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`The database ${name} could not be brought to this version's schema: ${reason}`, { cause: error });
  }
  return state.pending;
}

/** @throws Error when a conductor runs whose program still uses what a pending migration takes away */
async function checkRunningPrograms(db: Database, name: string, { applied, pending }: SchemaState): Promise<void> {
  const needed = Math.max(0, ...pending.map(neededLevel));
  if (needed === 0 || applied.length === 0) {
    return;
  }
  const tooOld = (await liveConductors(db)).filter(({ schema_level }) => (schema_level ?? 0) < needed);
  if (tooOld.length > 0) {
    throw new Error(
      `The schema of the database ${name} can not be brought up to date while ${tooOld.map(({ hostname }) => hostname).join(', ')} ` +
        `run${tooOld.length === 1 ? 's' : ''} a program of a schema level below ${needed}, which uses what would go. ` +
        'Stop it, or bring it to a release in between, and try again.',
    );
  }
}
