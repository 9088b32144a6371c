// Tests `node watch` and --wait: a node is followed to its goal, or to the failure that it explains.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { startFakeApi, startWrought, wrought } from './fake-api.ts';

/** Serves a node that takes the next of these states at each look, with the events of that state. */
async function serveStates(
  context: TestContext,
  states: readonly Record<string, unknown>[],
  events: readonly object[][],
) {
  let look = -1;
  const api = await startFakeApi(({ method, url }) => {
    if (method === 'PUT') {
      return { status: 202, body: '' };
    }
    const { pathname, searchParams } = new URL(url, 'http://localhost');
    if (pathname === '/v1/nodes/n') {
      look = Math.min(look + 1, states.length - 1);
      return { body: states[look] };
    }
    const known = events.slice(0, look + 1).flat();
    const after = Number(searchParams.get('after') ?? 0);
    return {
      body: { events: known.map((event, index) => ({ id: index + 1, ...event })).filter(({ id }) => id > after) },
    };
  });
  context.after(api.close);
  return { ...api, ask: (...args: string[]) => wrought(['--url', api.url, ...args]) };
}

const at = '2026-01-01T00:00:00Z';
const withoutClock = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/^\d\d:\d\d:\d\d {2}/, ''));

test('deploy --wait shows states, steps and progress until the node is active', async (context) => {
  const { ask } = await serveStates(
    context,
    [
      { provision_state: 'deploying', power_state: 'power off', last_error: null, maintenance: false },
      { provision_state: 'wait call-back', power_state: 'power on', last_error: null, maintenance: false },
      { provision_state: 'active', power_state: 'power on', last_error: null, maintenance: false },
    ],
    [
      [{ at, kind: 'state', severity: 'info', message: 'not shown: the node tells it' }],
      [
        { at, kind: 'step', severity: 'info', message: 'deploy.write_image', data: {} },
        { at, kind: 'progress', severity: 'info', message: 'image written', data: { percent: 3 } },
        { at, kind: 'progress', severity: 'info', message: 'image written', data: { percent: 5.5 } },
        { at, kind: 'progress', severity: 'info', message: 'image written', data: { percent: 20 } },
      ],
      [{ at, kind: 'progress', severity: 'info', message: 'image written', data: { percent: 100 } }],
    ],
  );
  const { exitCode, out, err } = await ask('node', 'deploy', 'n', '--wait');
  assert.equal(exitCode, 0, err);
  assert.deepEqual(withoutClock(out), [
    'state deploying',
    'power power off',
    'step: deploy.write_image',
    'progress: image written 3 %',
    'progress: image written 20 %',
    'state deploying -> wait call-back',
    'power power off -> power on',
    'progress: image written 100 %',
    'state wait call-back -> active',
  ]);
});

test('a node that fails ends the wait with exit code 1 and its own words', async (context) => {
  const { ask } = await serveStates(
    context,
    [
      { provision_state: 'verifying', power_state: null, last_error: null, maintenance: false },
      {
        provision_state: 'enroll',
        power_state: null,
        last_error: 'BMC 192.0.2.1 refused the password.',
        maintenance: true,
      },
    ],
    [],
  );
  const { exitCode, out, err } = await ask('node', 'manage', 'n', '--wait');
  assert.equal(exitCode, 1);
  assert.match(err, /n is in state "enroll" and not "manageable": BMC 192\.0\.2\.1 refused the password\./);
  assert.deepEqual(withoutClock(out), [
    'state verifying',
    'power unknown',
    'state verifying -> enroll',
    'maintenance false -> true',
    'error: BMC 192.0.2.1 refused the password.',
  ]);
});

async function until(isTrue: () => boolean): Promise<void> {
  const deadline = performance.now() + 10_000;
  while (!isTrue() && performance.now() < deadline) {
    await pause(20);
  }
  assert.ok(isTrue());
}

test('a server that is restarted is waited for', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'wrought-watch-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const socketPath = join(folder, 'wrought.sock');
  const answer = (state: string) => () => ({ body: { provision_state: state, events: [] } });
  const before = await startFakeApi(answer('deploying'), socketPath);
  const { exitCode, output } = startWrought(['--data-dir', folder, 'node', 'watch', 'n', '--until', 'active']);
  await until(() => output.out.includes('state deploying'));
  await before.close();
  await until(() => output.out.includes('waiting for it'));
  const restarted = await startFakeApi(answer('active'), socketPath);
  context.after(restarted.close);
  assert.equal(await exitCode, 0, output.err);
  assert.deepEqual(withoutClock(output.out), [
    'state deploying',
    `the server at ${socketPath} can not be reached: there is no such socket; start the server with \`wrought serve\` (ENOENT); waiting for it`,
    'state deploying -> active',
  ]);
});

test('events go on when a proxy says for a while that the server is away', async (context) => {
  const event = (id: number) => ({
    body: `id: ${id}\nevent: x\ndata: ${JSON.stringify({ at, type: 'baremetal.x', node: 'n', data: {} })}\n\n`,
  });
  const answers = [event(1), { status: 502, body: '' }, { status: 503, body: '' }, event(2)];
  const api = await startFakeApi(() => answers.shift() ?? { status: 500, body: '' });
  context.after(api.close);
  const { exitCode, out, err } = await wrought(['--url', api.url, 'events', '--count', '2']);
  assert.equal(exitCode, 0, err);
  assert.equal(withoutClock(out).length, 2);
  assert.deepEqual(
    api.asked.map(({ headers }) => headers['last-event-id']),
    [undefined, '1', '1', '1'],
  );
  const away = await startFakeApi(() => ({ status: 502, body: '' }));
  context.after(away.close);
  assert.equal(
    (await wrought(['--url', away.url, 'events'])).exitCode,
    1,
    'a server that never was there is not waited for',
  );
});
