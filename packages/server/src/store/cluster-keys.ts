// The key by which the processes of one installation know each other: made by the first of them, kept in their database.
import { randomBytes } from 'node:crypto';
import type { Database, Store } from './store.ts';
import { now } from './time.ts';

const KEY_BYTES = 32;
const INTERNAL_CALLS = 'internal calls';

async function readKey(db: Database): Promise<Buffer | undefined> {
  const row = await db.selectFrom('cluster_keys').select('value').where('name', '=', INTERNAL_CALLS).executeTakeFirst();
  return row === undefined ? undefined : Buffer.from(row.value, 'base64');
}

/** The key of internal calls: 32 random bytes. */
export async function internalCallKey(store: Store): Promise<Buffer> {
  return (
    (await readKey(store.read)) ??
    store.transaction(async (trx) => {
      // Another process may have been faster.
      const known = await readKey(trx);
      if (known !== undefined) {
        return known;
      }
      const key = randomBytes(KEY_BYTES);
      const row = { name: INTERNAL_CALLS, value: key.toString('base64'), created_at: now() };
      await trx.insertInto('cluster_keys').values(row).execute();
      return key;
    })
  );
}
