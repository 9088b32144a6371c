// Runbooks in the store.
import { type RequestedStep, type Runbook, runbookResource } from '@wrought/contract';
import { type SqlBool, sql } from 'kysely';
import type { Page } from './paging.ts';
import { type PlainRow, plainTable, valuesOf } from './plain-table.ts';
import type { Database } from './store.ts';

export type RunbookRow = PlainRow<'runbooks'>;

export const runbookTable = plainTable('runbooks');

/** Makes the runbook of a row. */
export function runbookFromRow(row: RunbookRow): Runbook {
  return valuesOf<Runbook>(runbookResource, row);
}

/** The steps of a runbook as they run: by their `order`, those of the same one as they are listed. */
export function stepsInOrder({ steps }: Pick<Runbook, 'steps'>): readonly RequestedStep[] {
  return [...steps].sort((a, b) => (a.order ?? 0) - (b.order ?? 0));
}

/** A page of runbooks; with `project` those of the project, and those for everybody. */
export async function listRunbookRows(db: Database, project: string | undefined, page: Page): Promise<RunbookRow[]> {
  const own = project === undefined ? [] : [sql<SqlBool>`(runbooks.owner = ${project} or runbooks.public = 1)`];
  return runbookTable.page(db, page, own);
}
