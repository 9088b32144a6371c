// conductor.on_restart on every flow: what was under way when the server stopped goes on to its goal, or fails in its own way.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Node, ProvisionState } from '@wrought/contract';
import type { AnyInterface, Driver } from '../src/drivers/kit/index.ts';
import type { StartDoor } from '../src/flows/doors.ts';
import type { FlowName } from '../src/flows/flow.ts';
import { flows } from '../src/flows/index.ts';
import { findNodeById, type NewNode } from '../src/store/nodes.ts';
import { requester, startConductor, type TestConductor } from './support/conductor.ts';
import { scripted, scriptedDriver } from './support/scripted-driver.ts';

interface Case {
  readonly state: ProvisionState;
  readonly fields?: Partial<NewNode>;
  begin(start: StartDoor, node: Node): Promise<void>;
  /** Where the node ends when its work goes on, and where when it fails. */
  readonly goal: ProvisionState;
  readonly failed: ProvisionState;
}

const verb =
  (name: Parameters<StartDoor['provision']>[0]['verb'], more = {}): Case['begin'] =>
  (start, node) =>
    start.provision({ node, verb: name, requester, ...more });

const cases: Readonly<Record<FlowName, Case>> = {
  verify: { state: 'enroll', begin: verb('manage'), goal: 'manageable', failed: 'enroll' },
  inspect: { state: 'manageable', begin: verb('inspect'), goal: 'manageable', failed: 'inspect failed' },
  adopt: { state: 'manageable', begin: verb('adopt'), goal: 'active', failed: 'adopt failed' },
  clean: {
    state: 'manageable',
    // A flow that has nothing to do can not be cut off.
    begin: verb('clean', { cleanSteps: [{ interface: 'bios', step: 'factory_reset' }] }),
    goal: 'manageable',
    failed: 'clean failed',
  },
  deploy: { state: 'available', begin: verb('active'), goal: 'active', failed: 'deploy failed' },
  rescue: {
    state: 'active',
    begin: verb('rescue', { rescuePassword: 'a long password' }),
    goal: 'rescue',
    failed: 'rescue failed',
  },
  unrescue: { state: 'rescue', begin: verb('unrescue'), goal: 'active', failed: 'unrescue failed' },
  service: {
    state: 'active',
    begin: verb('service', { serviceSteps: [{ interface: 'vendor', step: 'log_passthrough' }] }),
    goal: 'active',
    failed: 'service failed',
  },
  'abort-service': { state: 'service failed', begin: verb('abort'), goal: 'active', failed: 'service failed' },
  'tear-down': {
    state: 'active',
    fields: { automated_clean: false },
    begin: verb('deleted'),
    goal: 'available',
    failed: 'error',
  },
  power: {
    state: 'active',
    begin: (start, node) => start.power({ node, target: 'power on', requester }),
    goal: 'active',
    failed: 'active',
  },
  'boot-mode': {
    state: 'active',
    // A fake machine has no boot mode to set.
    fields: { driver: 'scripted' },
    begin: (start, node) => start.bootMode({ node, mode: 'uefi', requester }),
    goal: 'active',
    failed: 'active',
  },
  console: {
    state: 'active',
    begin: (start, node) => start.console({ node, isEnabled: true, requester }),
    goal: 'active',
    failed: 'active',
  },
  'virtual-media': {
    state: 'active',
    begin: (start, node) => start.detachVirtualMedia({ node, types: [], requester }),
    goal: 'active',
    failed: 'active',
  },
};

function machineWithBootMode(): Driver {
  const driver = scriptedDriver({});
  const interfaces = driver.interfaces.map(
    (each): AnyInterface =>
      each.kind === 'management' ? { ...each, getBootMode: async () => 'bios', setBootMode: async () => {} } : each,
  );
  return { ...driver, interfaces };
}

/** Begins the flow and lets its process sleep before the first effect for ever; answers the process that takes over. */
async function cutOff(
  t: TestContext,
  name: FlowName,
  onRestart: string,
): Promise<{ server: TestConductor; node: Node }> {
  const { state, fields, begin } = cases[name];
  const reached = Promise.withResolvers<void>();
  const never = new Promise<void>(() => {});
  let isFirst = true;
  const first = await startConductor(t, {
    ...scripted(machineWithBootMode(), `conductor.on_restart=${onRestart}`),
    async watchBoundary(boundary) {
      if (isFirst && boundary === 'before effect') {
        reached.resolve();
        await never;
      }
    },
  });
  const node = await first.node({ provision_state: state, power_state: 'power off', ...fields });
  await begin(first.conductor.doors.start, node);
  await reached.promise;
  isFirst = false;
  return { server: await first.takeOver(), node };
}

/** Waits until the run of the node has ended. */
async function untilEnded({ store }: TestConductor, { id }: Node) {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const runs = await store.read.selectFrom('runs').selectAll().where('node_id', '=', id).orderBy('id').execute();
    if (runs.every(({ finished_at }) => finished_at !== null)) {
      return { run: runs[0], node: await findNodeById(store.read, id) };
    }
    assert.ok(performance.now() < deadline, JSON.stringify(runs));
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

for (const name of Object.keys(flows) as FlowName[]) {
  test(`${name} goes on where it was`, async (t) => {
    const { server, node } = await cutOff(t, name, 'resume');
    const ended = await untilEnded(server, node);
    assert.deepEqual(
      [ended.run?.flow, ended.run?.failure, ended.node?.provision_state, ended.node?.reservation],
      [name, null, cases[name].goal, null],
    );
  });

  test(`${name} fails where conductor.on_restart says so`, async (t) => {
    const { server, node } = await cutOff(t, name, 'fail');
    const ended = await untilEnded(server, node);
    assert.match(ended.run?.failure ?? '', /^The server stopped during [\w.-]+, and conductor\.on_restart is "fail"\./);
    assert.deepEqual(
      [ended.run?.flow, ended.node?.last_error, ended.node?.provision_state, ended.node?.reservation],
      [name, ended.run?.failure, cases[name].failed, null],
    );
  });
}
