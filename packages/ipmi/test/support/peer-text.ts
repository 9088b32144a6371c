// Reads what ipmitool and the FreeIPMI tools print: lines of a name, a colon and a value.

/** The value of each "name : value" line; of several lines with one name, the first. */
export function fieldsOf(text: string): Map<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^\s*(?:- )?([^:]+?)\s*:\s*(.*?)\s*$/.exec(line);
    if (match?.[1] !== undefined && !fields.has(match[1])) fields.set(match[1], match[2] ?? '');
  }
  return fields;
}
