// Deploy templates in the store.
import { type PlainRow, plainTable } from './plain-table.ts';

export type TemplateRow = PlainRow<'deploy_templates'>;

export const templateTable = plainTable('deploy_templates');
