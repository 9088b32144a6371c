// Chassis in the store.
import { type PlainRow, plainTable } from './plain-table.ts';
import type { Database } from './store.ts';

export type ChassisRow = PlainRow<'chassis'>;

export const chassisTable = plainTable('chassis');

/** Deletes a chassis unless nodes are in it; tells whether it is gone. */
export async function deleteChassis(db: Database, row: Pick<ChassisRow, 'id' | 'uuid'>): Promise<boolean> {
  const result = await db
    .deleteFrom('chassis')
    .where('id', '=', row.id)
    .where(({ not, exists, selectFrom }) =>
      not(exists(selectFrom('nodes').select('nodes.id').where('chassis_uuid', '=', row.uuid))),
    )
    .executeTakeFirst();
  return result.numDeletedRows > 0n;
}
