// Allocations, and a way to find the nodes of a resource class.
import type { Kysely } from 'kysely';
import { createIndex, createTable } from './create-table.ts';

export async function up(db: Kysely<unknown>): Promise<void> {
  await createTable(
    db,
    'allocations',
    {
      uuid: 'text',
      name: 'text?',
      node_id: 'integer?',
      state: 'text',
      last_error: 'text?',
      owner: 'text?',
      resource_class: 'text?',
      traits: 'text',
      candidate_nodes: 'text',
      extra: 'text',
      conductor: 'text?',
      created_at: 'text',
      updated_at: 'text?',
    },
    [['uuid'], ['name']],
  );
  await createIndex(db, 'allocations', ['state']);
  await createIndex(db, 'allocations', ['node_id']);
  await createIndex(db, 'nodes', ['resource_class']);
}
