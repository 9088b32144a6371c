// The outbox of power changes: of each machine with an instance the last one, which takes the place of one that nobody was told of yet.
import type { Database } from './connections.ts';
import { noteHint } from './hints.ts';
import { now } from './time.ts';

/** A change of power that is to be told. */
export interface DuePowerUpdate {
  readonly node_id: number;
  readonly instance_uuid: string;
  readonly power_state: 'power on' | 'power off';
  /** Grows with each change of the machine. */
  readonly change: number;
  readonly node: { readonly uuid: string; readonly driver: string; readonly conductor_group: string };
}

/** Puts a change beside what it tells of, in the transaction that stores the new power state; without an instance nobody is told. */
export async function queuePowerUpdate(
  db: Database,
  {
    id: node_id,
    instance_uuid,
    power_state,
  }: { readonly id: number; readonly instance_uuid: string | null; readonly power_state: string | null },
): Promise<void> {
  if (instance_uuid === null || (power_state !== 'power on' && power_state !== 'power off')) {
    return;
  }
  const values = { instance_uuid, power_state, told: 0, queued_at: now() };
  await db
    .insertInto('power_updates')
    .values({ ...values, node_id, change: 1 })
    .onConflict((conflict) =>
      conflict
        .column('node_id')
        .doUpdateSet((expression) => ({ ...values, change: expression('power_updates.change', '+', 1) })),
    )
    .execute();
  noteHint(db, 'power updates');
}

/**
 * Changes that are to be told, the oldest first. A machine that somebody works on has its turn when they are done: a reboot is not told as
 * a machine that went off, which the compute service would keep off.
 */
export async function duePowerUpdates(db: Database, limit: number): Promise<readonly DuePowerUpdate[]> {
  const rows = await db
    .selectFrom('power_updates')
    .innerJoin('nodes', 'nodes.id', 'power_updates.node_id')
    .select(['power_updates.node_id', 'power_updates.power_state', 'power_updates.change'])
    .select(['power_updates.instance_uuid', 'nodes.uuid', 'nodes.driver', 'nodes.conductor_group'])
    .where('power_updates.told', '=', 0)
    .where('nodes.reservation', 'is', null)
    .where('nodes.target_power_state', 'is', null)
    .whereRef('nodes.instance_uuid', '=', 'power_updates.instance_uuid')
    .orderBy('power_updates.queued_at')
    .orderBy('power_updates.node_id')
    .limit(limit)
    .execute();
  return rows.map(({ uuid, driver, conductor_group, ...update }) => ({
    ...update,
    power_state: update.power_state as DuePowerUpdate['power_state'],
    node: { uuid, driver, conductor_group },
  }));
}

/** Notes that these were told; one that a newer change replaced meanwhile stays due. */
export async function notePowerUpdatesTold(db: Database, told: readonly DuePowerUpdate[]): Promise<void> {
  for (const { node_id, change } of told) {
    await db
      .updateTable('power_updates')
      .set({ told: 1 })
      .where('node_id', '=', node_id)
      .where('change', '=', change)
      .execute();
  }
}
