// Firmware components in the store: all of a node as the API shows them, and what drivers learn of them.
import type { FirmwareComponent } from '@wrought/contract';
import type { Selectable } from 'kysely';
import type { Database } from './store.ts';
import type { FirmwareComponentsTable } from './tables.ts';
import { now } from './time.ts';

type FirmwareComponentRow = Selectable<FirmwareComponentsTable>;

/** The components of a node, by name. */
export async function firmwareComponentRows(db: Database, nodeId: number): Promise<FirmwareComponentRow[]> {
  return db.selectFrom('firmware_components').selectAll().where('node_id', '=', nodeId).orderBy('component').execute();
}

/** Writes what is known of components; the first version that was seen of each stays its initial one. */
export async function writeFirmwareComponents(
  db: Database,
  nodeId: number,
  components: readonly FirmwareComponent[],
): Promise<void> {
  for (const { component, ...values } of components) {
    const known = await db
      .updateTable('firmware_components')
      .set({ ...values, updated_at: now() })
      .where('node_id', '=', nodeId)
      .where('component', '=', component)
      .executeTakeFirstOrThrow();
    if (known.numUpdatedRows === 0n) {
      await db
        .insertInto('firmware_components')
        .values({
          last_version_flashed: null,
          vendor: null,
          model: null,
          serial_number: null,
          ...values,
          node_id: nodeId,
          component,
          initial_version: values.current_version,
          created_at: now(),
          updated_at: null,
        })
        .execute();
    }
  }
}
