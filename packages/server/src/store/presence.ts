// Which processes use a PostgreSQL database now: each holds a lock that the server takes back from a connection however that ends.
import { sql } from 'kysely';
import type { Database } from './connections.ts';

/** The advisory lock of all processes; the number only has to differ from others'. */
const PRESENCE_LOCK = 7_309_811_450_028;

/** The statement by which a connection shows its process; its row says in `isShown` whether somebody wants to be alone. */
export const showPresence = `select pg_try_advisory_lock_shared(${PRESENCE_LOCK}) as "isShown"`;

/** The names and addresses of the connections that show a process. */
export async function presentProcesses(db: Database): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select concat(activity.application_name, ' at ' || host(activity.client_addr)) as name
    from pg_locks as locks join pg_stat_activity as activity on activity.pid = locks.pid
    where locks.locktype = 'advisory' and locks.granted and locks.mode = 'ShareLock'
      and locks.database = (select oid from pg_database where datname = current_database())
      and ((locks.classid::bigint << 32) | locks.objid::bigint) = ${PRESENCE_LOCK}
    order by name`.execute(db);
  return rows.map(({ name }) => name);
}

/** Keeps processes from showing up until the transaction ends; false when there is one. */
export async function takeAlone(trx: Database): Promise<boolean> {
  const { rows } = await sql<{ isAlone: boolean }>`
    select pg_try_advisory_xact_lock(${PRESENCE_LOCK}) as "isAlone"`.execute(trx);
  return rows[0]?.isAlone === true;
}
