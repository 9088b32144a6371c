// Where the steps of automated cleaning come from: the drivers, or a runbook that the node, its resource class or all nodes have.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import type { RequestedStep } from '@wrought/contract';
import { done, step } from '../src/drivers/kit/index.ts';
import { runbookTable } from '../src/store/runbooks.ts';
import { requester, startConductor } from './support/conductor.ts';
import { testOnBoth } from './support/databases.ts';
import { deployStep, scripted, scriptedDriver } from './support/scripted-driver.ts';

const cleanStep = (name: string, order: number): RequestedStep => ({ interface: 'deploy', step: name, order });

async function start(t: TestContext, ...set: string[]) {
  const ran: string[] = [];
  let prepared = 0;
  const noting = (name: string, priority: number, requires_ramdisk = false) =>
    step({
      interface: 'deploy',
      step: name,
      kinds: ['clean'],
      priority,
      recovery: 'repeat',
      requires_ramdisk,
      async execute() {
        ran.push(name);
        return done();
      },
    });
  const driver = scriptedDriver({
    steps: [
      noting('wipe', 10),
      noting('scan', 0),
      noting('burn', 0, true),
      deployStep('deploy', 100, async () => done()),
    ],
    async prepareCleaning() {
      prepared += 1;
      return done();
    },
  });
  const options = scripted(driver, ...set.map((option) => `conductor.automated_cleaning_${option}`));
  const server = await startConductor(t, options);
  const names = { wipe: 'CUSTOM_WIPE', burn: 'CUSTOM_BURN', odd: 'CUSTOM_ODD' };
  const steps: Readonly<Record<string, readonly RequestedStep[]>> = {
    wipe: [cleanStep('wipe', 9), cleanStep('scan', 1)],
    burn: [cleanStep('burn', 1)],
    odd: [cleanStep('nowhere', 1)],
  };
  for (const [name, trait] of Object.entries(names)) {
    await server.store.transaction((trx) =>
      runbookTable.insert(trx, {
        uuid: randomUUID(),
        name,
        steps: steps[name],
        disable_ramdisk: name === 'wipe',
        extra: {},
        public: false,
        traits: [trait],
      }),
    );
  }
  /** Provides a node; answers how that ended. */
  async function provide(state: string, fields: Parameters<typeof server.node>[0] = {}) {
    ran.length = 0;
    prepared = 0;
    const node = await server.node({
      driver: 'scripted',
      provision_state: 'manageable',
      traits: Object.values(names),
      ...fields,
    });
    await server.conductor.doors.start.provision({ node, verb: 'provide', requester });
    const ended = await server.untilState(node.uuid, state);
    return { ran: [...ran], prepared, error: ended.last_error ?? '', node: ended };
  }
  return { ...server, ran, provide };
}

testOnBoth('steps come from the drivers, from a runbook, or from a runbook where one is named', async (t) => {
  const cases: readonly (readonly [readonly string[], readonly string[], number])[] = [
    [[], ['wipe'], 1],
    [['runbook=burn'], ['wipe'], 1],
    [['step_source=runbook', 'runbook=wipe'], ['scan', 'wipe'], 0],
    [['step_source=runbook', 'runbook=burn'], ['burn'], 1],
    [['step_source=hybrid', 'runbook=burn'], ['burn'], 1],
    [['step_source=hybrid'], ['wipe'], 1],
    [['step_source=hybrid', 'runbook_by_resource_class={"silver": "burn"}'], ['wipe'], 1],
  ];
  for (const [set, expected, prepared] of cases) {
    const { provide } = await start(t, ...set);
    const cleaned = await provide('available');
    assert.deepEqual([cleaned.ran, cleaned.prepared, cleaned.error], [expected, prepared, ''], set.join(' '));
  }
});

test('the runbook of the node goes before that of its resource class, and that before the one of all', async (t) => {
  const set = ['step_source=runbook', 'runbook=wipe', 'runbook_by_resource_class={"gold": "burn"}'];
  const { provide } = await start(t, ...set);
  assert.deepEqual((await provide('available')).ran, ['scan', 'wipe']);
  assert.deepEqual((await provide('available', { resource_class: 'gold' })).ran, ['burn']);
  const own = { driver_info: { cleaning_runbook: 'wipe' }, resource_class: 'gold' };
  assert.deepEqual((await provide('available', own)).ran, ['burn'], 'the node is not asked');
  const asking = await start(t, ...set, 'runbook_from_node=true');
  assert.deepEqual((await asking.provide('available', own)).ran, ['scan', 'wipe']);
  const missing = { driver_info: { cleaning_runbook: 'none' } };
  assert.match(
    (await asking.provide('clean failed', missing)).error,
    /driver_info\/cleaning_runbook of the node names the runbook "none", which does not exist/,
  );
});

test('a runbook that is missing or does not fit fails the cleaning, and the error says who named it', async (t) => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [
      ['step_source=runbook'],
      /step_source is "runbook", and no runbook is named for it. Name one in conductor\.automated_cleaning_runbook_by_resource_class \(its resource class is "gold"\) or/,
    ],
    [
      ['step_source=hybrid', 'runbook=none'],
      /conductor\.automated_cleaning_runbook names the runbook "none", which does not exist. Create it/,
    ],
    [
      ['step_source=runbook', 'runbook_by_resource_class={"gold": "burn"}'],
      /automated_cleaning_runbook_by_resource_class for "gold" names the runbook "burn", which is not meant for it.*\(it has CUSTOM_BURN\).*validate_traits to false/,
    ],
    [
      ['step_source=runbook', 'runbook=odd', 'runbook_validate_traits=false'],
      /Automated cleaning runs the runbook "odd" \(named by conductor\.automated_cleaning_runbook\).*has no clean step "deploy\.nowhere".*It offers: /,
    ],
  ];
  for (const [set, reason] of cases) {
    const { provide } = await start(t, ...set);
    const failed = await provide('clean failed', { resource_class: 'gold', traits: [] });
    assert.match(failed.error, reason);
    assert.deepEqual([failed.ran, failed.node.maintenance], [[], false]);
  }
  const lenient = await start(t, 'step_source=runbook', 'runbook=burn', 'runbook_validate_traits=false');
  assert.deepEqual((await lenient.provide('available', { traits: [] })).ran, ['burn']);
});

test('a node whose cleaning is switched off needs no runbook', async (t) => {
  const { provide } = await start(t, 'step_source=runbook');
  assert.deepEqual((await provide('available', { automated_clean: false })).ran, []);
});

test('a node that is torn down is cleaned by the runbook, and that is written down as automated cleaning', async (t) => {
  const server = await start(t, 'step_source=runbook', 'runbook=wipe');
  const node = await server.node({ driver: 'scripted', provision_state: 'active', traits: ['CUSTOM_WIPE'] });
  await server.conductor.doors.start.provision({ node, verb: 'deleted', requester });
  await server.untilState(node.uuid, 'available');
  assert.deepEqual(server.ran, ['scan', 'wipe']);
  const history = await server.store.read.selectFrom('node_history').select('event').execute();
  assert.ok(history.some(({ event }) => event === 'automated_cleaning_end'));
});
