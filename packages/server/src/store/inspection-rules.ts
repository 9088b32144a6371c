// Inspection rules in the store.
import { type PlainRow, plainTable } from './plain-table.ts';

export type InspectionRuleRow = PlainRow<'inspection_rules'>;

export const inspectionRuleTable = plainTable('inspection_rules');
