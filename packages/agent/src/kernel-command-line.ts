// Reads the kernel command line, by which the server hands the agent its settings.

/**
 * Splits a kernel command line into names and values.
 *
 * A value may stand in double quotes, as a whole parameter may (`"name=a b"`); a name without `=` has the value
 * `""`; of a repeated name the last one counts. Names are kept as they are written.
 */
export function parseKernelCommandLine(text: string): Map<string, string> {
  const parameters = new Map<string, string>();
  for (const word of splitWords(text)) {
    const equals = word.indexOf('=');
    if (equals === -1) parameters.set(word, '');
    else parameters.set(word.slice(0, equals), word.slice(equals + 1));
  }
  return parameters;
}

function splitWords(text: string): string[] {
  const words: string[] = [];
  let word = '';
  let isQuoted = false;
  let hasWord = false;
  for (const character of text) {
    if (character === '"') {
      isQuoted = !isQuoted;
      hasWord = true;
    } else if (!isQuoted && /\s/.test(character)) {
      if (hasWord) words.push(word);
      word = '';
      hasWord = false;
    } else {
      word += character;
      hasWord = true;
    }
  }
  if (hasWord) words.push(word);
  return words;
}

/**
 * The MAC in a `BOOTIF` parameter: pxelinux writes `01-52-54-00-aa-bb-cc` (hardware type first), iPXE is told to
 * write either that or the plain form with colons.
 *
 * @returns the MAC in lower case with colons, or null when the text holds none.
 */
export function parseBootInterface(text: string | undefined): string | null {
  if (text === undefined) return null;
  const groups = text.trim().toLowerCase().split(/[-:]/);
  const mac = groups.length === 7 ? groups.slice(1) : groups;
  return mac.length === 6 && mac.every((group) => /^[0-9a-f]{2}$/.test(group)) ? mac.join(':') : null;
}
