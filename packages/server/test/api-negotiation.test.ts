// Version negotiation, discovery, routing and error bodies over real HTTP.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { discoveredResources, MAXIMUM_MINOR } from '@wrought/contract';
import { startApi, type TestAnswer, type TestApi } from './api-fixture/server.ts';

let api: TestApi;

before(async () => {
  api = await startApi();
});
after(() => api.close());

const VERSION = 'x-openstack-ironic-api-version';
const MINIMUM = 'x-openstack-ironic-api-minimum-version';
const MAXIMUM = 'x-openstack-ironic-api-maximum-version';

function assertFramework(answer: TestAnswer, status: number): void {
  assert.equal(answer.status, status);
  const inner = JSON.parse(answer.json.error_message);
  assert.deepEqual(Object.keys(inner), ['code', 'title', 'description']);
  assert.equal(inner.code, status);
  assert.equal(answer.headers.get(VERSION), null);
}

function assertFault(answer: TestAnswer, status: number): void {
  assert.equal(answer.status, status, answer.text);
  const inner = JSON.parse(answer.json.error_message);
  assert.deepEqual(Object.keys(inner).sort(), ['debuginfo', 'faultcode', 'faultstring']);
  assert.equal(inner.faultcode, status < 500 ? 'Client' : 'Server');
  assert.equal(inner.debuginfo, null);
}

test('the version that was used comes back, with the limits', async () => {
  for (const [sent, used] of [
    [null, '1.1'],
    ['1.82', '1.82'],
    [' 1.010 ', '1.10'],
    ['latest', `1.${MAXIMUM_MINOR}`],
    ['LATEST', `1.${MAXIMUM_MINOR}`],
  ] as const) {
    const answer = await api.request('GET', '/v1/nodes', { version: sent });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get(VERSION), used);
    assert.equal(answer.headers.get(MINIMUM), '1.1');
    assert.equal(answer.headers.get(MAXIMUM), `1.${MAXIMUM_MINOR}`);
  }
});

test('the common version header goes before the own one', async () => {
  const headers = { 'OpenStack-API-Version': 'compute 2.1, baremetal 1.50' };
  const answer = await api.request('GET', '/v1/nodes', { version: '1.20', headers });
  assert.equal(answer.headers.get(VERSION), '1.50');
});

test('a version out of range is refused with the limits, a malformed one without', async () => {
  for (const version of ['1.0', '1.116', '2.0']) {
    const answer = await api.request('GET', '/v1/nodes', { version });
    assertFramework(answer, 406);
    assert.equal(answer.headers.get(MINIMUM), '1.1');
    assert.match(answer.message, new RegExp(`${version.replace('.', '\\.')}.*1\\.1 to 1\\.${MAXIMUM_MINOR}`));
  }
  for (const version of ['abc', '1', '1.1.1']) {
    const answer = await api.request('GET', '/v1/nodes', { version });
    assertFramework(answer, 406);
    assert.equal(answer.headers.get(MINIMUM), null);
  }
  assertFramework(await api.request('GET', '/v1/nope', { version: '9.9' }), 406);
  assertFault(await api.request('GET', '/v1', { version: 'abc' }), 406);
});

test('every answer carries both request id headers', async () => {
  for (const path of ['/', '/v1', '/v1/nodes', '/v1/nodes/nope', '/nope']) {
    const { headers } = await api.request('GET', path);
    assert.match(headers.get('openstack-request-id') ?? '', /^req-[0-9a-f-]{36}$/, path);
    assert.equal(headers.get('openstack-request-id'), headers.get('x-openstack-request-id'));
  }
});

test('the root names the API that clients look for', async () => {
  const { json, status } = await api.request('GET', '/');
  assert.equal(status, 200);
  assert.equal(json.name, 'OpenStack Ironic API');
  assert.deepEqual(json.versions, [json.default_version]);
  assert.deepEqual(json.default_version, {
    id: 'v1',
    links: [{ href: `${api.base}/v1/`, rel: 'self' }],
    status: 'CURRENT',
    min_version: '1.1',
    version: `1.${MAXIMUM_MINOR}`,
  });
});

test('the version document shows each resource from its version on', async () => {
  for (const [name, since] of Object.entries(discoveredResources)) {
    const shown = await api.request('GET', '/v1', { version: `1.${since}` });
    assert.deepEqual(shown.json[name], [
      { href: `${api.base}/v1/${name}/`, rel: 'self' },
      { href: `${api.base}/${name}/`, rel: 'bookmark' },
    ]);
    if (since > 1) {
      const hidden = await api.request('GET', '/v1', { version: `1.${since - 1}` });
      assert.equal(hidden.json[name], undefined, name);
    }
  }
});

test('paths: without /v1, with a slash at the end, and with a suffix that older clients send', async () => {
  for (const path of ['/v1/nodes', '/v1/nodes/', '/nodes', '/nodes/']) {
    assert.equal((await api.request('GET', path)).status, 200, path);
  }
  assert.equal((await api.request('GET', '/v1/nodes.json', { version: '1.90' })).status, 200);
  assert.equal((await api.request('GET', '/v1/nodes.json', { version: '1.91' })).status, 404);
  assert.equal((await api.request('GET', '/v1/nodes.json', { version: null })).status, 404);
  assert.equal((await api.request('GET', '/v1/nodes/detail/')).status, 404);
});

test('a name that ends in .json is found although older clients lose the suffix', async () => {
  const body = { driver: 'fake-hardware', name: 'web.json' };
  await api.request('POST', '/v1/nodes', { body });
  for (const version of ['1.82', 'latest']) {
    const { status, json } = await api.request('GET', '/v1/nodes/web.json?fields=name', { version });
    assert.equal(status, 200, version);
    assert.equal(json.name, 'web.json');
  }
});

test('unknown paths and methods are answered by the framework', async () => {
  for (const path of ['/nope', '/v1/nope', '/v2/nodes', '/v1/nodes/x/states/y']) {
    assertFramework(await api.request('GET', path), 404);
  }
  const wrong = await api.request('PUT', '/v1/nodes', { body: {} });
  assertFramework(wrong, 405);
  assert.equal(wrong.headers.get('allow'), 'DELETE, GET, PATCH, POST');
  const head = await api.request('HEAD', '/v1/nodes');
  assert.equal(head.status, 405);
  assert.equal(head.headers.get('allow'), 'DELETE, GET, PATCH, POST');
  assertFramework(await api.request('GET', '/v1/nodes/a%20b'), 400);
  const document = await api.request('POST', '/v1', { body: {} });
  assertFault(document, 405);
  assert.equal(document.headers.get('allow'), null);
});

test('OPTIONS is answered on any path', async () => {
  for (const path of ['/v1/nodes', '/v1/nope']) {
    const answer = await api.request('OPTIONS', path);
    assert.equal(answer.status, 200);
    assert.equal(answer.text, '');
  }
});

test('an Accept that leaves JSON out is refused', async () => {
  assertFramework(await api.request('GET', '/v1/nodes', { headers: { Accept: 'text/html' } }), 406);
  for (const Accept of ['*/*', 'application/json', 'text/html, application/*;q=0.5']) {
    assert.equal((await api.request('GET', '/v1/nodes', { headers: { Accept } })).status, 200, Accept);
  }
});

test('answers are JSON without a charset; 202 and 204 have no body', async () => {
  const list = await api.request('GET', '/v1/nodes');
  assert.equal(list.headers.get('content-type'), 'application/json');
  const { json } = await api.request('POST', '/v1/nodes', { body: { driver: 'fake-hardware' } });
  const accepted = await api.request('PUT', `/v1/nodes/${json.uuid}/maintenance`, { body: {} });
  assert.equal(accepted.status, 202);
  const gone = await api.request('DELETE', `/v1/nodes/${json.uuid}`);
  assert.equal(gone.status, 204);
  for (const answer of [accepted, gone]) {
    assert.equal(answer.text, '');
    assert.equal(answer.headers.get('content-type'), null);
  }
});

test('bodies are read as JSON whatever they are called, and refused when they are none', async () => {
  const rawBody = JSON.stringify({ driver: 'fake-hardware' });
  for (const type of ['text/plain', 'application/xml', 'application/json-patch+json']) {
    const answer = await api.request('POST', '/v1/nodes', { rawBody, headers: { 'Content-Type': type } });
    assert.equal(answer.status, 201, type);
  }
  for (const wrong of ['{bad', 'null', '[]', '3', '"x"', '']) {
    assertFault(await api.request('POST', '/v1/nodes', { rawBody: wrong }), 400);
  }
  assertFramework(await api.request('POST', '/v1/nodes', { rawBody: new Uint8Array([0xff, 0xfe]) }), 400);
});

test('arguments that do not exist, or are repeated, are refused by name', async () => {
  const unknown = await api.request('GET', '/v1/nodes?foo=1&bar=2');
  assertFault(unknown, 400);
  assert.match(unknown.message, /"foo", "bar"/);
  assertFault(await api.request('GET', '/v1/nodes?limit=1&limit=2'), 400);
});

test('bodies that are too large or too deep are refused, each by its own limit', async () => {
  const large = await api.request('POST', '/v1/nodes', { body: { driver: 'x'.repeat(1024 * 1024) } });
  assert.equal(large.status, 413);
  assert.match(large.json.faultstring, /1024 KiB.*api\.max_json_body_size\)/);
  const provision = await api.request('PUT', '/v1/nodes/nope/states/provision', {
    body: { target: 'active', configdrive: 'A'.repeat(2 * 1024 * 1024) },
  });
  assert.equal(provision.status, 404);
  const deep = await api.request('POST', '/v1/nodes', { rawBody: `${'['.repeat(26)}${']'.repeat(26)}` });
  assert.equal(deep.status, 400);
  assert.match(deep.json.faultstring, /25 levels/);
  const quoted = { driver: 'fake-hardware', extra: { brackets: '[{'.repeat(100) } };
  assert.equal((await api.request('POST', '/v1/nodes', { body: quoted })).status, 201);
});

test('a Host header that could break an answer is left out of it', async () => {
  // fetch sets this header by itself.
  const sent = httpRequest(`${api.base}/`, { headers: { Host: 'a"b' } }).end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const { default_version: version } = JSON.parse(await text(answer));
  assert.equal(version.links[0].href, 'http://localhost/v1/');
});
