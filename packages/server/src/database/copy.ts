// Moves everything from one database to an empty other one, of either kind, and proves that it arrived.
import { existsSync, rmSync, statSync } from 'node:fs';
import { sql } from 'kysely';
import { liveConductors } from '../store/conductor-lease.ts';
import { type Connections, connect, type Database, isPostgresUrl } from '../store/connections.ts';
import { databaseKind } from '../store/dialect/kind.ts';
import { presentProcesses, takeAlone } from '../store/presence.ts';
import { migrateSchema, readSchema } from '../store/schema.ts';
import { lockOutServers } from './location.ts';
import { digestTable, lastKey, readRows, setLastKey, type TableDigest, tableDigest, writeRows } from './rows.ts';
import { schemaShape, type TableShape } from './shape.ts';

export interface CopyOptions {
  /** Locations as `openStore` takes them. */
  readonly from: string;
  readonly to: string;
  /** Whose servers must not run meanwhile, besides those of the SQLite files' own folders. */
  readonly dataDirectories?: readonly string[];
  /** Told of each table that was copied. */
  readonly onTable?: (table: CopiedTable) => void;
}

export interface CopiedTable extends TableDigest {
  readonly table: string;
}

export interface CopyResult {
  /** Migrations that the source lacked and got before it was copied. */
  readonly migrated: readonly string[];
  readonly tables: readonly CopiedTable[];
}

/**
 * Copies all tables in one transaction of the target, which stays as it was when anything fails. Both databases are locked
 * for writers meanwhile.
 * @throws Error when a server runs on one of them, when the target is not empty, or when a table did not arrive as it was
 */
export async function copyDatabase({ from, to, dataDirectories, onTable }: CopyOptions): Promise<CopyResult> {
  if (from === to) {
    throw new Error(`The database ${isPostgresUrl(from) ? '' : `${from} `}can not be copied to itself.`);
  }
  if (!isPostgresUrl(from) && !existsSync(from)) {
    throw new Error(`There is no database ${from} to copy.`);
  }
  const closers: (() => unknown)[] = [];
  const isNewFile = !isPostgresUrl(to) && (!existsSync(to) || statSync(to).size === 0);
  let isDone = false;
  try {
    const files = [from, to].filter((location) => !isPostgresUrl(location));
    const lock = lockOutServers(files, files.length === 0 ? [] : dataDirectories);
    closers.push(() => lock.release());
    const source = await open(from, closers);
    await refuseWhileServersRun(source);
    const state = await readSchema(source.write);
    if (state.applied.length === 0) {
      throw new Error(`The database ${source.name} holds nothing of this program.`);
    }
    const target = await open(to, closers);
    await refuseWhileServersRun(target);
    const shape = await schemaShape();
    await refuseUnlessEmpty(target, shape);
    const migrated = await migrateSchema(source);
    await refuseUnknown(source);
    await migrateSchema(target);
    const tables = await copyTables(source, target, shape, onTable);
    isDone = true;
    return { migrated, tables };
  } finally {
    for (const close of closers.reverse()) {
      await close();
    }
    if (!isDone && isNewFile) {
      for (const ending of ['', '-wal', '-shm']) {
        rmSync(`${to}${ending}`, { force: true });
      }
    }
  }
}

async function open(location: string, closers: (() => unknown)[]): Promise<Connections> {
  const connections = await connect(location);
  closers.push(() => connections.write.destroy());
  return connections;
}

/** The folder of a SQLite file has a lock that says the truth even after a crash; leases of PostgreSQL run out by themselves. */
async function refuseWhileServersRun({ write, name }: Connections): Promise<void> {
  if (databaseKind(write) === 'sqlite' || (await readSchema(write)).applied.length === 0) {
    return;
  }
  const live = await liveConductors(write);
  if (live.length > 0) {
    throw new Error(
      `The database ${name} is in use by ${live.map(({ hostname }) => hostname).join(', ')}. Stop the servers first; ` +
        'the lease of one that was killed runs out after conductor.lease_duration_seconds.',
    );
  }
  // Processes that are only an API have no lease, and write all the same.
  const present = await presentProcesses(write);
  if (present.length > 0) {
    throw inUse(name, present);
  }
}

function inUse(name: string, processes: readonly string[]): Error {
  return new Error(
    `The database ${name} is in use by ${processes.join(', ')}. Stop the servers first, also those that are only an API.`,
  );
}

/** Keeps servers away until the transaction ends. */
async function keepAlone(trx: Database, name: string): Promise<void> {
  if (databaseKind(trx) === 'postgres' && !(await takeAlone(trx))) {
    throw inUse(name, await presentProcesses(trx));
  }
}

/** What a newer program has added can not be copied by this one. */
async function refuseUnknown({ write, name }: Connections): Promise<void> {
  const { unknown } = await readSchema(write);
  if (unknown.length > 0) {
    throw new Error(
      `The database ${name} was made by a newer program (${unknown.join(', ')}); copy it with a program of that version.`,
    );
  }
}

async function refuseUnlessEmpty({ write, name }: Connections, shape: readonly TableShape[]): Promise<void> {
  const existing = new Set((await write.introspection.getTables()).map((table) => table.name));
  for (const table of shape.filter((each) => existing.has(each.name))) {
    for await (const rows of readRows(write, { name: table.name, columns: ['id'] })) {
      throw new Error(
        `The database ${name} is not empty: its table "${table.name}" has rows (the first with id ${rows[0]?.[0]}). Name a new one.`,
      );
    }
  }
}

async function copyTables(
  source: Connections,
  target: Connections,
  shape: readonly TableShape[],
  onTable: CopyOptions['onTable'],
): Promise<CopiedTable[]> {
  // The source is held by a writing transaction, so that nobody else writes to it.
  return source.write.transaction().execute((from) =>
    target.write.transaction().execute(async (to) => {
      await allowPauses(from);
      await allowPauses(to);
      await keepAlone(from, source.name);
      await keepAlone(to, target.name);
      const copied: CopiedTable[] = [];
      for (const table of shape) {
        const digest = await copyTable(from, to, table);
        const arrived = await digestTable(to, table);
        if (arrived.rows !== digest.rows || arrived.sha256 !== digest.sha256) {
          throw new Error(
            `The table "${table.name}" did not arrive in ${target.name} as it is in ${source.name}: ${arrived.rows} rows ` +
              `(${arrived.sha256}) in place of ${digest.rows} (${digest.sha256}). Nothing was kept.`,
          );
        }
        copied.push({ table: table.name, ...digest });
        onTable?.({ table: table.name, ...digest });
      }
      return copied;
    }),
  );
}

/** Each transaction waits while the other one works, for as long as a table is large. */
async function allowPauses(trx: Database): Promise<void> {
  if (databaseKind(trx) === 'postgres') {
    await sql`set local idle_in_transaction_session_timeout = 0`.execute(trx);
  }
}

async function copyTable(from: Database, to: Database, table: TableShape): Promise<TableDigest> {
  const digest = tableDigest();
  let highest = await lastKey(from, table);
  for await (const rows of readRows(from, table)) {
    await writeRows(to, table, rows);
    digest.add(rows);
    highest = Math.max(highest, Number(rows.at(-1)?.[0]));
  }
  await setLastKey(to, table, highest);
  return digest.result();
}
