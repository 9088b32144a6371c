// Prints departures as they come, and at the end how many there were of each class.
import { parseArgs } from 'node:util';
import { createJudge, readAllowances } from './departures.ts';
import type { Outcome } from './replay.ts';

export interface Tally {
  /** Prints what departs in these, as far as it was asked for. */
  add(outcomes: readonly Outcome[]): void;
  /** Prints the entries that are no longer needed, and the sums. */
  end(): void;
}

/** Reads `[--all] [WORD...]` of the command line: without --all only what is not allowed or is pending is printed. */
export function startTally(departuresDirectory: string): Tally {
  const { values, positionals: words } = parseArgs({ options: { all: { type: 'boolean' } }, allowPositionals: true });
  const judge = createJudge(readAllowances(departuresDirectory));
  const counts: Record<string, number> = {};
  let agreeing = 0;
  return {
    add(outcomes) {
      for (const outcome of outcomes) {
        const { at, method, path, version, departures } = outcome;
        agreeing += departures.length === 0 ? 1 : 0;
        const { allowed } = judge.judge(outcome);
        for (const departure of departures) {
          const kind = allowed.get(departure)?.kind ?? 'not allowed';
          counts[kind] = (counts[kind] ?? 0) + 1;
          const line = `${kind}: ${at} ${method} ${path} (${version ?? 'no version'}): ${departure}`;
          const isWanted = words.length === 0 || words.some((word) => line.includes(word));
          if (isWanted && (values.all || kind === 'not allowed' || kind === 'pending')) console.log(line);
        }
      }
    },
    end() {
      for (const entry of judge.unused()) console.log(`no longer needed: ${entry}`);
      console.log(`${agreeing} agree; departures: ${JSON.stringify(counts)}`);
    },
  };
}
