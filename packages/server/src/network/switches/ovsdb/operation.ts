// The operations of an OVSDB transaction (RFC 7047, section 5.2), and what comes back of them.
import { OvsdbError } from './errors.ts';
import { decodeRow, encodeRow, encodeValue, type Row, type Value } from './value.ts';

type Condition = readonly [column: string, comparison: '==' | '!=' | 'includes' | 'excludes', value: Value];
type Mutation = readonly [column: string, mutator: 'insert' | 'delete' | '+=', value: Value];

/** An operation of a transaction (section 5.2). */
export type Operation =
  | {
      readonly op: 'select';
      readonly table: string;
      readonly where: readonly Condition[];
      readonly columns: readonly string[];
    }
  | { readonly op: 'insert'; readonly table: string; readonly row: Row; readonly uuidName: string }
  | { readonly op: 'update'; readonly table: string; readonly where: readonly Condition[]; readonly row: Row }
  | {
      readonly op: 'mutate';
      readonly table: string;
      readonly where: readonly Condition[];
      readonly mutations: readonly Mutation[];
    }
  /** Ends the transaction unless the rows are these: what was read before is still so. */
  | {
      readonly op: 'wait';
      readonly table: string;
      readonly where: readonly Condition[];
      readonly columns: readonly string[];
      readonly rows: readonly Row[];
    };

export interface OperationResult {
  /** Of a select. */
  readonly rows: readonly Row[];
  /** Rows that an update or a mutation met. */
  readonly count: number;
}

/** The operation as it goes into JSON. */
export function encodeOperation(operation: Operation): Record<string, unknown> {
  const where =
    'where' in operation
      ? { where: operation.where.map(([column, comparison, value]) => [column, comparison, encodeValue(value)]) }
      : {};
  switch (operation.op) {
    case 'select':
      return { ...operation, ...where };
    case 'insert': {
      const { op, table, row, uuidName } = operation;
      return { op, table, row: encodeRow(row), 'uuid-name': uuidName };
    }
    case 'update':
      return { ...operation, ...where, row: encodeRow(operation.row) };
    case 'mutate':
      return {
        ...operation,
        ...where,
        mutations: operation.mutations.map(([column, mutator, value]) => [column, mutator, encodeValue(value)]),
      };
    case 'wait':
      return { ...operation, ...where, until: '==', timeout: 0, rows: operation.rows.map(encodeRow) };
  }
}

/** What each operation gave. @throws OvsdbError when the transaction was refused */
export function readResults(place: string, operations: readonly Operation[], result: unknown): OperationResult[] {
  if (!Array.isArray(result)) {
    throw new OvsdbError(place, `the answer to a transaction is no list: ${JSON.stringify(result)?.slice(0, 200)}`);
  }
  // The last element may be one more: what went wrong when all was to be written.
  for (const [index, each] of (result as { error?: unknown; details?: unknown }[]).entries()) {
    if (each?.error !== undefined && each.error !== null) {
      const operation = operations[index];
      const what = operation === undefined ? 'the whole' : `${operation.op} in table ${operation.table}`;
      throw new OvsdbError(
        place,
        `a transaction was refused at ${what}: ${String(each.error)}${each.details === undefined ? '' : ` (${String(each.details)})`}`,
      );
    }
  }
  return (result as { rows?: unknown[]; count?: number }[]).map((each) => ({
    rows: (each?.rows ?? []).map(decodeRow),
    count: each?.count ?? 0,
  }));
}
