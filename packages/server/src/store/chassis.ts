// Chassis in the store.
import type { Chassis } from '@wrought/contract';
import { type Selectable, sql } from 'kysely';
import { parseObject } from './json.ts';
import { afterMarker, type Marker, type Page, pageOrder } from './paging.ts';
import type { Database } from './store.ts';
import type { ChassisTable } from './tables.ts';
import { now } from './time.ts';

export type ChassisRow = Selectable<ChassisTable>;

/** Makes the chassis of a row. */
export function chassisFromRow(row: ChassisRow): Chassis {
  return { ...row, extra: parseObject(row.extra) };
}

/** The row of a chassis, or undefined. */
export async function findChassisRow(db: Database, uuid: string): Promise<ChassisRow | undefined> {
  return db.selectFrom('chassis').selectAll().where('uuid', '=', uuid.toLowerCase()).executeTakeFirst();
}

/** A page of chassis. */
export async function listChassisRows(db: Database, page: Page): Promise<ChassisRow[]> {
  let query = db.selectFrom('chassis').selectAll().orderBy(pageOrder('chassis', page)).limit(page.limit);
  if (page.marker !== undefined) {
    query = query.where(afterMarker('chassis', page, page.marker));
  }
  return query.execute();
}

/** Where the page after this chassis begins. */
export async function chassisMarker(db: Database, uuid: string, sortKey: string): Promise<Marker | undefined> {
  return db
    .selectFrom('chassis')
    .select(['id', sql.ref<string | number | null>(sortKey).as('value')])
    .where('uuid', '=', uuid.toLowerCase())
    .executeTakeFirst();
}

/** Values of a chassis that clients write. */
type ChassisValues = Pick<Chassis, 'uuid' | 'description' | 'extra'>;

/** Inserts a chassis. A UUID that exists fails the statement (see `uniqueColumn`). */
export async function insertChassis(db: Database, values: ChassisValues): Promise<ChassisRow> {
  return db
    .insertInto('chassis')
    .values({ ...values, extra: JSON.stringify(values.extra), created_at: now(), updated_at: null })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Writes the values of a chassis; undefined when it is gone. */
export async function updateChassis(db: Database, id: number, values: ChassisValues): Promise<ChassisRow | undefined> {
  return db
    .updateTable('chassis')
    .set({ ...values, extra: JSON.stringify(values.extra), updated_at: now() })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
}

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
