// Cuts a serial stream into clean lines: firmware draws with escape sequences, and pieces end anywhere.

// Control sequences (ESC [ ... letter), operating system commands (ESC ] ...), and two-byte escapes (ECMA-48).
const [esc, bell] = ['\u001b', '\u0007'];
const escapeSequence = new RegExp(
  `${esc}(?:\\[[0-9;?=]*[ -/]*[@-~]|\\][^${bell}${esc}]*(?:${bell}|${esc}\\\\)|[@-Z\\\\-_a-z])`,
  'g',
);
const controlCharacters = /\p{Cc}/gu;
const lineBreak = /[\r\n]+/;
const longestLineCharacters = 16 * 1024;

/** What stands on the line after its backspaces: iPXE draws its countdowns and percentages with them. */
function overwrite(text: string): string {
  if (!text.includes('\b')) return text;
  const shown: string[] = [];
  let column = 0;
  for (const character of text) {
    if (character === '\b') column = Math.max(0, column - 1);
    else shown[column++] = character;
  }
  return shown.join('');
}

/** A whole line as a reader of the console sees it, without escape sequences, control characters and outer blanks. */
export function cleanLine(line: string): string {
  return overwrite(line.replace(escapeSequence, '').replaceAll('\t', ' ')).replace(controlCharacters, '').trim();
}

export interface LineSplitter {
  /** Takes a piece and returns the lines that it completes, cleaned, without empty ones. */
  push(piece: Uint8Array): string[];
  /** The line that has begun and not ended, cleaned: a prompt, or progress that is drawn over. */
  unfinished(): string;
}

/** Makes a splitter; how the stream is cut into pieces makes no difference to its lines. */
export function createLineSplitter(): LineSplitter {
  const decoder = new TextDecoder();
  let rest = '';
  return {
    push(piece) {
      rest += decoder.decode(piece, { stream: true });
      const parts = rest.split(lineBreak);
      rest = parts.pop() ?? '';
      // A line that never ends must not eat memory; no line that anybody waits for is this long.
      if (rest.length > longestLineCharacters) rest = rest.slice(-longestLineCharacters);
      return parts.map((line) => cleanLine(line.slice(-longestLineCharacters))).filter((line) => line !== '');
    },
    unfinished: () => cleanLine(rest),
  };
}
