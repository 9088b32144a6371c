// Prints what departs from the recording now: `node test/conformance/report.ts [--all] [WORD...]`.
import { departuresDirectory, readRecording } from './recording.ts';
import { startReplay } from './replay.ts';
import { startTally } from './tally.ts';

const tally = startTally(departuresDirectory);
for (const sequence of readRecording()) {
  const replay = await startReplay(sequence);
  try {
    for (const group of sequence.groups) tally.add(await replay.group(group));
  } finally {
    await replay.stop();
  }
}
tally.end();
