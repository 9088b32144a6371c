// Formats answers of the server as aligned text.

/** A JSON object as the server sent it. */
export type Resource = Readonly<Record<string, unknown>>;

/** Items as rows under a header of their field names. */
export function formatTable(items: readonly Resource[], columns: readonly string[]): string {
  const rows = [[...columns], ...items.map((item) => columns.map((column) => cell(item[column])))];
  return alignRows(rows);
}

/** One item as "field  value" lines; links are left out, they are for programs. */
export function formatDetails(item: Resource): string {
  const fields = Object.entries(item).filter(([name, value]) => name !== 'links' && !isLinkOnly(value));
  return alignRows(fields.map(([name, value]) => [name, cell(value)]));
}

/** One value as text on one line. */
export function cell(value: unknown): string {
  const text = value === null || value === undefined ? '-' : typeof value === 'string' ? value : JSON.stringify(value);
  return text.replace(/\s*\n\s*/g, ' ');
}

function alignRows(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, text] of row.entries()) {
      widths[index] = Math.max(widths[index] ?? 0, text.length);
    }
  }
  return rows
    .map((row) => row.map((text, index) => text.padEnd(widths[index] ?? 0)).join('  '))
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Sub-resources such as `ports` of a node are lists of links to follow, of no use to a reader. */
function isLinkOnly(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((item) => typeof item === 'object' && item !== null && 'href' in item && 'rel' in item)
  );
}
