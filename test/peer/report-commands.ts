// Prints where the real client gets other results from this server than from Ironic: `node test/peer/report-commands.ts [--all] [WORD...]`.
import { startTally } from '../conformance/tally.ts';
import { startPair } from './pair.ts';
import { commandDepartures, performCommands } from './perform.ts';

const pair = await startPair();
try {
  const tally = startTally(commandDepartures);
  const { outcomes, missed } = await performCommands(pair);
  tally.add(outcomes);
  for (const name of missed) console.log(`not run: ${name}`);
  tally.end();
} finally {
  await pair.stop();
}
