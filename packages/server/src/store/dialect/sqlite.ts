// Kysely on node:sqlite: one connection that writes (BEGIN IMMEDIATE) and one that reads, so that reads never wait for a transaction.
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import { LRUCache } from 'lru-cache';
import { checkParameter } from './parameter.ts';
import { sqliteError } from './sqlite-errors.ts';

const BUSY_TIMEOUT_MILLISECONDS = 5_000;
const STATEMENT_CACHE_SIZE = 500;

/** Opens the database file (":memory:" for none), in WAL mode with full durability. */
export function openSqlite(path: string, options: { readOnly?: boolean } = {}): DatabaseSync {
  const database = new DatabaseSync(path, { readOnly: options.readOnly ?? false, timeout: BUSY_TIMEOUT_MILLISECONDS });
  if (!options.readOnly) {
    database.exec('PRAGMA journal_mode = WAL');
    database.exec('PRAGMA synchronous = FULL');
  }
  database.exec('PRAGMA foreign_keys = ON');
  // LIKE must compare case-sensitively, as PostgreSQL does.
  database.exec('PRAGMA case_sensitive_like = ON');
  return database;
}

const placeOf = (database: DatabaseSync) => database.location() ?? 'in memory';

type Values = readonly unknown[];

interface PreparedStatement {
  readonly statement: StatementSync;
  /** How many columns its rows have; 0 for a statement without rows. */
  readonly width: number;
  /** Makes a row of the values of its columns. */
  readonly toRow: (values: Values) => unknown;
}

/**
 * A function that makes rows with these columns. It is compiled, as the engine keeps only objects that are written out as
 * such in a fast form: reading the sixty columns of a thousand nodes takes half the time of rows that node:sqlite makes.
 */
function rowMaker(columns: readonly string[]): (values: Values) => unknown {
  const members = columns.map((name, index) => `${JSON.stringify(name)}: values[${index}]`);
  return new Function('values', `return { ${members.join(', ')} };`) as (values: Values) => unknown;
}

class SqliteConnection implements DatabaseConnection {
  readonly #database: DatabaseSync;
  readonly #statements = new LRUCache<string, PreparedStatement>({ max: STATEMENT_CACHE_SIZE });

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  executeQuery<Row>(query: CompiledQuery): Promise<QueryResult<Row>> {
    try {
      return Promise.resolve(this.#execute<Row>(query));
    } catch (error) {
      return Promise.reject(sqliteError(error, placeOf(this.#database)));
    }
  }

  #execute<Row>(query: CompiledQuery): QueryResult<Row> {
    const { statement, width, toRow } = this.#prepare(query.sql);
    const parameters = query.parameters.map((value, index) => checkParameter(value, index, query.sql));
    if (width > 0) {
      const rows = statement.all(...parameters) as unknown as Values[];
      if (rows[0] !== undefined && rows[0].length !== width) {
        // The table has other columns since the statement was prepared; the statement knows them now.
        this.#statements.delete(query.sql);
        return { rows: rows.map(rowMaker(statement.columns().map(({ name }) => name))) as Row[] };
      }
      return { rows: rows.map(toRow) as Row[] };
    }
    const { changes, lastInsertRowid } = statement.run(...parameters);
    return { rows: [], numAffectedRows: BigInt(changes), insertId: BigInt(lastInsertRowid) };
  }

  #prepare(sql: string): PreparedStatement {
    let prepared = this.#statements.get(sql);
    if (prepared === undefined) {
      const statement = this.#database.prepare(sql);
      statement.setReturnArrays(true);
      const columns = statement.columns().map(({ name }) => name);
      prepared = { statement, width: columns.length, toRow: rowMaker(columns) };
      this.#statements.set(sql, prepared);
    }
    return prepared;
  }

  // Kysely asks for a generator; rows are all in memory already with this driver.
  // biome-ignore lint/correctness/useYield: streaming is refused, so there is nothing to yield.
  async *streamQuery(): AsyncIterableIterator<never> {
    throw new Error('Streaming queries are not offered by the SQLite store.');
  }
}

class SqliteDriver implements Driver {
  readonly #database: DatabaseSync;
  readonly #connection: SqliteConnection;
  readonly #waiting: (() => void)[] = [];
  #taken = false;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#connection = new SqliteConnection(database);
  }

  async init(): Promise<void> {}

  /** Hands the only connection out to one holder at a time, in order of asking. */
  async acquireConnection(): Promise<DatabaseConnection> {
    if (this.#taken) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#taken = true;
    return this.#connection;
  }

  async releaseConnection(): Promise<void> {
    const next = this.#waiting.shift();
    if (next === undefined) {
      this.#taken = false;
    } else {
      next();
    }
  }

  // A deferred transaction that turns into a writing one fails at once (SQLITE_BUSY_SNAPSHOT, 517) when another wrote meanwhile.
  async beginTransaction(): Promise<void> {
    this.#run('BEGIN IMMEDIATE');
  }

  async commitTransaction(): Promise<void> {
    this.#run('COMMIT');
  }

  async rollbackTransaction(): Promise<void> {
    // A full or broken disk makes SQLite roll back by itself.
    if (this.#database.isTransaction) {
      this.#run('ROLLBACK');
    }
  }

  #run(sql: string): void {
    try {
      this.#database.exec(sql);
    } catch (error) {
      throw sqliteError(error, placeOf(this.#database));
    }
  }

  async destroy(): Promise<void> {
    this.#database.close();
  }
}

/** SQLite rolls schema changes back as well: a migration that a crash cut off leaves nothing behind. */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

/** The Kysely dialect over an open database. */
export function sqliteDialect(database: DatabaseSync): Dialect {
  return {
    createAdapter: () => new TransactionalSqliteAdapter(),
    createDriver: () => new SqliteDriver(database),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}
