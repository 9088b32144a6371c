// The crash harness: every step of every flow is cut off at each boundary by SIGKILL, and its node must still reach its goal.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { deployNames } from './deploy-scenarios.ts';
import { type Harness, repeatedEffects, runScenario, type ScenarioEnd, startHarness } from './harness.ts';
import { labelOf, type RegisteredStep, registeredSteps } from './registry.ts';
import type { Scenario } from './scenario.ts';
import { scenarios } from './scenarios.ts';

const CHILDREN_AT_ONE_TIME = 2;

/** What every step must be tested at; steps that wait have a fourth one, when the journal knows that they wait. */
const boundaries = ['before effect', 'after effect', 'after journal'] as const;

/** A step that is cut off at a boundary. */
interface Cut {
  readonly name: string;
  readonly scenario: Scenario;
  readonly step: RegisteredStep;
  readonly recovery: RegisteredStep['recovery'];
  readonly boundary: string;
}

/** One run of a scenario: a process is killed at each of the cuts, and another one goes on to the next. */
interface Chain {
  readonly name: string;
  readonly scenario: Scenario;
  readonly cuts: readonly Cut[];
}

const counts = { boundaries: 0, effects: 0, repeated: 0, forbidden: 0 };

/** Does `work` for every item, so many at one time. */
async function forEach<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const waiting = [...items];
  async function next(): Promise<void> {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      await work(item);
    }
  }
  await Promise.all(Array.from({ length: CHILDREN_AT_ONE_TIME }, next));
}

/** Every scenario undisturbed: shows which boundaries it crosses, and what its end looks like. */
async function runUndisturbed(harness: Harness): Promise<Map<Scenario, ScenarioEnd>> {
  const ends = new Map<Scenario, ScenarioEnd>();
  await forEach(scenarios, async (scenario) => {
    const end = await runScenario(harness, scenario, []);
    assert.equal(end.node.provision_state, scenario.goal, `${scenario.name}: ${end.node.last_error}`);
    assert.deepEqual(end.machine.problems, [], scenario.name);
    ends.set(scenario, end);
  });
  return ends;
}

/** One cut for each variant of a step and boundary that some scenario crosses. */
function cutsOf(ends: ReadonlyMap<Scenario, ScenarioEnd>, registry: readonly RegisteredStep[]): readonly Cut[] {
  const steps = new Map(registry.map((step) => [labelOf(step), step]));
  const cuts = new Map<string, Cut>();
  for (const scenario of scenarios) {
    for (const crossing of ends.get(scenario)?.machine.crossings ?? []) {
      const step = steps.get(labelOf(crossing));
      assert.ok(step !== undefined, `${scenario.name} ran ${labelOf(crossing)}, which is not in the registry.`);
      const name = `${labelOf(crossing)}, ${scenario.variant}: ${crossing.boundary}`;
      if (!cuts.has(name) && (scenario.covers === undefined || scenario.covers === crossing.by)) {
        const isForeign = scenario.machine.foreignAgent && step.by === 'agent';
        const recovery = isForeign ? 'probe' : step.recovery;
        cuts.set(name, { name, scenario, step, recovery, boundary: crossing.boundary });
      }
    }
  }
  return [...cuts.values()];
}

/** A step that must not run twice ends its flow when it is cut off after its effect: each needs a run of its own. */
const endsItsFlow = ({ recovery, boundary }: Cut) => recovery === 'never' && boundary === 'after effect';

/** Cuts of the same scenario at the same boundary go into one run: each of its steps is cut off once. */
function chainsOf(cuts: readonly Cut[]): readonly Chain[] {
  const grouped = Map.groupBy(cuts, (cut) => (endsItsFlow(cut) ? cut.name : `${cut.scenario.name}: ${cut.boundary}`));
  return [...grouped].flatMap(([name, members]) => {
    const scenario = members[0]?.scenario;
    return scenario === undefined ? [] : [{ name, scenario, cuts: members }];
  });
}

/** The tests that the registry demands and that no cut is: flows' own and the agent's steps with every deploy interface. */
function missingTests(cuts: readonly Cut[], registry: readonly RegisteredStep[]): readonly string[] {
  return registry.flatMap((step) => {
    const isDeploys =
      ['clean', 'deploy', 'service', 'tear-down'].includes(step.flow) && (step.by === 'flow' || step.by === 'agent');
    const variants = isDeploys ? deployNames : [undefined];
    const wanted = variants.flatMap((variant) => boundaries.map((boundary) => ({ variant, boundary })));
    return wanted
      .filter(
        ({ variant, boundary }) =>
          !cuts.some(
            (cut) =>
              labelOf(cut.step) === labelOf(step) &&
              cut.boundary === boundary &&
              (variant === undefined || variant === cut.scenario.variant),
          ),
      )
      .map(({ variant, boundary }) => `${labelOf(step)}, ${variant ?? 'any'}: ${boundary}`);
  });
}

/** Throws when the scenario did not end as it does undisturbed, or as it must after a cut that ends its flow. */
function checkEnd({ scenario, cuts }: Chain, { node, machine }: ScenarioEnd, expected: ScenarioEnd): void {
  const [cut] = cuts;
  if (cut !== undefined && endsItsFlow(cut)) {
    assert.equal(node.provision_state, scenario.failed);
    assert.match(node.last_error ?? '', new RegExp(`during ${cut.step.step}, which must not run twice`));
    assert.equal(node.reservation, null);
  } else {
    assert.deepEqual(node, expected.node);
    assert.deepEqual(machine.state, expected.machine.state);
  }
}

async function runChain(t: TestContext, harness: Harness, chain: Chain, expected: ScenarioEnd): Promise<void> {
  const kills = chain.cuts.map(({ step: { flow, step, by }, boundary }) => ({ flow, step, by, boundary }));
  const end = await runScenario(harness, chain.scenario, kills);
  const repeats = repeatedEffects(expected.machine, end.machine);
  const repeatable = new Set(chain.cuts.filter((cut) => cut.recovery === 'repeat').map((cut) => labelOf(cut.step)));
  const forbidden = repeats.filter((repeat) => !repeatable.has(repeat.step));
  counts.effects += end.machine.effects.length;
  counts.repeated += repeats.filter((repeat) => repeatable.has(repeat.step)).length;
  counts.forbidden += forbidden.length;
  for (const [index, cut] of chain.cuts.entries()) {
    await t.test(cut.name, () => {
      assert.ok(index < end.kills, 'the process was killed there');
      counts.boundaries += 1;
    });
  }
  await t.test('no effect that may not be repeated is repeated', () => assert.deepEqual(forbidden, []));
  await t.test('the node comes to its end', () => {
    assert.deepEqual(end.machine.problems, []);
    checkEnd(chain, end, expected);
  });
}

test('every step of every flow survives a crash at each boundary', { concurrency: CHILDREN_AT_ONE_TIME }, async (t) => {
  const harness = await startHarness();
  t.after(() => harness.stop());
  const registry = await registeredSteps();
  const ends = await runUndisturbed(harness);
  const cuts = cutsOf(ends, registry);
  assert.deepEqual(missingTests(cuts, registry), [], 'every step in the registry has its three tests');
  await Promise.all(
    chainsOf(cuts).map((chain) =>
      t.test(chain.name, (tt) => {
        const expected = ends.get(chain.scenario);
        assert.ok(expected !== undefined);
        return runChain(tt, harness, chain, expected);
      }),
    ),
  );
  console.log(
    `crash harness: ${registry.length} steps, ${counts.boundaries} boundaries, ${counts.effects} effects recorded, ` +
      `${counts.repeated} repeated as their recovery allows, ${counts.forbidden} forbidden repetitions`,
  );
  assert.equal(counts.boundaries, cuts.length, 'every boundary was tested');
});
