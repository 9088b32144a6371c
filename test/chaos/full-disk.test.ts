// One process with its embedded database on a disk that becomes full, again and again, while machines are deployed.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { type Effect, enrolFleet, fleetInstance, fleetSettings, startFleet } from '@wrought/lab';
import { type Node, openInstallation, until } from '../cluster/installation.ts';
import { canMount, mountSmallDisk } from './small-disk.ts';

const MACHINES = 10;
const DISK_MEBIBYTES = 64;

test('a full disk refuses work with a reason, and loses nothing of what was taken', async () => {
  assert.ok(canMount(), 'the small disk of this test is a tmpfs, which takes root to mount');
  // The last that was begun is ended first: a disk in use stays mounted.
  await using cleanUp = new AsyncDisposableStack();
  const disk = mountSmallDisk(DISK_MEBIBYTES);
  cleanUp.defer(() => disk.remove());
  const site = await openInstallation('', disk.directory);
  cleanUp.defer(() => site.close());
  const settings = [...fleetSettings, 'conductor.on_restart=resume'];
  let server = await site.start('serve', 'all', [...settings]);
  const address = `api.listen=${new URL(server.url).host}`;
  const effects: Effect[] = [];
  const fleet = await startFleet({
    machines: MACHINES,
    seed: 1,
    apis: [server.url],
    bootSeconds: { least: 0.1, most: 0.3 },
    stepSeconds: { least: 0.1, most: 0.3 },
    onEffect: (effect) => effects.push(effect),
  });
  cleanUp.defer(() => fleet.close());
  async function call<Body>(method: string, path: string, body?: unknown) {
    const answer = await site.call(server, method, path, body);
    assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body as Body;
  }
  await enrolFleet({ call }, fleet);
  const target = async (verb: string) => {
    for (const { uuid } of await site.nodes(server)) {
      await call('PUT', `/v1/nodes/${uuid}/states/provision`, { target: verb });
    }
  };
  const all = (state: string) =>
    site.untilAll(server, (node) => node.provision_state === state && node.reservation === null);
  await target('manage');
  await all('manageable');
  await target('provide');
  const nodes = await all('available');
  for (const { uuid } of nodes) {
    await call('PATCH', `/v1/nodes/${uuid}`, [{ op: 'add', path: '/instance_info', value: fleetInstance(fleet) }]);
  }
  await target('active');

  const isBegun = (node: Node) => node.provision_state !== 'available';
  await until('the deployments to begin', async () => (await site.nodes(server)).every(isBegun) || undefined);
  disk.fill();
  // Room that its log has already taken is used up first.
  const refused = await until('a refusal', async () => {
    const extra = { much: randomBytes(50_000).toString('hex') };
    const answer = await site.call(server, 'POST', '/v1/chassis', { extra });
    return answer.status === 201 ? undefined : answer;
  });
  assert.equal(refused.status, 503, JSON.stringify(refused.body));
  assert.match(refused.body.error_message, /its disk is full; free some room there/);
  assert.ok(refused.headers.get('retry-after'));
  // What was written is read all the same.
  assert.equal((await site.nodes(server)).length, MACHINES);

  // Killed on a full disk, it says why it can not come back, and does when there is room.
  await site.end(server, 'SIGKILL');
  await assert.rejects(site.start('serve', 'all', [...settings, address]), /disk is full|no space left/i);
  disk.free();
  server = await site.start('serve', 'all', [...settings, address]);
  const deployed = await all('active');
  assert.equal(deployed.length, MACHINES);
  assert.deepEqual(
    deployed.map(({ last_error }) => last_error),
    deployed.map(() => null),
  );
  const written = effects.filter(({ what }) => what === 'write_image').map(({ key }) => key);
  assert.equal(written.length, MACHINES);
  assert.equal(new Set(written).size, MACHINES);
});
