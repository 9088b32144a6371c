// Replays what an Ironic 21.4.4 answered, and refuses every departure that is not in the list of the allowed ones.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createJudge, readAllowances, refusals } from './departures.ts';
import { departuresDirectory, readRecording } from './recording.ts';
import { startReplay } from './replay.ts';

/** Servers that run side by side; each is a process of its own. */
const SERVERS_AT_ONCE = 2;

describe('conformance', { concurrency: 1 }, () => {
  const judge = createJudge(readAllowances(departuresDirectory));

  describe('the recorded exchanges', { concurrency: SERVERS_AT_ONCE }, () => {
    for (const sequence of readRecording()) {
      test(sequence.name, async (context) => {
        const replay = await startReplay(sequence);
        try {
          for (const group of sequence.groups) {
            await context.test(group.name, async () => {
              const refused = refusals(judge, await replay.group(group));
              assert.equal(refused, '', 'departures that are not allowed (see test/conformance/README.md)');
            });
          }
        } finally {
          await replay.stop();
        }
      });
    }
  });

  test('every allowed departure still departs', () => {
    assert.equal(judge.unused().join('\n'), '', 'entries to delete, for nothing departs there any more');
  });
});
