// Runs every command of the real client against Debian's Ironic and this server, and refuses every difference that is not in the list of the allowed ones.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createJudge, readAllowances, refusals } from '../conformance/departures.ts';
import { startPair } from './pair.ts';
import { commandDepartures, performCommands } from './perform.ts';

test('the commands of the real client end as they do with the peer', async (context) => {
  const judge = createJudge(readAllowances(commandDepartures));
  const pair = await startPair();
  try {
    const { outcomes, missed } = await performCommands(pair);
    for (const outcome of outcomes) {
      await context.test(`${outcome.at} ${outcome.path}`, () => {
        assert.equal(refusals(judge, [outcome]), '', 'differences that are not allowed (see test/peer/README.md)');
      });
    }
    await context.test('every command was run', () => assert.deepEqual(missed, []));
    await context.test('every allowed difference is still there', () => {
      assert.equal(judge.unused().join('\n'), '', 'entries to delete, for nothing differs there any more');
    });
  } finally {
    await pair.stop();
  }
});
