// Prints what departs now: `node test/conformance/report.ts [--all] [WORD...]`; without --all only what is not allowed or is pending.
import { parseArgs } from 'node:util';
import { createJudge, readAllowances } from './departures.ts';
import { readRecording } from './recording.ts';
import { startReplay } from './replay.ts';

const { values, positionals: words } = parseArgs({ options: { all: { type: 'boolean' } }, allowPositionals: true });

const judge = createJudge(readAllowances());
const counts: Record<string, number> = {};
let agreeing = 0;

for (const sequence of readRecording()) {
  const replay = await startReplay(sequence);
  for (const group of sequence.groups) {
    for (const outcome of await replay.group(group)) {
      agreeing += outcome.departures.length === 0 ? 1 : 0;
      const { allowed } = judge.judge(outcome);
      for (const departure of outcome.departures) {
        const kind = allowed.get(departure)?.kind ?? 'not allowed';
        counts[kind] = (counts[kind] ?? 0) + 1;
        const { at, method, path, version } = outcome;
        const line = `${kind}: ${at} ${method} ${path} (${version ?? 'no version'}): ${departure}`;
        const isWanted = words.length === 0 || words.some((word) => line.includes(word));
        if (isWanted && (values.all || kind === 'not allowed' || kind === 'pending')) console.log(line);
      }
    }
  }
  await replay.stop();
}
for (const entry of judge.unused()) console.log(`no longer needed: ${entry}`);
console.log(`${agreeing} exchanges agree; departures: ${JSON.stringify(counts)}`);
