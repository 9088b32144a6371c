// Brings the schema of a database up to date without starting a server.
import { connect } from '../store/connections.ts';
import { migrateSchema } from '../store/schema.ts';
import { programLevel } from '../store/schema-level.ts';

export interface UpgradeResult {
  readonly place: string;
  readonly schema_level: number;
  /** The migrations that were missing, in order; none when there was nothing to do. */
  readonly applied: readonly string[];
}

/**
 * @param location as `openStore` takes it; a SQLite file that is missing is made
 * @throws Error when a program that runs could not work with the result, or when this one is too old for the database
 */
export async function upgradeDatabase(location: string): Promise<UpgradeResult> {
  const connections = await connect(location);
  try {
    const applied = await migrateSchema(connections);
    return { place: connections.name, schema_level: programLevel(), applied };
  } finally {
    await connections.write.destroy();
  }
}
