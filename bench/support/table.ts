// Prints rows as an aligned table of plain text.

export type Row = Readonly<Record<string, string>>;

/** Columns in the order of the first row; the first is left-aligned, the others right-aligned. */
export function table(rows: readonly Row[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const widths = columns.map((column) => Math.max(column.length, ...rows.map((row) => (row[column] ?? '').length)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0)))
      .join('  ')
      .trimEnd();
  return [line(columns), line(widths.map((width) => '-'.repeat(width)))]
    .concat(rows.map((row) => line(columns.map((column) => row[column] ?? ''))))
    .join('\n');
}

/** Three significant digits, without an exponent. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '-';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : Math.abs(value) >= 1 ? 2 : 3;
  return value.toFixed(digits);
}

/** "12.3x": how many times the first is the second. */
export function ratio(first: number, second: number): string {
  return `${figure(first / second)}x`;
}
