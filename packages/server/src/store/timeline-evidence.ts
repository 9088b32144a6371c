// The newest sign of life of a machine in its timeline, as words for whoever wonders why it does not call back.
import type { Database } from './store.ts';

/** Kinds of timeline events that come from the machine itself. */
const machineKinds = ['boot', 'dhcp', 'tftp', 'http', 'lookup', 'heartbeat', 'power'];

/** "16:02:11 DHCP: ..." of the newest event from the machine since a moment, or undefined. */
export async function lastEvidence(db: Database, nodeId: number, since: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('timeline')
    .select(['at', 'message'])
    .where('node_id', '=', nodeId)
    .where('kind', 'in', machineKinds)
    .where('at', '>=', since)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? undefined : `${row.message.replace(/\.$/, '')} (at ${row.at})`;
}

/** Kinds that only a machine that is up can cause; what the server did to it is none. */
const signKinds = ['dhcp', 'tftp', 'http', 'lookup', 'heartbeat'];

/** When a machine gave its last sign since a moment; undefined when it gave none. */
export async function lastSignAt(db: Database, nodeId: number, since: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('timeline')
    .select(({ fn }) => fn.max<string | null>('at').as('at'))
    .where('node_id', '=', nodeId)
    .where('kind', 'in', signKinds)
    .where('at', '>=', since)
    .executeTakeFirst();
  return row?.at ?? undefined;
}
