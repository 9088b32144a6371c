// Prints the lines of `wrought node watch`; a percentage stays on one line of a terminal and is thinned out elsewhere.
import type { Context } from '../context.ts';
import { cell, type Resource } from '../output.ts';

export interface Progress {
  line(at: Date, text: string): void;
  /** One event of the timeline; with a number `data.percent` it is progress. */
  event(event: Resource): void;
  /** Leaves the cursor on a new line. */
  end(): void;
}

/** Where output is not a terminal, a line is printed each time this many percent are done. */
const percentBetweenLines = 10;

export function createProgress(context: Context): Progress {
  let isLineOpen = false;
  let printedPercent: number | undefined;

  function closeLine(): void {
    if (isLineOpen) {
      context.printRaw('\n');
      isLineOpen = false;
    }
  }

  function line(at: Date, text: string): void {
    closeLine();
    printedPercent = undefined;
    context.print(`${clock(at)}  ${text}`);
  }

  function percentage(at: Date, percent: number, text: string): void {
    if (context.isTerminal) {
      // Back to the start of the line, and clear what is left of the one before.
      context.printRaw(`\r\u001b[K${clock(at)}  ${text}`);
      isLineOpen = true;
    } else if (
      printedPercent === undefined ||
      percent < printedPercent ||
      percent >= printedPercent + percentBetweenLines ||
      (percent === 100 && printedPercent !== 100)
    ) {
      printedPercent = percent;
      context.print(`${clock(at)}  ${text}`);
    }
  }

  return {
    line,
    event(event) {
      const at = new Date(String(event.at));
      const percent = percentOf(event.data);
      const kind = `${cell(event.kind)}: `;
      const message = cell(event.message);
      if (percent === undefined) {
        line(at, event.severity === 'error' ? `${kind}error: ${message}` : kind + message);
      } else {
        percentage(at, percent, /\d\s*%/.test(message) ? kind + message : `${kind}${message} ${Math.floor(percent)} %`);
      }
    },
    end: closeLine,
  };
}

function percentOf(data: unknown): number | undefined {
  const percent = typeof data === 'object' && data !== null && 'percent' in data ? data.percent : undefined;
  return typeof percent === 'number' ? percent : undefined;
}

/** Time of day of this machine, as an operator's clock shows it. */
function clock(at: Date): string {
  return Number.isNaN(at.getTime()) ? '--:--:--' : at.toTimeString().slice(0, 8);
}
