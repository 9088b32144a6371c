// Pages through tables by key: order by a column and the number of the row, and go on after the row that a marker names.
import { type RawBuilder, type SqlBool, sql } from 'kysely';

/** Where a page begins: the row named by the client's marker. */
export interface Marker {
  readonly id: number;
  /** Its value in the column that is sorted by. */
  readonly value: string | number | null;
}

export interface Page {
  /** Column to sort by; rows with equal values come in the order of their numbers. */
  readonly sortKey: string;
  readonly descending: boolean;
  readonly limit: number;
  readonly marker?: Marker;
}

// NULL is the smallest value in both databases, whatever each of them would do by itself.

/** ORDER BY for a page. */
export function pageOrder(table: string, { sortKey, descending }: Page): RawBuilder<unknown> {
  const id = sql.ref(`${table}.id`);
  if (sortKey === 'id') {
    return descending ? sql`${id} desc` : sql`${id} asc`;
  }
  const column = sql.ref(`${table}.${sortKey}`);
  return descending ? sql`${column} desc nulls last, ${id} desc` : sql`${column} asc nulls first, ${id} asc`;
}

/** Condition that leaves out everything up to the marker. */
export function afterMarker(table: string, { sortKey, descending }: Page, marker: Marker): RawBuilder<SqlBool> {
  const id = sql.ref(`${table}.id`);
  const column = sql.ref(`${table}.${sortKey}`);
  const laterId = descending ? sql<SqlBool>`${id} < ${marker.id}` : sql<SqlBool>`${id} > ${marker.id}`;
  if (sortKey === 'id') {
    return laterId;
  }
  if (marker.value === null) {
    return descending
      ? sql<SqlBool>`(${column} is null and ${laterId})`
      : sql<SqlBool>`(${column} is not null or ${laterId})`;
  }
  return descending
    ? sql<SqlBool>`(${column} < ${marker.value} or ${column} is null or (${column} = ${marker.value} and ${laterId}))`
    : sql<SqlBool>`(${column} > ${marker.value} or (${column} = ${marker.value} and ${laterId}))`;
}
