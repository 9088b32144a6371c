// The stream of events: what a listener gets, from where, of what it may see, and how it ends.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { after, before, test } from 'node:test';
import { wrought } from '../../cli/test/fake-api.ts';
import { startApi, type TestApi } from './api-fixture/server.ts';
import { append } from './notify/events.ts';
import { callerNamed, OWNER } from './support/callers.ts';

const stopping = new AbortController();
let api: TestApi;
before(async () => {
  api = await startApi({ stopping: stopping.signal });
});
after(() => api.close());

const PATH = '/wrought/v1/events';

async function listen(base: string, query = '', headers: Record<string, string> = {}) {
  const request = get(`${base}${PATH}${query}`, { headers: { Accept: 'text/event-stream', ...headers } });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  let text = '';
  response.setEncoding('utf8').on('data', (piece) => {
    text += piece;
  });
  const ids = () => [...text.matchAll(/^id: (\d+)\nevent: /gm)].map(([, id]) => Number(id));
  return {
    response,
    text: () => text,
    ids,
    async untilText(pattern: RegExp) {
      while (!pattern.test(text)) {
        await once(response, 'data');
      }
    },
    close: () => request.destroy(),
  };
}

test('a listener gets what happens from now on, and goes on from where it was', async () => {
  await append(api.store, { data: { number: 'earlier' } });
  const listener = await listen(api.base);
  assert.equal(listener.response.headers['content-type'], 'text/event-stream');
  await listener.untilText(/^: events follow/);
  await append(api.store, { data: { number: 'one' }, object: { driver_info: { secret: 'x' } } }, {});
  await listener.untilText(/id: 3\nevent/);
  assert.deepEqual(listener.ids(), [2, 3]);
  const [, data = ''] = /^id: 2\nevent: baremetal\.node\.power_set\.end\ndata: (.*)$/m.exec(listener.text()) ?? [];
  const event = JSON.parse(data);
  assert.deepEqual(event.data, { number: 'one' });
  assert.equal(event.object, undefined, 'whole objects are for sinks');
  listener.close();

  const again = await listen(api.base, '', { 'Last-Event-ID': '2' });
  await again.untilText(/id: 3\nevent/);
  assert.deepEqual(again.ids(), [3]);
  again.close();
  const all = await listen(api.base, '?after=0');
  await all.untilText(/id: 3\nevent/);
  assert.deepEqual(all.ids(), [1, 2, 3]);
  all.close();
});

test('filters narrow it by node and type; what can not be read is refused by name', async () => {
  const created = await api.request('POST', '/v1/nodes', { body: { driver: 'fake-hardware', name: 'n1' } });
  const { uuid } = created.json;
  await append(api.store, {}, { node: uuid }, { node: uuid, type: 'baremetal.node.power_set.error' });
  const byNode = await listen(api.base, '?node=n1&after=0');
  await byNode.untilText(/id: 6\nevent/);
  assert.deepEqual(byNode.ids().slice(-2), [5, 6]);
  byNode.close();
  const byType = await listen(api.base, '?type=baremetal.node.power_set.error&after=0');
  await byType.untilText(/id: 6\nevent/);
  assert.deepEqual(byType.ids(), [6]);
  byType.close();
  assert.equal((await api.request('GET', `${PATH}?node=nobody`)).status, 404);
  for (const [query, name] of [
    ['after=x', 'after'],
    ['type=a b', 'type'],
  ]) {
    const refused = await api.request('GET', `${PATH}?${query}`);
    assert.equal(refused.status, 400);
    assert.match(refused.message, new RegExp(`argument ${name} has the invalid value`));
  }
  const refused = await api.request('GET', PATH, { headers: { 'Last-Event-ID': '-1' } });
  assert.match(refused.message, /Last-Event-ID/);
});

test('a member of a project gets the events of its nodes, without what operators read', async () => {
  const projects = await startApi({ caller: callerNamed });
  try {
    await append(
      projects.store,
      { owner: OWNER, data: { error: 'secret of the BMC', to_power: 'power on' } },
      { owner: 'p2' },
      { lessee: OWNER },
      {},
    );
    const own = await listen(projects.base, '?after=0', { 'X-Caller': 'owner reader' });
    await own.untilText(/id: 3\nevent/);
    assert.deepEqual(own.ids(), [1, 3]);
    assert.doesNotMatch(own.text(), /secret of the BMC/);
    assert.match(own.text(), /"to_power":"power on"/);
    own.close();
    const system = await listen(projects.base, '?after=0', { 'X-Caller': 'system reader' });
    await system.untilText(/id: 4\nevent/);
    assert.deepEqual(system.ids(), [1, 2, 3, 4]);
    assert.match(system.text(), /secret of the BMC/);
    system.close();
  } finally {
    await projects.close();
  }
});

test('a listener who does not read holds up no other, and misses nothing when it does', async () => {
  const slow = await startApi();
  try {
    const large = { text: 'x'.repeat(20_000) };
    for (let batch = 0; batch < 4; batch += 1) {
      await append(slow.store, ...Array.from({ length: 100 }, () => ({ data: large })));
    }
    const listener = await listen(slow.base, '?after=0');
    listener.response.pause();
    // A second listener has all of it while the first one reads nothing.
    const quick = await listen(slow.base, '?after=390');
    await quick.untilText(/id: 400\nevent/);
    quick.close();
    assert.ok(listener.ids().length < 400);
    listener.response.resume();
    await listener.untilText(/id: 400\nevent/);
    assert.deepEqual(
      listener.ids(),
      Array.from({ length: 400 }, (_, index) => index + 1),
    );
    listener.close();
  } finally {
    await slow.close();
  }
});

test('a listener that saw nothing can go on without a gap', async () => {
  const quiet = await startApi();
  try {
    await append(quiet.store, {}, {});
    const listener = await listen(quiet.base);
    await listener.untilText(/^: events follow\nid: 2\n\n/);
    listener.close();
    await append(quiet.store, {});
    const again = await listen(quiet.base, '', { 'Last-Event-ID': '2' });
    await again.untilText(/id: 3\nevent/);
    again.close();
  } finally {
    await quiet.close();
  }
});

test('over the limit of listeners one is told to come later, and finds room when another has gone', async () => {
  const small = await startApi({ set: ['events.max_listeners=1'] });
  try {
    const first = await listen(small.base);
    await first.untilText(/events follow/);
    const refused = await small.request('GET', PATH);
    assert.equal(refused.status, 503);
    assert.equal(refused.headers.get('retry-after'), '10');
    assert.match(refused.message, /1 listeners follow the events already, and events\.max_listeners allows 1/);
    first.close();
    let second = await listen(small.base);
    while (second.response.statusCode === 503) {
      second.close();
      second = await listen(small.base);
    }
    await second.untilText(/events follow/);
    second.close();
  } finally {
    await small.close();
  }
});

test('"wrought events" prints what it follows', async () => {
  const lines = await wrought(['--url', api.base, 'events', '--after', '0', '--count', '2', '--json']);
  assert.equal(lines.err, '');
  assert.deepEqual(
    lines.out
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text).id),
    [1, 2],
  );
  const words = await wrought(['--url', api.base, 'events', '--node', 'n1', '--after', '0', '--count', '1']);
  assert.match(words.out, /^\d\d:\d\d:\d\d {2}node\.\S+ {2}\S+/);
  const refused = await wrought(['--url', api.base, 'events', '--node', 'nobody']);
  assert.equal(refused.exitCode, 1);
  assert.match(refused.err, /nobody/);
});

test('streams end when the server stops', async () => {
  const listener = await listen(api.base);
  assert.equal(listener.response.headers.connection, 'close', 'nothing that a stopping server would wait for');
  const ended = once(listener.response, 'end');
  stopping.abort();
  await ended;
});
