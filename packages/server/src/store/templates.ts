// Deploy templates in the store.
import type { DeployTemplate, RequestedStep } from '@wrought/contract';
import { type Selectable, sql } from 'kysely';
import { parseList, parseObject } from './json.ts';
import { isUuid } from './nodes.ts';
import { afterMarker, type Marker, type Page, pageOrder } from './paging.ts';
import type { Database } from './store.ts';
import type { DeployTemplatesTable } from './tables.ts';
import { now } from './time.ts';

export type TemplateRow = Selectable<DeployTemplatesTable>;

/** Makes the template of a row. */
export function templateFromRow(row: TemplateRow): DeployTemplate {
  return { ...row, steps: parseList<RequestedStep>(row.steps), extra: parseObject(row.extra) };
}

/** The row of the template with this UUID or name, or undefined. */
export async function findTemplateRow(db: Database, ident: string): Promise<TemplateRow | undefined> {
  const query = db.selectFrom('deploy_templates').selectAll();
  return isUuid(ident)
    ? query.where('uuid', '=', ident.toLowerCase()).executeTakeFirst()
    : query.where('name', '=', ident).executeTakeFirst();
}

/** A page of templates. */
export async function listTemplateRows(db: Database, page: Page): Promise<TemplateRow[]> {
  let query = db
    .selectFrom('deploy_templates')
    .selectAll()
    .orderBy(pageOrder('deploy_templates', page))
    .limit(page.limit);
  if (page.marker !== undefined) {
    query = query.where(afterMarker('deploy_templates', page, page.marker));
  }
  return query.execute();
}

/** Where the page after this template begins. */
export async function templateMarker(db: Database, uuid: string, sortKey: string): Promise<Marker | undefined> {
  return db
    .selectFrom('deploy_templates')
    .select(['id', sql.ref<string | number | null>(sortKey).as('value')])
    .where('uuid', '=', uuid.toLowerCase())
    .executeTakeFirst();
}

/** Values of a template that clients write. */
type TemplateValues = Pick<DeployTemplate, 'uuid' | 'name' | 'steps' | 'extra'>;

function columns(values: TemplateValues) {
  return { ...values, steps: JSON.stringify(values.steps), extra: JSON.stringify(values.extra) };
}

/** Inserts a template. A UUID or name that exists fails the statement (see `uniqueColumn`). */
export async function insertTemplate(db: Database, values: TemplateValues): Promise<TemplateRow> {
  return db
    .insertInto('deploy_templates')
    .values({ ...columns(values), created_at: now(), updated_at: null })
    .returningAll()
    .executeTakeFirstOrThrow();
}

/** Writes the values of a template; undefined when it is gone. */
export async function updateTemplate(
  db: Database,
  id: number,
  values: TemplateValues,
): Promise<TemplateRow | undefined> {
  return db
    .updateTable('deploy_templates')
    .set({ ...columns(values), updated_at: now() })
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
}

/** Deletes a template. */
export async function deleteTemplate(db: Database, id: number): Promise<void> {
  await db.deleteFrom('deploy_templates').where('id', '=', id).execute();
}
