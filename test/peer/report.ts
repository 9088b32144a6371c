// Prints where this server answers otherwise than Debian's Ironic now: `node test/peer/report.ts [--all] [WORD...]`.
import { startTally } from '../conformance/tally.ts';
import { startPair } from './pair.ts';
import { createPlayer, requestDepartures } from './play.ts';
import { chapters, versions } from './script.ts';

const pair = await startPair();
try {
  const tally = startTally(requestDepartures);
  const player = createPlayer(pair);
  for (const version of versions) {
    for (const chapter of chapters) tally.add(await player.play(chapter, version));
    await player.cleanUp();
  }
  player.close();
  tally.end();
} finally {
  await pair.stop();
}
