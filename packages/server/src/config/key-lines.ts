// Finds the line of every key in a TOML text that is known to be valid; the parser tells lines for syntax errors only.

/**
 * Lines of tables and keys, counted from 1, under their path joined by `keyPath`. Keys inside inline tables and arrays
 * are not listed: their line is that of the key that holds them.
 */
export type KeyLines = ReadonlyMap<string, number>;

/** The name under which a path of keys stands in `KeyLines`. */
export function keyPath(...keys: readonly string[]): string {
  return JSON.stringify(keys);
}

/** Scans valid TOML; on invalid text the result is meaningless but the scan still ends. */
export function findKeyLines(toml: string): KeyLines {
  const lines = new Map<string, number>();
  let table: string[] = [];
  let line = 1;
  let at = 0;

  /** Moves to `end`, counting the line ends that are passed. */
  function moveTo(end: number): void {
    for (; at < end; at++) {
      if (toml[at] === '\n') {
        line++;
      }
    }
  }

  while (at < toml.length) {
    const character = toml[at] ?? '';
    if (/\s/.test(character)) {
      moveTo(at + 1);
    } else if (character === '#') {
      moveTo(endOfLine(toml, at));
    } else if (character === '[') {
      const start = toml[at + 1] === '[' ? at + 2 : at + 1;
      const key = readKey(toml, start);
      table = key.parts;
      remember(lines, [], table, line);
      moveTo(endOfLine(toml, key.end));
    } else {
      const key = readKey(toml, at);
      remember(lines, table, key.parts, line);
      moveTo(Math.max(endOfValue(toml, key.end), at + 1));
    }
  }
  return lines;
}

/** Notes the line of a (dotted) key and of each table it opens; the first mention of a table counts. */
function remember(lines: Map<string, number>, table: readonly string[], parts: readonly string[], line: number): void {
  for (let length = 1; length <= parts.length; length++) {
    const path = keyPath(...table, ...parts.slice(0, length));
    if (!lines.has(path)) {
      lines.set(path, line);
    }
  }
}

/** Reads a bare, quoted or dotted key; `end` is the first place after it. */
function readKey(toml: string, start: number): { parts: string[]; end: number } {
  const parts: string[] = [];
  const part = /[ \t]*(?:"((?:[^"\\\n]|\\.)*)"|'([^'\n]*)'|([A-Za-z0-9_-]+))[ \t]*(\.?)/y;
  part.lastIndex = start;
  for (let end = start; ; end = part.lastIndex) {
    const found = part.exec(toml);
    if (found === null) {
      return { parts, end };
    }
    parts.push(found[1] === undefined ? (found[2] ?? found[3] ?? '') : unescaped(found[1]));
    if (found[4] === '') {
      return { parts, end: part.lastIndex };
    }
  }
}

/** The end of the value that follows a key: past nested brackets, strings of every kind, and comments inside arrays. */
function endOfValue(toml: string, start: number): number {
  let depth = 0;
  let at = start;
  while (at < toml.length) {
    const character = toml[at] ?? '';
    if (character === '"' || character === "'") {
      at = endOfString(toml, at, character);
    } else if (character === '#') {
      at = endOfLine(toml, at);
    } else if (character === '\n' && depth <= 0) {
      return at;
    } else {
      depth += '[{'.includes(character) ? 1 : ']}'.includes(character) ? -1 : 0;
      at++;
    }
  }
  return at;
}

function endOfString(toml: string, start: number, quote: string): number {
  const isLong = toml.startsWith(quote.repeat(3), start);
  const close = isLong ? quote.repeat(3) : quote;
  let at = start + close.length;
  while (at < toml.length && !toml.startsWith(close, at)) {
    at += quote === '"' && toml[at] === '\\' ? 2 : 1;
  }
  at += close.length;
  // A long string may end in up to two more quotes that belong to its text.
  while (isLong && toml[at] === quote && at < toml.length) {
    at++;
  }
  return at;
}

function endOfLine(toml: string, start: number): number {
  const end = toml.indexOf('\n', start);
  return end === -1 ? toml.length : end;
}

/** Undoes the escapes of a TOML basic string: those of JSON, and \e, \xHH, \UHHHHHHHH. */
function unescaped(text: string): string {
  const named: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r', e: '\u001b' };
  return text.replace(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(.))/g, (_, ...found: string[]) => {
    const [two, four, eight, single = ''] = found;
    const code = two ?? four ?? eight;
    return code === undefined ? (named[single] ?? single) : String.fromCodePoint(Number.parseInt(code, 16));
  });
}
