// Crashes at random places, several in a row: whatever the moments, the node reaches its goal or says why it does not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { repeatedEffects, runScenario, type ScenarioEnd, startHarness } from './harness.ts';
import { labelOf, registeredSteps } from './registry.ts';
import type { Scenario } from './scenario.ts';
import { scenarios } from './scenarios.ts';

const RUNS = 10;
const MOST_KILLS = 3;
/** More crossings than a child makes before the next one: some kills hit nothing, which is a run with fewer kills. */
const MOST_CROSSINGS = 25;
const LONGEST_LIFE_MILLISECONDS = 700;

const names = ['deployment with direct', 'automated cleaning with direct', 'deployment with recorder', 'soft reboot'];
const chosen = scenarios.filter(({ name }) => names.includes(name));

/** Whether the words of a failure are those of a step that must not run twice and was cut off. */
const isCutOff = (words: string | null) =>
  /must not run twice, and whether it was finished is not known/.test(words ?? '');

async function check(scenario: Scenario, end: ScenarioEnd, expected: ScenarioEnd): Promise<void> {
  const recovery = new Map((await registeredSteps()).map((step) => [labelOf(step), step.recovery]));
  const forbidden = repeatedEffects(expected.machine, end.machine).filter(
    ({ step }) => recovery.get(step) !== 'repeat',
  );
  assert.deepEqual(end.machine.problems, []);
  assert.deepEqual(forbidden, []);
  assert.equal(end.node.reservation, null);
  if (end.node.provision_state === scenario.failed && isCutOff(end.node.last_error)) {
    return;
  }
  assert.deepEqual(end.node, expected.node);
  assert.deepEqual(end.machine.state, expected.machine.state);
}

async function property(kills: fc.Arbitrary<Parameters<typeof runScenario>[2][number]>): Promise<void> {
  const harness = await startHarness();
  const undisturbed = new Map<string, ScenarioEnd>();
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...chosen),
        fc.array(kills, { minLength: 1, maxLength: MOST_KILLS }),
        async (scenario, places) => {
          const expected = undisturbed.get(scenario.name) ?? (await runScenario(harness, scenario, []));
          undisturbed.set(scenario.name, expected);
          await check(scenario, await runScenario(harness, scenario, places), expected);
        },
      ),
      // Every run starts processes; looking for a smaller counterexample would start hundreds.
      { numRuns: RUNS, endOnFailure: true },
    );
  } finally {
    await harness.stop();
  }
}

test('kills at random boundaries, several in a row, lose no node', () =>
  property(fc.record({ crossing: fc.integer({ min: 1, max: MOST_CROSSINGS }) })));

test('kills at random moments, several in a row, lose no node', () =>
  property(fc.record({ afterMilliseconds: fc.integer({ min: 50, max: LONGEST_LIFE_MILLISECONDS }) })));
