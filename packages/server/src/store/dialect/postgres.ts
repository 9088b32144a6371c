// Kysely on PostgreSQL: one connection that writes, one transaction at a time in the whole database, and a pool that reads.
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type Kysely,
  PostgresDialect,
  type PostgresDialectConfig,
  PostgresDriver,
  type PostgresPool,
  type PostgresPoolClient,
  sql,
} from 'kysely';
import { Client, Pool, type PoolClient, type PoolConfig, TypeOverrides } from 'pg';
import { checkParameter } from './parameter.ts';
import { statementError, unreachable } from './postgres-errors.ts';

const CONNECT_TIMEOUT_MILLISECONDS = 10_000;
/** A writer waits at most so long for its turn; then its work is refused, to be tried again. */
const WRITE_TURN_TIMEOUT_MILLISECONDS = 30_000;
/** The server ends the transaction of a process that stopped in the middle of it, so that nobody waits for it for ever. */
const STALLED_TRANSACTION_MILLISECONDS = 10_000;

/** The advisory lock that every writing transaction holds; the number only has to differ from other programs'. */
const WRITER_LOCK = 7_309_811_450_027;

const INT8 = 20;
const NUMERIC = 1700;

/** Counts and 64-bit integers as numbers, as SQLite gives them; none of the store's comes near 2^53. */
function numbersAsNumbers(): TypeOverrides {
  const types = new TypeOverrides();
  types.setTypeParser(INT8, Number);
  types.setTypeParser(NUMERIC, Number);
  return types;
}

/** "HOST:PORT/NAME" or "SOCKET/NAME" of a database URL, without its secrets. */
export function databasePlace(url: string): string {
  const { host, port, database } = new Client({ connectionString: url });
  return host.startsWith('/') ? `${host}/${database}` : `${host}:${port}/${database}`;
}

function makePool(url: string, config: PoolConfig): Pool {
  return new Pool({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MILLISECONDS,
    lock_timeout: WRITE_TURN_TIMEOUT_MILLISECONDS,
    idle_in_transaction_session_timeout: STALLED_TRANSACTION_MILLISECONDS,
    keepAlive: true,
    application_name: 'wrought',
    types: numbersAsNumbers(),
    ...config,
  });
}

/** A pool as Kysely wants it, whose errors say which database they came from and what became of the connection. */
function clearPool(pool: Pool, place: string): PostgresPool {
  // A connection that breaks while nobody waits for an answer tells it by an event. The pool throws it away, and whoever uses
  // it next gets a new one; only who is in the middle of a transaction has to be told why.
  const broken = new WeakMap<PoolClient, Error>();
  pool.on('error', (error, client) => broken.set(client, error));
  pool.on('connect', (client) => client.on('error', (error) => broken.set(client, error)));
  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect().catch((error: unknown) => {
        throw unreachable(error, place);
      });
      const query = async (sql: string, parameters: readonly unknown[]) => {
        // Kysely's own look at the catalogue has booleans; a column of ours would refuse one.
        const values = parameters.map((value, index) =>
          typeof value === 'boolean' ? value : checkParameter(value, index, sql),
        );
        try {
          return await client.query(sql, values);
        } catch (error) {
          const cause = broken.get(client);
          throw cause === undefined ? statementError(error, place) : unreachable(cause, place);
        }
      };
      return { query: query as unknown as PostgresPoolClient['query'], release: (destroy) => client.release(destroy) };
    },
  };
}

/** Lets one transaction after the other write, whichever process they come from: as SQLite does, and for the same code. */
class OneWriterDriver extends PostgresDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('begin isolation level read committed'));
    try {
      await connection.executeQuery(CompiledQuery.raw(`select pg_advisory_xact_lock(${WRITER_LOCK})`));
    } catch (error) {
      await connection.executeQuery(CompiledQuery.raw('rollback'));
      throw error;
    }
  }
}

class OneWriterDialect extends PostgresDialect {
  readonly #config: PostgresDialectConfig;

  constructor(config: PostgresDialectConfig) {
    super(config);
    this.#config = config;
  }

  override createDriver(): Driver {
    return new OneWriterDriver(this.#config);
  }
}

/** The dialect of the one connection through which this process writes. */
export function postgresWriter(url: string): Dialect {
  return new OneWriterDialect({ pool: clearPool(makePool(url, { max: 1 }), databasePlace(url)) });
}

/** The dialect of `connections` connections that read, each statement as of now. */
export function postgresReader(url: string, connections: number): Dialect {
  const pool = makePool(url, { max: connections, options: '-c default_transaction_read_only=on' });
  return new PostgresDialect({ pool: clearPool(pool, databasePlace(url)) });
}

/** The oldest version of the server that is tested, as server_version_num has it. */
const OLDEST_SERVER = 150_000;

/** @throws Error when the server can not be reached, is too old, or keeps text in another encoding than UTF-8 */
export async function checkServer<Tables>(db: Kysely<Tables>, place: string): Promise<void> {
  const { rows } = await sql<{ number: number; version: string; encoding: string }>`
    select current_setting('server_version_num')::bigint as number, current_setting('server_version') as version,
      current_setting('server_encoding') as encoding`.execute(db);
  const [server] = rows;
  if (server === undefined || server.number < OLDEST_SERVER) {
    throw new Error(`The database ${place} is served by PostgreSQL ${server?.version}; version 15 or later is needed.`);
  }
  if (server.encoding !== 'UTF8') {
    throw new Error(
      `The database ${place} has the encoding ${server.encoding}; create it anew with: createdb --encoding=UTF8 --template=template0.`,
    );
  }
}
