// Cuts a serial stream into clean lines: firmware draws with escape sequences, and pieces end anywhere.

// Control sequences (CSI ... letter), operating system commands, and two-byte escapes (ECMA-48).
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with a control character
const escapeSequence = /\x1b(?:\[[0-9;?=]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_a-z])/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: this is what is to be removed
const controlCharacters = /[\x00-\x08\x0b-\x1f\x7f]/g;
const lineBreak = /[\r\n]+/;
const longestLineCharacters = 16 * 1024;

/** Removes escape sequences and control characters from a whole line. */
export function cleanLine(line: string): string {
  return line.replace(escapeSequence, '').replace(controlCharacters, '').trim();
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
