// Several processes on one database: requests find the conductor of a node, and work survives the end of any of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startPostgres } from '../../packages/server/test/support/postgres-server.ts';
import { type Installation, type Node, type Process, until } from './installation.ts';
import { newInstallation } from './new-installation.ts';

const NODES = 12;

const target = (state: string) => ({ target: state });
const isIn = (state: string) => (node: Node) => node.provision_state === state && node.reservation === null;

/** Brings all nodes to "available". */
async function makeAvailable(site: Installation, api: Process, nodes: readonly Node[]): Promise<void> {
  for (const verb of ['manage', 'provide']) {
    for (const { uuid } of nodes) {
      const { status, body } = await site.call(api, 'PUT', `/v1/nodes/${uuid}/states/provision`, target(verb));
      assert.equal(status, 202, JSON.stringify(body));
    }
    await site.untilAll(api, isIn(verb === 'manage' ? 'manageable' : 'available'));
  }
}

async function deployAll(site: Installation, api: Process, nodes: readonly Node[]): Promise<void> {
  for (const { uuid } of nodes) {
    const { status, body } = await site.call(api, 'PUT', `/v1/nodes/${uuid}/states/provision`, target('active'));
    assert.equal(status, 202, JSON.stringify(body));
  }
}

async function timelineOf(site: Installation, api: Process, node: Node): Promise<string> {
  const { body } = await site.call(api, 'GET', `/wrought/v1/nodes/${node.uuid}/timeline?limit=1000`);
  return JSON.stringify(body.events);
}

/** An API and two conductors that have begun to deploy every node, slowly. */
async function deploying(site: Installation) {
  // Long enough to be seen at work on a machine that does much else.
  const slow = ['fake.deploy_delay=2'];
  const [api, first, second] = await Promise.all([
    site.start('api', 'api-1'),
    site.start('conductor', 'c-1', slow),
    site.start('conductor', 'c-2', slow),
  ]);
  await untilBothServe(site, api);
  const nodes = await site.createNodes(api, NODES, { automated_clean: false });
  await makeAvailable(site, api, nodes);
  await deployAll(site, api, nodes);
  return { api, first, second };
}

async function untilBothServe(site: Installation, api: Process): Promise<void> {
  await until('both conductors serve', async () =>
    (await site.call(api, 'GET', '/v1/drivers')).body.drivers[0]?.hosts.length === 2 ? true : undefined,
  );
}

/** Nodes that the conductor works on now. */
const workedOnBy = (process: Process) => (node: Node) => node.reservation === process.name;

test('an API without a conductor in its process reaches those of others, each for its nodes', async (t) => {
  const site = await newInstallation(t);
  const api = await site.start('api', 'api-1');
  const without = await site.call(api, 'POST', '/v1/nodes', { driver: 'fake-hardware' });
  assert.equal(without.status, 400);
  assert.match(without.body.error_message, /No conductor that is alive serves the driver/);

  const [first, second] = await Promise.all([site.start('conductor', 'c-1'), site.start('conductor', 'c-2')]);
  await until('both conductors are seen', async () => {
    const { body } = await site.call(api, 'GET', '/v1/conductors');
    return body.conductors.filter(({ alive }: { alive: boolean }) => alive).length === 2 ? true : undefined;
  });
  const drivers = await until('the driver has both hosts', async () => {
    const { body } = await site.call(api, 'GET', '/v1/drivers');
    return body.drivers[0].hosts.length === 2 ? body.drivers : undefined;
  });
  assert.deepEqual(drivers[0].hosts, ['c-1', 'c-2']);

  const nodes = await site.createNodes(api, NODES);
  const owners = new Set(nodes.map(({ conductor }) => conductor));
  assert.deepEqual([...owners].sort(), ['c-1', 'c-2']);
  await makeAvailable(site, api, nodes);

  // Every kind of call, on nodes of both.
  for (const conductor of owners) {
    const { uuid } = nodes.find((node) => node.conductor === conductor) as Node;
    const path = `/v1/nodes/${uuid}`;
    assert.equal((await site.call(api, 'PUT', `${path}/states/power`, target('power on'))).status, 202);
    await until('the power is on', async () =>
      (await site.call(api, 'GET', path)).body.power_state === 'power on' ? true : undefined,
    );
    const device = { boot_device: 'pxe', persistent: true };
    assert.equal((await site.call(api, 'PUT', `${path}/management/boot_device`, device)).status, 204);
    assert.equal((await site.call(api, 'GET', `${path}/management/boot_device`)).body.boot_device, 'pxe');
    assert.equal((await site.call(api, 'GET', `${path}/validate`)).body.power.result, true);
    assert.equal((await site.call(api, 'PATCH', path, [{ op: 'add', path: '/extra/a', value: 1 }])).status, 200);
    const bad = await site.call(api, 'PUT', `${path}/management/boot_device`, { boot_device: 'floppy' });
    assert.equal(bad.status, 400);
    assert.match(bad.body.error_message, /floppy/);
  }

  // Each of them has done its share, and all of them go when they are told to.
  await deployAll(site, api, nodes);
  await site.untilAll(api, isIn('active'));
  const allocation = await site.call(api, 'POST', '/v1/allocations', { resource_class: 'none-has-it' });
  assert.equal(allocation.status, 201);
  await until('the allocation has failed', async () => {
    const { body } = await site.call(api, 'GET', `/v1/allocations/${allocation.body.uuid}`);
    return body.state === 'error' ? true : undefined;
  });
  for (const process of [first, second]) {
    assert.equal(await site.end(process), 0, process.log());
  }
  const [node] = nodes;
  const late = await site.call(api, 'PUT', `/v1/nodes/${node?.uuid}/states/power`, target('power on'));
  assert.equal(late.status, 404);
  assert.match(late.body.error_message, /No valid host was found/);
  assert.ok((await site.nodes(api)).every(({ conductor }) => conductor === null));
  assert.equal(await site.end(api), 0, api.log());
});

test('a conductor that is killed while it deploys loses no node: the other one goes on', async (t) => {
  const site = await newInstallation(t);
  const { api, first, second } = await deploying(site);
  const begun = await until('the first conductor works', async () => {
    const working = (await site.nodes(api)).filter(workedOnBy(first));
    return working.length > 0 ? working : undefined;
  });
  assert.equal(await site.end(first, 'SIGKILL'), 'SIGKILL');
  const active = await site.untilAll(api, isIn('active'));
  assert.ok(active.every(({ conductor, last_error }) => conductor === second.name && last_error === null));
  for (const node of begun) {
    assert.match(await timelineOf(site, api, node), /Conductor c-2 took over from c-1 during deploy/);
  }
  const { body } = await site.call(api, 'GET', '/v1/conductors');
  assert.deepEqual(
    body.conductors.map(({ hostname, alive }: { hostname: string; alive: boolean }) => [hostname, alive]).sort(),
    [
      ['c-1', false],
      ['c-2', true],
    ],
  );
});

test('a conductor that slept past its lease writes nothing when it wakes, and its process ends', async (t) => {
  const site = await newInstallation(t);
  const { api, first } = await deploying(site);
  await until('the first conductor works', async () =>
    (await site.nodes(api)).some(workedOnBy(first)) ? true : undefined,
  );
  first.child.kill('SIGSTOP');
  const active = await site.untilAll(api, isIn('active'));
  first.child.kill('SIGCONT');
  assert.equal(await first.ended, 75, first.log());
  const after = await site.nodes(api);
  assert.deepEqual(
    after.map(({ uuid, provision_state, updated_at }) => [uuid, provision_state, updated_at]),
    active.map(({ uuid, provision_state, updated_at }) => [uuid, provision_state, updated_at]),
  );
});

test('a conductor that is stopped hands its work over at once', async (t) => {
  const site = await newInstallation(t);
  // Longer than the test waits: only a hand-over ends the deployments in time.
  const set = [
    'fake.deploy_delay=0.5',
    'conductor.lease_duration_seconds=600',
    'conductor.graceful_shutdown_timeout=0',
  ];
  const [api, first, second] = await Promise.all([
    site.start('api', 'api-1'),
    site.start('serve', 'c-1', set),
    site.start('conductor', 'c-2', set),
  ]);
  await untilBothServe(site, api);
  const nodes = await site.createNodes(api, NODES, { automated_clean: false });
  await makeAvailable(site, api, nodes);
  // Half of the requests go through the process that is also a conductor.
  await deployAll(site, first, nodes.slice(0, NODES / 2));
  await deployAll(site, api, nodes.slice(NODES / 2));
  await until('the first conductor works', async () =>
    (await site.nodes(api)).some(workedOnBy(first)) ? true : undefined,
  );
  assert.equal(await site.end(first), 0, first.log());
  const active = await site.untilAll(api, isIn('active'));
  assert.ok(active.every(({ conductor }) => conductor === second.name));
});

test('a conductor that drains finishes what it has and gets nothing new', async (t) => {
  const site = await newInstallation(t);
  const { api, first, second } = await deploying(site);
  const working = await until('the first conductor works', async () => {
    const reserved = (await site.nodes(api)).filter(workedOnBy(first));
    return reserved.length > 0 ? reserved : undefined;
  });
  const path = `/wrought/v1/conductors/${first.name}/drain`;
  assert.equal((await site.call(api, 'PUT', path)).status, 204);
  const active = await site.untilAll(api, isIn('active'));
  assert.ok(active.every(({ conductor }) => conductor === second.name));
  // It has finished its own work: nobody took that over.
  for (const node of working) {
    assert.doesNotMatch(await timelineOf(site, api, node), /took over/);
  }
  const { body } = await site.call(api, 'GET', '/wrought/v1/conductors');
  assert.deepEqual(
    body.conductors.map(({ hostname, alive, draining, work }: Record<string, unknown>) => [
      hostname,
      alive,
      draining,
      work,
    ]),
    [
      ['c-1', true, true, 0],
      ['c-2', true, false, 0],
    ],
  );

  // Neither the end of the process in order nor a crash makes it take new work again.
  let restarted = first;
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    await site.end(restarted, signal);
    restarted = await site.start('conductor', first.name);
    const rejoined = await site.call(api, 'GET', '/wrought/v1/conductors');
    assert.deepEqual(
      [rejoined.body.conductors[0].alive, rejoined.body.conductors[0].draining],
      [true, true],
      `after ${signal}`,
    );
    const made = await site.createNodes(api, NODES);
    assert.deepEqual([...new Set(made.map(({ conductor }) => conductor))], [second.name], `after ${signal}`);
  }
  assert.equal((await site.call(api, 'DELETE', path)).status, 204);
  await until('both serve again', async () =>
    new Set((await site.nodes(api)).map(({ conductor }) => conductor)).size === 2 ? true : undefined,
  );
  assert.equal((await site.call(api, 'PUT', '/wrought/v1/conductors/nobody/drain')).status, 404);
});

test('a database that goes away and comes back ends no process and loses no work', async (t) => {
  const server = await startPostgres();
  t.after(() => server.remove());
  const site = await newInstallation(t, await server.createDatabase());
  const { api, first, second } = await deploying(site);
  const conductors = [first, second];
  await server.kill();
  const unavailable = await site.call(api, 'GET', '/v1/nodes');
  assert.equal(unavailable.status, 503, JSON.stringify(unavailable.body));
  assert.ok(unavailable.headers.has('Retry-After'));
  await server.start();
  await until('the API answers again', async () =>
    (await site.call(api, 'GET', '/v1/nodes')).status === 200 ? true : undefined,
  );
  const active = await site.untilAll(api, isIn('active'));
  assert.ok(active.every(({ last_error }) => last_error === null));
  for (const process of conductors) {
    assert.equal(process.child.exitCode, null, process.log());
  }
});
