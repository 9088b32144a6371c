// The crash harness: every step of every flow is cut off at each boundary by SIGKILL, and its node must still reach its goal.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Harness, repeatedEffects, runScenario, type ScenarioEnd, startHarness } from './harness.ts';
import { deploysOfHarness } from './harness-conductor.ts';
import { labelOf, type RegisteredStep, registeredSteps } from './registry.ts';
import { type Scenario, scenarios } from './scenarios.ts';

const CHILDREN_AT_ONE_TIME = 2;

/** What every step must be tested at; steps that wait have a fourth one, when the journal knows that they wait. */
const boundaries = ['before effect', 'after effect', 'after journal'] as const;

interface Case {
  readonly scenario: Scenario;
  readonly step: RegisteredStep;
  readonly boundary: string;
}

const counts = { boundaries: 0, effects: 0, repeated: 0, forbidden: 0 };
const deploys = await deploysOfHarness();
const allScenarios = scenarios(deploys);
let harness: Harness;
before(async () => {
  harness = await startHarness();
});
after(() => harness.stop());

/** Every scenario undisturbed: shows which boundaries it crosses, and what its end looks like. */
async function undisturbed(): Promise<Map<Scenario, ScenarioEnd>> {
  const waiting = [...allScenarios];
  const ends = new Map<Scenario, ScenarioEnd>();
  async function work(): Promise<void> {
    for (let scenario = waiting.shift(); scenario !== undefined; scenario = waiting.shift()) {
      const end = await runScenario(harness, scenario, deploys, []);
      assert.equal(end.node.provision_state, scenario.goal, `${scenario.name}: ${end.node.last_error}`);
      assert.deepEqual(end.machine.problems, [], scenario.name);
      ends.set(scenario, end);
    }
  }
  await Promise.all(Array.from({ length: CHILDREN_AT_ONE_TIME }, work));
  return ends;
}

/** One case for each variant of a step and boundary that some scenario crosses. */
function casesOf(ends: ReadonlyMap<Scenario, ScenarioEnd>, registry: readonly RegisteredStep[]): Map<string, Case> {
  const steps = new Map(registry.map((step) => [labelOf(step), step]));
  const cases = new Map<string, Case>();
  for (const scenario of allScenarios) {
    for (const crossing of ends.get(scenario)?.machine.crossings ?? []) {
      const step = steps.get(labelOf(crossing));
      assert.ok(step !== undefined, `${scenario.name} ran ${labelOf(crossing)}, which is not in the registry.`);
      const name = `${labelOf(crossing)}, ${scenario.variant}: ${crossing.boundary}`;
      if (!cases.has(name) && (scenario.covers === undefined || scenario.covers === crossing.by)) {
        cases.set(name, { scenario, step, boundary: crossing.boundary });
      }
    }
  }
  return cases;
}

/** The variants in which a step must be tested: the flows' own and the agent's with every deploy interface. */
function variantsOf({ flow, by }: RegisteredStep): readonly string[] {
  const isDeploys = ['clean', 'deploy', 'tear-down'].includes(flow) && (by === 'flow' || by === 'agent');
  return isDeploys ? deploys : [''];
}

async function crash({ scenario, step, boundary }: Case, expected: ScenarioEnd): Promise<void> {
  const kill = { flow: step.flow, step: step.step, by: step.by, boundary };
  const { node, machine, kills } = await runScenario(harness, scenario, deploys, [kill]);
  assert.equal(kills, 1, 'the process was killed at the boundary');
  assert.deepEqual(machine.problems, []);
  counts.boundaries += 1;
  counts.effects += machine.effects.length;
  const repeats = repeatedEffects(expected.machine, machine);
  const isForeign = scenario.machine.foreignAgent && step.by === 'agent';
  const recovery = isForeign ? 'probe' : step.recovery;
  const forbidden = repeats.filter((repeat) => repeat.step !== labelOf(step) || recovery !== 'repeat');
  counts.repeated +=
    repeats.reduce((sum, { times }) => sum + times, 0) - forbidden.reduce((sum, { times }) => sum + times, 0);
  counts.forbidden += forbidden.length;
  assert.deepEqual(forbidden, [], 'no effect that may not be repeated was repeated');
  if (recovery === 'never' && boundary === 'after effect') {
    assert.equal(node.provision_state, scenario.failed);
    assert.match(node.last_error ?? '', new RegExp(`during ${step.step}, which must not run twice`));
    assert.equal(node.reservation, null);
    return;
  }
  assert.deepEqual(node, expected.node);
  assert.deepEqual(machine.state, expected.machine.state);
}

test('every step of every flow survives a crash at each boundary', { concurrency: CHILDREN_AT_ONE_TIME }, async (t) => {
  const registry = await registeredSteps(deploys);
  const ends = await undisturbed();
  const cases = casesOf(ends, registry);
  const missing = registry.flatMap((step) =>
    variantsOf(step).flatMap((variant) =>
      boundaries
        .filter((boundary) => ![...cases.keys()].some((name) => isCase(name, step, variant, boundary)))
        .map((boundary) => `${labelOf(step)} ${variant}: ${boundary}`),
    ),
  );
  assert.deepEqual(missing, [], 'every step in the registry has its three tests');
  await Promise.all(
    [...cases].map(([name, each]) =>
      t.test(name, () => {
        const expected = ends.get(each.scenario);
        assert.ok(expected !== undefined);
        return crash(each, expected);
      }),
    ),
  );
  console.log(
    `crash harness: ${registry.length} steps, ${counts.boundaries} boundaries, ${counts.effects} effects recorded, ` +
      `${counts.repeated} repeated as their recovery allows, ${counts.forbidden} forbidden repetitions`,
  );
});

function isCase(name: string, step: RegisteredStep, variant: string, boundary: string): boolean {
  return name.startsWith(`${labelOf(step)}, ${variant}`) && name.endsWith(`: ${boundary}`);
}
