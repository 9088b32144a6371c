// Volume connectors and targets in the store.
import type { Page } from './paging.ts';
import { equals, type NodeColumns, ofProject, type PlainRow, plainTable } from './plain-table.ts';
import type { Database } from './store.ts';

/** A row of either table with what it has of its node. */
export type VolumeRow = (PlainRow<'volume_connectors'> | PlainRow<'volume_targets'>) & NodeColumns;

export const volumeTables = {
  volume_connectors: plainTable<'volume_connectors', VolumeRow>('volume_connectors', 'each'),
  volume_targets: plainTable<'volume_targets', VolumeRow>('volume_targets', 'each'),
} as const;

export type VolumeTableName = keyof typeof volumeTables;

/** What a list may be narrowed by: a node, and owner or lessee of the nodes. */
export interface VolumeFilters {
  readonly node_uuid?: string;
  readonly project?: string;
}

/** A page of connectors or targets. */
export async function listVolumeRows(
  db: Database,
  name: VolumeTableName,
  filters: VolumeFilters,
  page: Page,
): Promise<VolumeRow[]> {
  const conditions = [...equals('nodes.uuid', filters.node_uuid), ...ofProject(filters.project)];
  return volumeTables[name].page(db, page, conditions);
}
