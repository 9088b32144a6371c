// Clients of cloud services meet what goes wrong: refused tokens, pages, absences, redirections, catalogues without them.
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { loadConfig } from '../src/config/index.ts';
import { createCloud } from '../src/openstack/cloud.ts';
import { OpenStackError } from '../src/openstack/service.ts';

interface Asked {
  readonly method: string;
  readonly url: string;
  readonly token: string | undefined;
  readonly serviceToken: string | undefined;
  readonly body: ReturnType<typeof JSON.parse>;
}

interface Reply {
  readonly status: number;
  readonly body?: object | string;
  readonly headers?: Record<string, string>;
}

async function read(request: IncomingMessage): Promise<Asked> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  const text = Buffer.concat(chunks).toString('utf8');
  const header = (name: string) => request.headers[name]?.toString();
  return {
    method: request.method ?? '',
    url: request.url ?? '',
    token: header('x-auth-token'),
    serviceToken: header('x-service-token'),
    body: text === '' ? undefined : JSON.parse(text),
  };
}

/** A server on loopback that answers what the function says, and notes what it was asked. */
async function startService(
  t: TestContext,
  answer: (asked: Asked, count: number) => Reply | undefined,
): Promise<{ readonly url: string; readonly asked: Asked[]; readonly server: Server }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    read(request).then((each) => {
      asked.push(each);
      const reply = answer(each, asked.length);
      if (reply === undefined) {
        request.socket.destroy();
        return;
      }
      const text = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body ?? {});
      response.writeHead(reply.status, { 'Content-Type': 'application/json', ...reply.headers }).end(text);
    }, assert.ifError);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, server };
}

/** A Keystone that gives out the tokens "token-1", "token-2" ... for an hour, or for so many seconds, and this catalogue. */
async function startIdentity(t: TestContext, endpoints: Record<string, string>, seconds = 3600) {
  let count = 0;
  return startService(t, () => {
    count += 1;
    const catalog = Object.entries(endpoints).map(([type, url]) => ({
      type,
      endpoints: [{ interface: 'public', region_id: 'one', url }],
    }));
    const expires_at = new Date(Date.now() + seconds * 1000).toISOString();
    return { status: 201, headers: { 'X-Subject-Token': `token-${count}` }, body: { token: { expires_at, catalog } } };
  });
}

function cloudOf(t: TestContext, keystoneUrl: string, set: readonly string[] = []) {
  const config = loadConfig({
    set: [
      `keystone.auth_url=${keystoneUrl}`,
      'keystone.username=wrought',
      'keystone.password=secret',
      'keystone.project_name=service',
      'neutron.enabled=true',
      ...set,
    ],
  });
  const cloud = createCloud(config);
  t.after(() => cloud.close());
  return cloud;
}

const port = (id: string) => ({ id, mac_address: '52:54:00:00:00:01' });

test('a refused token is renewed once, and one that is about to end before it is used', async (t) => {
  const neutron = await startService(t, ({ token }) =>
    token === 'token-1'
      ? { status: 401, body: { error: { message: 'expired' } } }
      : { status: 200, body: { port: port('a') } },
  );
  const identity = await startIdentity(t, { network: neutron.url });
  const client = await cloudOf(t, identity.url).neutron();
  assert.equal((await client.port('a')).id, 'a');
  assert.deepEqual(
    neutron.asked.map(({ token }) => token),
    ['token-1', 'token-2'],
  );
  await client.port('a');
  assert.equal(identity.asked.length, 2);

  const short = await startIdentity(t, { network: neutron.url }, 30);
  const another = await cloudOf(t, short.url).neutron();
  await another.port('a');
  await another.port('a');
  assert.equal(short.asked.length >= 2, true, 'a token within its last minute is not used again');
});

test('a token that is refused after its renewal is an error that names the section', async (t) => {
  const neutron = await startService(t, () => ({ status: 401, body: { error: { message: 'no' } } }));
  const identity = await startIdentity(t, { network: neutron.url });
  const client = await cloudOf(t, identity.url).neutron();
  await assert.rejects(client.port('a'), (error) => {
    assert.ok(error instanceof OpenStackError);
    assert.equal(error.status, 401);
    assert.equal(
      error.message,
      'Neutron answered GET /v2.0/ports/a with status 401: no. Look at the user in section [keystone] and at its roles.',
    );
    return true;
  });
  assert.equal(neutron.asked.length, 2);
});

test('what a user names is read with the token of the user, beside that of the service', async (t) => {
  const neutron = await startService(t, () => ({ status: 200, body: { port: port('a') } }));
  const identity = await startIdentity(t, { network: neutron.url });
  const client = await cloudOf(t, identity.url).neutron();
  await client.port('a', { userToken: 'of-the-user' });
  await client.updatePort('a', {});
  assert.deepEqual(
    neutron.asked.map(({ token, serviceToken }) => [token, serviceToken]),
    [
      ['of-the-user', 'token-1'],
      ['token-1', undefined],
    ],
  );
});

test('lists are read to their end, from the host of the catalogue, wherever the links lead', async (t) => {
  const pages = new Map([
    [null, ['a', 'b']],
    ['b', ['c']],
  ]);
  const neutron = await startService(t, ({ url }) => {
    const marker = new URL(url, 'http://localhost').searchParams.get('marker');
    const links = marker === null ? [{ rel: 'next', href: 'http://192.0.2.1/v2.0/ports?marker=b' }] : [];
    return { status: 200, body: { ports: pages.get(marker)?.map(port), ports_links: links } };
  });
  const identity = await startIdentity(t, { network: neutron.url });
  const client = await cloudOf(t, identity.url).neutron();
  const found = await client.ports({ mac_address: ['52:54:00:00:00:01', '52:54:00:00:00:02'] });
  assert.deepEqual(
    found.map(({ id }) => id),
    ['a', 'b', 'c'],
  );
  assert.match(neutron.asked[1]?.url ?? '', /mac_address=52%3A54%3A00%3A00%3A00%3A01&mac_address=.*&marker=b$/);
});

test('reading is tried again while the service is away; making something is not', async (t) => {
  const neutron = await startService(t, (_asked, count) =>
    count === 1 ? undefined : count === 2 ? { status: 503, body: 'null' } : { status: 200, body: { port: port('a') } },
  );
  const identity = await startIdentity(t, { network: neutron.url });
  const client = await cloudOf(t, identity.url).neutron();
  assert.equal((await client.port('a')).id, 'a');
  assert.equal(neutron.asked.length, 3);

  const failing = await startService(t, () => undefined);
  const other = await cloudOf(t, (await startIdentity(t, { network: failing.url })).url).neutron();
  await assert.rejects(other.createPort({}), /Neutron can not be reached: POST .*\/v2\.0\/ports: /);
  assert.equal(failing.asked.length, 1);
});

test('no answer in time is told with the option that sets the time', async (t) => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    silent.closeAllConnections();
    silent.close();
  });
  const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const identity = await startIdentity(t, { network: url });
  const client = await cloudOf(t, identity.url, ['neutron.request_timeout=1']).neutron();
  await assert.rejects(client.createPort({}), /no answer within 1 seconds \(neutron\.request_timeout\)/);
});

test('a redirection is not followed: the token goes to no other host', async (t) => {
  const thief = await startService(t, () => ({ status: 200, body: { port: port('a') } }));
  const neutron = await startService(t, () => ({ status: 302, headers: { Location: `${thief.url}/v2.0/ports/a` } }));
  const identity = await startIdentity(t, { network: neutron.url });
  const client = await cloudOf(t, identity.url).neutron();
  await assert.rejects(client.port('a'), /status 302.*set neutron\.endpoint_override/);
  assert.equal(thief.asked.length, 0);
});

test('a service that is not in the catalogue is named with what can be done', async (t) => {
  const identity = await startIdentity(t, { compute: 'http://127.0.0.1:1' });
  const client = await cloudOf(t, identity.url).neutron();
  await assert.rejects(
    client.port('a'),
    /no endpoint of type "network" \(internal, public\).*neutron\.endpoint_override/,
  );
  const away = await cloudOf(t, 'http://127.0.0.1:1').neutron();
  await assert.rejects(away.port('a'), /Keystone can not be reached: POST http:\/\/127\.0\.0\.1:1\/v3\/auth\/tokens: /);
});

test('a service without Keystone is asked without a token', async (t) => {
  const neutron = await startService(t, () => ({ status: 200, body: { port: port('a') } }));
  const config = loadConfig({
    set: ['neutron.enabled=true', 'neutron.auth_type=none', `neutron.endpoint_override=${neutron.url}/`],
  });
  const cloud = createCloud(config);
  t.after(() => cloud.close());
  const client = await cloud.neutron();
  await client.port('a');
  assert.deepEqual(
    neutron.asked.map(({ url, token }) => [url, token]),
    [['/v2.0/ports/a', undefined]],
  );
});

test('Nova answers for each event apart', async (t) => {
  const nova = await startService(t, ({ body }) => ({
    status: 207,
    body: {
      events: body.events.map((event: { server_uuid: string }, index: number) => ({
        ...event,
        code: [200, 404, 422][index],
      })),
    },
  }));
  const identity = await startIdentity(t, { compute: `${nova.url}/v2.1` });
  const client = await cloudOf(t, identity.url).nova();
  const codes = await client.tellPower([
    { server: 's1', power: 'power on' },
    { server: 's2', power: 'power off' },
    { server: 's3', power: 'power off' },
  ]);
  assert.deepEqual(codes, [200, 404, 422]);
  assert.equal(nova.asked[0]?.url, '/v2.1/os-server-external-events');
  assert.deepEqual(nova.asked[0]?.body.events[0], { name: 'power-update', server_uuid: 's1', tag: 'POWER_ON' });
});
