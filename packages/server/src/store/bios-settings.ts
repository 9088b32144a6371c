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

/** Rows of one statement; each has a dozen values, and a statement of PostgreSQL takes 65,535. */
const ROWS_AT_ONCE = 1000;

const emptySetting = {
  value: null,
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

/** What a setting that is written again keeps. */
const kept: ReadonlySet<string> = new Set(['node_id', 'name', 'created_at']);

/**
 * Makes the settings of a node these: others are deleted, and those that did not change keep their times. A BIOS has hundreds, so
 * they are written together; nobody else writes meanwhile.
 */
export async function replaceBiosSettings(
  db: Database,
  nodeId: number,
  settings: readonly BiosSetting[],
): Promise<void> {
  const known = new Map((await biosSettingRows(db, nodeId)).map((row) => [row.name, row]));
  const wanted = new Map(settings.map((setting) => [setting.name, columnsOf({ ...emptySetting, ...setting })]));
  const gone = [...known.values()].filter(({ name }) => !wanted.has(name)).map(({ id }) => id);
  const written = [...wanted]
    .filter(([name, columns]) => {
      const row = known.get(name);
      return Object.entries(columns).some(([column, value]) => row?.[column as keyof BiosSettingRow] !== value);
    })
    .map(([, columns]) => ({ ...columns, node_id: nodeId, created_at: now(), updated_at: null }));
  for (let at = 0; at < written.length; at += ROWS_AT_ONCE) {
    const rows = written.slice(at, at + ROWS_AT_ONCE) as unknown as Insertable<BiosSettingsTable>[];
    const columns = Object.keys(rows[0] ?? {}).filter((name) => !kept.has(name)) as (keyof BiosSettingsTable)[];
    await db
      .insertInto('bios_settings')
      .values(rows)
      .onConflict((conflict) =>
        conflict.columns(['node_id', 'name']).doUpdateSet((eb) => ({
          ...Object.fromEntries(columns.map((column) => [column, eb.ref(`excluded.${column}`)])),
          updated_at: now(),
        })),
      )
      .execute();
  }
  for (let at = 0; at < gone.length; at += ROWS_AT_ONCE) {
    await db
      .deleteFrom('bios_settings')
      .where('id', 'in', gone.slice(at, at + ROWS_AT_ONCE))
      .execute();
  }
}
