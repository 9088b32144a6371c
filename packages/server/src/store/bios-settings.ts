// BIOS settings in the store: all of a node as the API shows them, and their renewal by what a driver read.
import type { BiosSetting } from '@wrought/contract';
import type { Insertable, Selectable } from 'kysely';
import { columnsOf } from './plain-table.ts';
import type { Database } from './store.ts';
import type { BiosSettingsTable } from './tables.ts';
import { now } from './time.ts';

type BiosSettingRow = Selectable<BiosSettingsTable>;

/** The settings of a node, by name. */
export async function biosSettingRows(db: Database, nodeId: number): Promise<BiosSettingRow[]> {
  return db.selectFrom('bios_settings').selectAll().where('node_id', '=', nodeId).orderBy('name').execute();
}

const emptySetting = {
  attribute_type: null,
  allowable_values: null,
  lower_bound: null,
  upper_bound: null,
  min_length: null,
  max_length: null,
  read_only: null,
  reset_required: null,
  unique: null,
} as const;

/** Makes the settings of a node these: others are deleted, and those that did not change keep their times. */
export async function replaceBiosSettings(
  db: Database,
  nodeId: number,
  settings: readonly BiosSetting[],
): Promise<void> {
  const gone = new Map((await biosSettingRows(db, nodeId)).map((row) => [row.name, row]));
  for (const setting of settings) {
    const columns = columnsOf({ ...emptySetting, ...setting });
    const row = gone.get(setting.name);
    gone.delete(setting.name);
    if (row === undefined) {
      const values = { ...columns, node_id: nodeId, created_at: now(), updated_at: null };
      await db
        .insertInto('bios_settings')
        .values(values as unknown as Insertable<BiosSettingsTable>)
        .execute();
    } else if (Object.entries(columns).some(([name, value]) => row[name as keyof BiosSettingRow] !== value)) {
      await db
        .updateTable('bios_settings')
        .set({ ...columns, updated_at: now() })
        .where('id', '=', row.id)
        .execute();
    }
  }
  for (const { id } of gone.values()) {
    await db.deleteFrom('bios_settings').where('id', '=', id).execute();
  }
}
