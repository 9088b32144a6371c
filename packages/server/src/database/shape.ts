// The tables of this program's schema with their columns, as the migrations make them.
import { sql } from 'kysely';
import { connectInMemory } from '../store/connections.ts';
import { migrateSchema } from '../store/schema.ts';

export interface TableShape {
  readonly name: string;
  /** Its columns in order; the first is `id`, which grows from row to row. */
  readonly columns: readonly string[];
}

/** Reads the shape off an empty database in memory, so that no list has to be kept beside the migrations. */
export async function schemaShape(): Promise<readonly TableShape[]> {
  const connections = connectInMemory();
  try {
    await migrateSchema(connections);
    const { rows } = await sql<{ table: string; column: string }>`
      select tables.name as "table", columns.name as "column"
      from sqlite_master as tables join pragma_table_info(tables.name) as columns
      where tables.type = 'table' and tables.name not like 'kysely%' and tables.name not like 'sqlite%'
      order by tables.name, columns.cid`.execute(connections.write);
    return [...Map.groupBy(rows, ({ table }) => table)].map(([name, columns]) => ({
      name,
      columns: columns.map(({ column }) => column),
    }));
  } finally {
    await connections.write.destroy();
  }
}
