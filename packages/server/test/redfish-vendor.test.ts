// Vendor methods of the redfish driver through the API, at simulated services of every make.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { redfishModelNames } from '@wrought/lab';
import { serveApi } from './api-fixture/server.ts';
import { startRedfishConductor } from './support/redfish-conductor.ts';

const messageOf = (told: unknown) => (typeof told === 'string' ? String(JSON.parse(told).faultstring) : '');

async function setUp(t: TestContext, options: Parameters<typeof startRedfishConductor>[1] = {}) {
  const under = await startRedfishConductor(t, options);
  const api = await serveApi(under.config, under.server.store, under.server.conductor.doors, { user: 'tester' });
  t.after(() => api.close());
  const path = `/v1/nodes/${under.node.uuid}`;
  /** Clients of Ironic send bodies with GET, too, which `fetch` refuses. */
  async function call(method: string, name: string, body: unknown = {}) {
    const sentBody = JSON.stringify(body);
    const headers = {
      'content-type': 'application/json',
      'content-length': sentBody.length,
      'x-openstack-ironic-api-version': 'latest',
    };
    const sent = request(`${api.base}${path}/vendor_passthru/${name}`, { method, headers });
    sent.end(sentBody);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    const content = await text(response);
    const json = content === '' ? null : JSON.parse(content);
    return {
      status: response.statusCode,
      text: content,
      json,
      message: messageOf(json?.error_message),
    };
  }
  return { ...under, api, call, path };
}

for (const model of redfishModelNames) {
  test(`${model}: a subscription is made, shown, listed and deleted`, async (t) => {
    const { call } = await setUp(t, { model });
    const wish = { Destination: 'https://192.0.2.1/events', Context: 'mine', HttpHeaders: [{ 'X-Token': 'hidden1' }] };
    const made = await call('POST', 'create_subscription', wish);
    assert.equal(made.status, 200, made.text);
    assert.deepEqual(Object.keys(made.json).sort(), ['Context', 'Destination', 'EventTypes', 'Id', 'Protocol']);
    const { Id, ...rest } = made.json;
    assert.deepEqual(rest, {
      Destination: 'https://192.0.2.1/events',
      Context: 'mine',
      Protocol: 'Redfish',
      EventTypes: ['Alert'],
    });
    const one = await call('GET', 'get_subscription', { id: Id });
    assert.deepEqual([one.status, one.json], [200, made.json]);
    const all = await call('GET', 'get_all_subscriptions');
    assert.equal(all.json['Members@odata.count'], 1);
    const gone = await call('DELETE', 'delete_subscription', { id: Id });
    assert.equal(gone.status, 200, gone.text);
    for (const [httpMethod, method] of [
      ['GET', 'get_subscription'],
      ['DELETE', 'delete_subscription'],
    ] as const) {
      const absent = await call(httpMethod, method, { id: Id });
      assert.equal(absent.status, 404);
      assert.match(absent.message, /has no subscription ".*It has: none/);
    }
  });

  test(`${model}: drives are emptied, all or those of a type`, async (t) => {
    const { api, call, path, server, node } = await setUp(t, { model });
    const inserted = async () =>
      ((await api.request('GET', `${path}/vmedia`, { version: '1.93' })).json as { inserted: boolean }[]).filter(
        (each) => each.inserted,
      ).length;
    for (const body of [{ boot_device: 'cd' }, {}]) {
      // The BMC fetches it itself; by default the server does, and there is none at this address.
      const image = { image_url: 'http://192.0.2.1/one.iso', image_download_source: 'http' };
      const medium = { device_type: 'cdrom', ...image };
      assert.equal((await api.request('POST', `${path}/vmedia`, { version: '1.89', body: medium })).status, 204);
      await server.untilState(node.uuid, 'manageable');
      assert.equal(await inserted(), 1);
      const answer = await call('POST', 'eject_vmedia', body);
      assert.equal(answer.status, 202, answer.text);
      await server.untilState(node.uuid, 'manageable');
      assert.equal(await inserted(), 0);
    }
  });
}

test('the methods are listed as they are', async (t) => {
  const { call } = await setUp(t);
  const { json } = await call('GET', 'methods');
  const facts = Object.entries<{ async: boolean; http_methods: string[] }>(json).map(([name, method]) => [
    name,
    method.async,
    method.http_methods.join(),
  ]);
  assert.deepEqual(facts.sort(), [
    ['create_subscription', false, 'POST'],
    ['delete_subscription', false, 'DELETE'],
    ['eject_vmedia', true, 'POST'],
    ['get_all_subscriptions', false, 'GET'],
    ['get_subscription', false, 'GET'],
  ]);
});

test('what is wrong is refused with what is allowed, before the BMC is asked for it', async (t) => {
  const { call } = await setUp(t);
  const right = { Destination: 'https://192.0.2.1/' };
  const cases: [string, string, unknown, RegExp][] = [
    ['POST', 'create_subscription', {}, /"Destination" is no URL/],
    ['POST', 'create_subscription', { Destination: 'nowhere' }, /"Destination" is no URL/],
    ['POST', 'create_subscription', { ...right, Protocol: 1 }, /"Protocol" is no text/],
    ['POST', 'create_subscription', { ...right, Context: {} }, /"Context" is no text/],
    ['POST', 'create_subscription', { ...right, HttpHeaders: { a: 'b' } }, /"HttpHeaders" is no list/],
    ['POST', 'create_subscription', { ...right, HttpHeaders: ['a'] }, /"HttpHeaders" is no list/],
    ['POST', 'create_subscription', { ...right, HttpHeaders: [{ a: 1 }] }, /"HttpHeaders" is no list/],
    ['POST', 'create_subscription', { ...right, EventTypes: 'Alert' }, /"EventTypes" is no list/],
    ['POST', 'create_subscription', { ...right, EventTypes: ['Song'] }, /"EventTypes".*allowed: StatusChange.*Alert/],
    ['POST', 'create_subscription', { ...right, other: 1 }, /takes the arguments Destination, .*it got 1 more/],
    ['DELETE', 'delete_subscription', {}, /"id" is missing/],
    ['GET', 'get_subscription', { id: 7 }, /"id" is missing/],
    ['GET', 'get_all_subscriptions', { id: '1' }, /takes no arguments; it got 1 more/],
    ['POST', 'eject_vmedia', { boot_device: 'tape' }, /"boot_device" is none of: cd, dvd, usb, floppy/],
    ['POST', 'eject_vmedia', { drive: 'cd' }, /takes the arguments boot_device alone/],
  ];
  for (const [httpMethod, method, body, expected] of cases) {
    const answer = await call(httpMethod, method, body);
    assert.equal(answer.status, 400, `${method} ${JSON.stringify(body)}: ${answer.text}`);
    assert.match(answer.message, expected);
  }
  assert.equal((await call('GET', 'get_all_subscriptions')).json['Members@odata.count'], 0);
});

test('what a BMC refuses is told with its words', async (t) => {
  const { call } = await setUp(t);
  const answer = await call('POST', 'create_subscription', { Destination: 'ftp://192.0.2.1/' });
  assert.equal(answer.status, 500);
  assert.match(answer.message, /Driver redfish failed: POST .*Destination/);
});
