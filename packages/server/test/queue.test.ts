// Limits on what is under way at once: what is over waits in line and says so, is let in by turns, and survives restarts.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Node } from '@wrought/contract';
import { sql } from 'kysely';
import { explain } from '../src/api/wrought/why.ts';
import { done } from '../src/drivers/kit/index.ts';
import { getNode } from '../src/store/nodes.ts';
import { timelineAfter } from '../src/store/timeline.ts';
import { requester, startConductor, type TestConductor } from './support/conductor.ts';
import { testOnBoth } from './support/databases.ts';
import { deployStep, gate, scripted, scriptedDriver } from './support/scripted-driver.ts';

const available = { driver: 'scripted', provision_state: 'available' } as const;
const LIMIT = 2;

interface Site {
  readonly server: TestConductor;
  /** Nodes whose deployment is in its step now, in the order in which they came. */
  readonly working: string[];
  /** The order in which deployments came to their step. */
  readonly order: string[];
  /** Lets the deployment of a node go on. */
  release(uuid: string): void;
  deploy(node: Node, project?: string): Promise<void>;
}

/** A conductor on which deployments stop in a step until they are released. */
async function newSite(t: TestContext, set: readonly string[] = []): Promise<Site> {
  const gates = new Map<string, ReturnType<typeof gate>>();
  const working: string[] = [];
  const order: string[] = [];
  const gateOf = (uuid: string) => {
    const known = gates.get(uuid) ?? gate();
    gates.set(uuid, known);
    return known;
  };
  const driver = scriptedDriver({
    imageServer: ({ instance_info }) => (typeof instance_info.server === 'string' ? instance_info.server : null),
    steps: [
      deployStep('work', 80, async (task) => {
        const { uuid } = task.node;
        working.push(uuid);
        order.push(uuid);
        await gateOf(uuid).pass();
        working.splice(working.indexOf(uuid), 1);
        return done({}, { imageIsWritten: true });
      }),
      deployStep('after_image', 60, async (task) => {
        if (task.node.instance_info.stays === true) {
          await gateOf(`after ${task.node.uuid}`).pass();
        }
        return done();
      }),
    ],
  });
  const server = await startConductor(t, scripted(driver, `conductor.max_concurrent_deploy=${LIMIT}`, ...set));
  return {
    server,
    working,
    order,
    release: (uuid) => gateOf(uuid).open(),
    deploy: (node, project) =>
      server.conductor.doors.start.provision({
        node,
        verb: 'active',
        requester: { ...requester, project: project ?? null },
      }),
  };
}

const nodesOf = async ({ server }: Site, count: number, fields = {}) => {
  const nodes: Node[] = [];
  for (let index = 0; index < count; index += 1) {
    nodes.push(await server.node({ ...available, ...fields }));
  }
  return nodes;
};

/** Waits until `isSo`; the deadline is for a test that fails. */
async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await isSo())) {
    assert.ok(performance.now() < deadline, what);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

testOnBoth('deployments over the limit wait in line, say so, and begin one after the other', async (t) => {
  const site = await newSite(t);
  const { read } = site.server.store;
  const nodes = await nodesOf(site, 5);
  for (const node of nodes) {
    await site.deploy(node);
  }
  await until('two work', () => site.working.length === LIMIT);
  const [first, , third, fourth] = nodes as [Node, Node, Node, Node];
  const waiting = await getNode(read, fourth.uuid);
  assert.deepEqual(
    [waiting.provision_state, waiting.target_provision_state, waiting.reservation, waiting.last_error],
    ['wait call-back', 'active', null, null],
  );
  const said = (await timelineAfter(read, fourth.id, 0, 100)).map(({ message }) => message);
  assert.ok(
    said.includes(
      'Waiting in line as number 2: 2 deployments are under way, and conductor.max_concurrent_deploy allows 2.',
    ),
    said.join('\n'),
  );
  const why = await explain(read, waiting);
  assert.match(why.waiting_for ?? '', /^a place in line: 1 came before, and 2 of the kind "deploy" are under way/);
  assert.match(why.next, /begins when it is the node's turn/);

  site.release(first.uuid);
  await site.server.untilState(first.uuid, 'active');
  await until('the third works', () => site.working.includes(third.uuid));
  assert.equal((await getNode(read, third.uuid)).provision_state, 'deploying');
  assert.equal(site.working.length, LIMIT);
  for (const { uuid } of nodes) {
    site.release(uuid);
  }
  for (const { uuid } of nodes) {
    await site.server.untilState(uuid, 'active');
  }
  // Those that are let in together may come to their step in any order.
  const uuids = nodes.map(({ uuid }) => uuid);
  assert.deepEqual(site.order.slice(0, LIMIT).sort(), uuids.slice(0, LIMIT).sort());
  assert.equal(site.order[LIMIT], third.uuid);
  assert.deepEqual(site.order.toSorted(), uuids.toSorted());
});

test('a project with many deployments does not keep another one waiting', async (t) => {
  const site = await newSite(t);
  const many = await nodesOf(site, 5);
  const [other] = (await nodesOf(site, 1)) as [Node];
  for (const node of many) {
    await site.deploy(node, 'many');
  }
  await site.deploy(other, 'other');
  await until('two work', () => site.working.length === LIMIT);
  site.release(many[0]?.uuid ?? '');
  await until('the other one works', () => site.working.includes(other.uuid));
  assert.equal(site.order.indexOf(other.uuid), LIMIT);
  for (const { uuid } of [...many, other]) {
    site.release(uuid);
    await site.server.untilState(uuid, 'active');
  }
});

test('a second request for a node that waits in line is refused by its state', async (t) => {
  const site = await newSite(t);
  const nodes = await nodesOf(site, 3);
  for (const node of nodes) {
    await site.deploy(node);
  }
  const [, , third] = nodes as [Node, Node, Node];
  // The client saw the node as it was before the first request.
  await assert.rejects(site.deploy(third), { code: 'InvalidStateRequested', status: 400 });
  for (const { uuid } of nodes) {
    site.release(uuid);
    await site.server.untilState(uuid, 'active');
  }
  assert.equal(site.order.filter((uuid) => uuid === third.uuid).length, 1);
});

test('who waits in line can be taken out of it by a tear-down', async (t) => {
  const site = await newSite(t);
  const nodes = await nodesOf(site, 3, { automated_clean: false });
  for (const node of nodes) {
    await site.deploy(node);
  }
  await until('two work', () => site.working.length === LIMIT);
  const [first, second, third] = nodes as [Node, Node, Node];
  const waiting = await getNode(site.server.store.read, third.uuid);
  await site.server.conductor.doors.start.provision({ node: waiting, verb: 'deleted', requester });
  await site.server.untilState(third.uuid, 'available');
  assert.ok(!site.order.includes(third.uuid));
  for (const { uuid } of [first, second]) {
    site.release(uuid);
    await site.server.untilState(uuid, 'active');
  }
});

testOnBoth('a line survives a restart', async (t) => {
  const site = await newSite(t, ['conductor.graceful_shutdown_timeout=0']);
  const nodes = await nodesOf(site, 4);
  for (const node of nodes) {
    await site.deploy(node);
  }
  await until('two work', () => site.working.length === LIMIT);
  for (const { uuid } of nodes) {
    site.release(uuid);
  }
  const server = await site.server.restart();
  for (const { uuid } of nodes) {
    const node = await server.untilState(uuid, 'active');
    assert.equal(node.last_error, null);
  }
});

test('where no line is wanted a request over the limit is answered 503 and leaves the node as it was', async (t) => {
  const site = await newSite(t, ['conductor.when_full=refuse']);
  const nodes = await nodesOf(site, 3);
  const [first, second, third] = nodes as [Node, Node, Node];
  await site.deploy(first);
  await site.deploy(second);
  await assert.rejects(site.deploy(third), {
    code: 'NoFreeConductorWorker',
    status: 503,
    retryAfterSeconds: 30,
    message: /2 deployments are under way, and conductor\.max_concurrent_deploy allows 2/,
  });
  assert.deepEqual(await getNode(site.server.store.read, third.uuid), third);
  for (const { uuid } of [first, second]) {
    site.release(uuid);
    await site.server.untilState(uuid, 'active');
  }
});

const from = (server: string, more = {}) => ({ instance_info: { server, ...more } });
const perServer = ['conductor.max_concurrent_deploy=10', 'image.max_concurrent_per_server=1'];

const saidOf = async ({ server }: Site, { id }: Node) =>
  (await timelineAfter(server.store.read, id, 0, 100)).map(({ message }) => message).join('\n');

testOnBoth(
  'deployments wait for their image server, say so, and keep none waiting that take their image elsewhere',
  async (t) => {
    const site = await newSite(t, perServer);
    const [first, second, third] = (await nodesOf(site, 3, from('images-a:80'))) as [Node, Node, Node];
    const [other] = (await nodesOf(site, 1, from('images-b:80'))) as [Node];
    const [without] = (await nodesOf(site, 1)) as [Node];
    for (const node of [first, second, third, other, without]) {
      await site.deploy(node);
    }
    await until('one of each server works, and the one without', () => site.working.length === 3);
    assert.deepEqual(site.working.toSorted(), [first.uuid, other.uuid, without.uuid].toSorted());
    const waiting = await getNode(site.server.store.read, third.uuid);
    assert.deepEqual([waiting.provision_state, waiting.reservation], ['wait call-back', null]);
    assert.match(
      await saidOf(site, third),
      /Waiting in line as number 2: 1 deployments under way take their image from images-a:80, and image\.max_concurrent_per_server allows 1\./,
    );
    const why = await explain(site.server.store.read, waiting);
    assert.match(
      why.waiting_for ?? '',
      /1 of those that came before and 1 under way take their image from images-a:80/,
    );
    site.release(first.uuid);
    await until('the second works', () => site.working.includes(second.uuid));
    assert.ok(!site.working.includes(third.uuid));
    for (const { uuid } of [second, third, other, without]) {
      site.release(uuid);
      await site.server.untilState(uuid, 'active');
    }
  },
);

test('a machine that has its image gives its place at the server to the next one, and goes on', async (t) => {
  const site = await newSite(t, perServer);
  const [first, second] = (await nodesOf(site, 2, from('images-a:80', { stays: true }))) as [Node, Node];
  await site.deploy(first);
  await site.deploy(second);
  await until('the first works', () => site.working.includes(first.uuid));
  site.release(first.uuid);
  await until('the second works', () => site.working.includes(second.uuid));
  assert.equal((await getNode(site.server.store.read, first.uuid)).provision_state, 'deploying');
  for (const { uuid } of [first, second]) {
    site.release(uuid);
    site.release(`after ${uuid}`);
    await site.server.untilState(uuid, 'active');
  }
});

test('where no line is wanted a deployment over the limit of its image server is answered 503', async (t) => {
  const site = await newSite(t, [...perServer, 'conductor.when_full=refuse']);
  const [first, second] = (await nodesOf(site, 2, from('images-a:80'))) as [Node, Node];
  const [other] = (await nodesOf(site, 1, from('images-b:80'))) as [Node];
  await site.deploy(first);
  await assert.rejects(site.deploy(second), {
    code: 'NoFreeConductorWorker',
    status: 503,
    message: /1 deployments under way take their image from images-a:80, and image\.max_concurrent_per_server allows 1/,
  });
  assert.deepEqual(await getNode(site.server.store.read, second.uuid), second);
  await site.deploy(other);
  for (const { uuid } of [first, other]) {
    site.release(uuid);
    await site.server.untilState(uuid, 'active');
  }
});

test('conductor groups are counted by themselves where that is configured', async (t) => {
  const site = await newSite(t, [
    'conductor.max_concurrent_per_conductor_group=true',
    'conductor.max_concurrent_deploy=1',
  ]);
  const [ours, second] = (await nodesOf(site, 2)) as [Node, Node];
  const [theirs] = (await nodesOf(site, 1, { conductor_group: 'rack' })) as [Node];
  for (const node of [ours, second, theirs]) {
    await site.deploy(node);
  }
  await until('one of each group works', () => site.working.length === 2);
  assert.deepEqual(site.order.toSorted(), [ours.uuid, theirs.uuid].toSorted());
  for (const { uuid } of [ours, theirs, second]) {
    site.release(uuid);
    await site.server.untilState(uuid, 'active');
  }
});

test('a run that can not begin when its turn comes fails with the reason, and the line moves on', async (t) => {
  const site = await newSite(t);
  const nodes = await nodesOf(site, 5);
  for (const node of nodes) {
    await site.deploy(node);
  }
  await until('two work', () => site.working.length === LIMIT);
  const [first, second, third, fourth, fifth] = nodes as [Node, Node, Node, Node, Node];
  const { store } = site.server;
  await store.transaction(async (trx) => {
    // The third can not be let in; of the fourth not even the failure steps can begin.
    await sql`create trigger poison_of_third before insert on journal
      when new.entry = 'admitted' and new.run_id = (select id from runs where node_id = ${sql.lit(third.id)})
      begin select raise(abort, 'poison'); end`.execute(trx);
    await sql`create trigger poison_of_fourth before update on nodes
      when new.id = ${sql.lit(fourth.id)} and new.reserved_for is not null
      begin select raise(abort, 'poison'); end`.execute(trx);
  });
  site.release(first.uuid);
  await until('the last one works', () => site.working.includes(fifth.uuid));
  const failed = await site.server.untilState(third.uuid, 'deploy failed');
  const reason = /^The deploy operation could not begin when its turn came: .*poison$/;
  assert.match(failed.last_error ?? '', reason);
  assert.match((await getNode(store.read, fourth.uuid)).last_error ?? '', reason);
  const left = store.read.selectFrom('runs').select('status').where('node_id', 'in', [third.id, fourth.id]);
  await until('both have ended', async () => (await left.execute()).every(({ status }) => status === 'finished'));
  for (const { uuid } of [second, fifth]) {
    site.release(uuid);
    await site.server.untilState(uuid, 'active');
  }
});
