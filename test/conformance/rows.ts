// Sets columns of nodes and ports in the server's database while it runs, as the recording did.
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Columns } from './recording.ts';

const BUSY_TIMEOUT_MILLISECONDS = 5_000;
const QUIET_TIMEOUT_MILLISECONDS = 10_000;
const QUIET_POLL_MILLISECONDS = 5;

export interface Rows {
  /** Whether the node is there. */
  hasNode(uuid: string): boolean;
  /** Writes columns, once no work is under way on the nodes; false when the row is not there. Throws when work does not end. */
  write(table: 'nodes' | 'ports', uuid: string, columns: Columns): Promise<boolean>;
  /** Gives a node a BIOS setting; false when the node is not there. */
  addBiosSetting(nodeUuid: string, columns: Columns): boolean;
  close(): void;
}

function columnValue(value: unknown): string | number | null {
  if (typeof value === 'boolean') {
    return Number(value);
  }
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : (value as string | number | null);
}

/** Opens the database beside the server; SQLite lets two processes take turns in writing. */
export function openRows(file: string): Rows {
  const database = new DatabaseSync(file);
  database.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MILLISECONDS}`);
  const unfinished = database.prepare("SELECT flow, status FROM runs WHERE status <> 'finished'");
  const node = database.prepare('SELECT 1 FROM nodes WHERE uuid = ?');

  /** What the server does of its own accord must not write over what is written here. */
  async function untilQuiet(): Promise<void> {
    const deadline = performance.now() + QUIET_TIMEOUT_MILLISECONDS;
    for (let runs = unfinished.all(); runs.length > 0; runs = unfinished.all()) {
      if (performance.now() > deadline) {
        throw new Error(`work still runs after ${QUIET_TIMEOUT_MILLISECONDS} ms: ${JSON.stringify(runs)}`);
      }
      await sleep(QUIET_POLL_MILLISECONDS);
    }
  }

  return {
    hasNode: (uuid) => node.get(uuid) !== undefined,
    async write(table, uuid, columns) {
      await untilQuiet();
      const names = Object.keys(columns);
      const sets = names.map((name) => `${name} = ?`);
      // A write of the server that began earlier has to find that the row changed.
      if (table === 'nodes') {
        sets.push('version = version + 1');
      }
      const { changes } = database
        .prepare(`UPDATE ${table} SET ${sets.join(', ')} WHERE uuid = ?`)
        .run(...names.map((name) => columnValue(columns[name])), uuid);
      return changes === 1;
    },
    addBiosSetting(nodeUuid, columns) {
      const names = Object.keys(columns);
      const { changes } = database
        .prepare(
          `INSERT INTO bios_settings (node_id, created_at, ${names.join(', ')})
           SELECT id, ?, ${names.map(() => '?').join(', ')} FROM nodes WHERE uuid = ?`,
        )
        .run(new Date().toISOString(), ...names.map((name) => columnValue(columns[name])), nodeUuid);
      return changes === 1;
    },
    close: () => database.close(),
  };
}
