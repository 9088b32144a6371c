// Sends the same requests to Debian's Ironic and to this server, and refuses every difference that is not in the list of the allowed ones.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createJudge, readAllowances, refusals } from '../conformance/departures.ts';
import { startPair } from './pair.ts';
import { createPlayer, requestDepartures } from './play.ts';
import { chapters, versions } from './script.ts';

test('requests are answered as the peer answers them', async (context) => {
  const judge = createJudge(readAllowances(requestDepartures));
  const pair = await startPair();
  const player = createPlayer(pair);
  try {
    for (const version of versions) {
      for (const chapter of chapters) {
        await context.test(`${version}: ${chapter.name}`, async () => {
          const refused = refusals(judge, await player.play(chapter, version));
          assert.equal(refused, '', 'differences that are not allowed (see test/peer/README.md)');
        });
      }
      await player.cleanUp();
    }
    await context.test('every allowed difference is still there', () => {
      assert.equal(judge.unused().join('\n'), '', 'entries to delete, for nothing differs there any more');
    });
  } finally {
    player.close();
    await pair.stop();
  }
});
