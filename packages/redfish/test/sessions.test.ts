// Sessions: one for all requests, made anew when the service forgets it, ended at the end, and room made when there is none.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthenticationError, type ClientOptions, SessionLimitError } from '../src/index.ts';
import {
  type Asked,
  clientOf,
  failure,
  type Reply,
  root,
  type Service,
  startService,
  type Table,
} from './support/service.ts';

interface Known {
  readonly token: string;
  readonly fields: Record<string, unknown>;
}

const sessionsPath = '/redfish/v1/SessionService/Sessions';

/** A service with a session service of its own, and one resource that needs a session or basic authentication. */
async function startWithSessions(limit: number, extra: (sessions: Map<string, Known>) => Table = () => ({})) {
  const sessions = new Map<string, Known>();
  let next = 1;
  const isBasic = (asked: Asked) =>
    asked.headers.authorization === `Basic ${Buffer.from('admin:secret').toString('base64')}`;
  const isKnown = (asked: Asked) =>
    isBasic(asked) || [...sessions.values()].some(({ token }) => token === asked.headers['x-auth-token']);
  const refusal = failure(401, 'NoValidSession', 'There is no valid session.');
  const create = (fields: Record<string, unknown>): string => {
    const id = String(next++);
    const path = `${sessionsPath}/${id}`;
    const all = {
      '@odata.id': path,
      Id: id,
      CreatedTime: new Date(Date.UTC(2026, 0, 1, 0, 0, next)).toISOString(),
      ...fields,
    };
    sessions.set(path, { token: `token-${id}`, fields: all });
    service.table[`GET ${path}`] = (asked: Asked) => (isKnown(asked) && sessions.has(path) ? { body: all } : refusal);
    service.table[`DELETE ${path}`] = (asked: Asked) => {
      if (!isKnown(asked)) return refusal;
      sessions.delete(path);
      return { status: 204 };
    };
    return path;
  };
  const service: Service = await startService({
    'GET /redfish/v1/': root(),
    'GET /redfish/v1/Systems/1': (asked: Asked): Reply => (isKnown(asked) ? { body: { Id: '1' } } : refusal),
    [`GET ${sessionsPath}`]: (asked: Asked): Reply =>
      isKnown(asked) ? { body: { Members: [...sessions.keys()].map((path) => ({ '@odata.id': path })) } } : refusal,
    [`POST ${sessionsPath}`]: (asked: Asked): Reply => {
      if (asked.body?.UserName !== 'admin' || asked.body?.Password !== 'secret') {
        return failure(401, 'ResourceAtUriUnauthorized', 'Wrong user name or password.');
      }
      if (sessions.size >= limit) return failure(503, 'SessionLimitExceeded', 'No more sessions.');
      const path = create({ UserName: 'admin', ClientOriginIPAddress: '127.0.0.1' });
      const { token = '', fields } = sessions.get(path) ?? {};
      return { status: 201, headers: { 'x-auth-token': token, location: path }, body: fields };
    },
    ...extra(sessions),
  });
  return { service, sessions, create };
}

const sessionClient = (service: Service, options: Partial<ClientOptions> = {}) =>
  clientOf(service, { authentication: 'session', ...options });

test('one session serves all requests, also those that begin together, and is ended by close', async () => {
  const { service, sessions } = await startWithSessions(4);
  await using _ = service;
  const client = sessionClient(service);
  await Promise.all([1, 2, 3].map(() => client.get('/redfish/v1/Systems/1')));
  assert.equal(service.lines().filter((line) => line === `POST ${sessionsPath}`).length, 1);
  assert.equal(sessions.size, 1);
  await client.close();
  assert.equal(sessions.size, 0);
  assert.deepEqual(client.oddities, []);
});

test('a login under way when the client is closed leaves no session behind', async () => {
  const { service, sessions } = await startWithSessions(4);
  await using _ = service;
  const client = sessionClient(service);
  const pending = client.get('/redfish/v1/Systems/1').catch((error: Error) => error);
  await client.close();
  await pending;
  assert.equal(sessions.size, 0);
});

test('a session that the service forgot is made anew, once', async () => {
  const { service, sessions } = await startWithSessions(4);
  await using _ = service;
  await using client = sessionClient(service);
  await client.get('/redfish/v1/Systems/1');
  sessions.clear();
  await Promise.all([client.get('/redfish/v1/Systems/1'), client.get('/redfish/v1/Systems/1')]);
  assert.equal(sessions.size, 1);
  service.table['GET /redfish/v1/Systems/1'] = () => failure(401, 'NoValidSession', 'There is no valid session.');
  const before = service.asked.length;
  await assert.rejects(client.get('/redfish/v1/Systems/1'), AuthenticationError);
  assert.deepEqual(service.lines().slice(before), [
    'GET /redfish/v1/Systems/1',
    `POST ${sessionsPath}`,
    'GET /redfish/v1/Systems/1',
  ]);
});

test('a wrong password is asked once, and never as basic authentication afterwards', async () => {
  const { service } = await startWithSessions(4);
  await using _ = service;
  await using client = clientOf(service, { authentication: 'auto', password: 'wrong' });
  await assert.rejects(client.get('/redfish/v1/Systems/1'), (error) => {
    assert.ok(error instanceof AuthenticationError);
    assert.match(error.message, /Wrong user name or password.*check user name and password/);
    assert.doesNotMatch(error.message, /wrong$/);
    return true;
  });
  assert.deepEqual(service.lines(), ['GET /redfish/v1/', `POST ${sessionsPath}`]);
});

test('when all sessions are taken the oldest of ours makes room, and no other does', async () => {
  const { service, sessions, create } = await startWithSessions(4);
  await using _ = service;
  await using living = sessionClient(service);
  await living.get('/redfish/v1/Systems/1');
  const strangers = [
    create({ UserName: 'admin', ClientOriginIPAddress: '192.0.2.7' }),
    create({ UserName: 'somebody', ClientOriginIPAddress: '127.0.0.1' }),
  ];
  const leftOver = create({ UserName: 'admin', ClientOriginIPAddress: '127.0.0.1' });
  await using client = sessionClient(service);
  assert.equal((await client.get('/redfish/v1/Systems/1')).id, '1');
  assert.equal(sessions.has(leftOver), false);
  for (const path of strangers) assert.ok(sessions.has(path));
  // Now nothing of ours is left that nobody uses.
  await using further = sessionClient(service);
  await assert.rejects(further.get('/redfish/v1/Systems/1'), SessionLimitError);
  assert.equal((await living.get('/redfish/v1/Systems/1')).id, '1');
  // With "auto" basic authentication does it meanwhile.
  await using flexible = clientOf(service, { authentication: 'auto' });
  assert.equal((await flexible.get('/redfish/v1/Systems/1')).id, '1');
  assert.match(flexible.oddities[0]?.found ?? '', /No more sessions/);
});

test('a session that could not be ended is ended when room is needed', async () => {
  const { service, sessions } = await startWithSessions(1);
  await using _ = service;
  const client = sessionClient(service);
  await client.get('/redfish/v1/Systems/1');
  const [[path, { fields }] = ['', { fields: {} }]] = sessions;
  // Without an address only our own memory tells that it is ours.
  (fields as Record<string, unknown>).ClientOriginIPAddress = undefined;
  const original = service.table[`DELETE ${path}`] ?? {};
  service.table[`DELETE ${path}`] = () => ({ status: 500 });
  await client.close();
  assert.match(client.oddities[0]?.found ?? '', /stays until it expires/);
  service.table[`DELETE ${path}`] = original;
  await using next = sessionClient(service);
  assert.equal((await next.get('/redfish/v1/Systems/1')).id, '1');
  assert.equal(sessions.size, 1);
});

test('without a session service "auto" uses basic authentication, and "session" fails', async () => {
  const { service } = await startWithSessions(4, () => ({ [`POST ${sessionsPath}`]: () => ({ status: 405 }) }));
  await using _ = service;
  await using client = clientOf(service, { authentication: 'auto' });
  await client.get('/redfish/v1/Systems/1');
  await client.get('/redfish/v1/Systems/1');
  assert.equal(service.lines().filter((line) => line === `POST ${sessionsPath}`).length, 1);
  await using strict = sessionClient(service);
  await assert.rejects(strict.get('/redfish/v1/Systems/1'), { name: 'ResponseError', status: 405 });
});

test('a service that names no sessions, and says 401 of all that it does not have, gets basic authentication', async () => {
  const everything = { [`POST ${sessionsPath}`]: () => ({ status: 401 }), 'GET /redfish/v1/': root({ Links: {} }) };
  const { service } = await startWithSessions(4, () => everything);
  await using _ = service;
  await using client = clientOf(service, { authentication: 'auto' });
  await client.get('/redfish/v1/Systems/1');
  await client.get('/redfish/v1/Systems/1');
  assert.equal(service.lines().filter((line) => line === `POST ${sessionsPath}`).length, 1);
  await using stranger = clientOf(service, { authentication: 'auto', password: 'wrong' });
  await assert.rejects(stranger.get('/redfish/v1/Systems/1'), AuthenticationError);
});

test('a session without Location is found in the body; without a token there is none', async () => {
  const { service, sessions } = await startWithSessions(4);
  await using _ = service;
  const post = service.table[`POST ${sessionsPath}`] as (asked: Asked) => Reply;
  service.table[`POST ${sessionsPath}`] = (asked: Asked) => {
    const { headers = {}, ...rest } = post(asked);
    const { location: _location, ...others } = headers;
    return { ...rest, headers: others };
  };
  const client = sessionClient(service);
  await client.get('/redfish/v1/Systems/1');
  await client.close();
  assert.equal(sessions.size, 0);
  service.table[`POST ${sessionsPath}`] = () => ({ status: 201 });
  await using strict = sessionClient(service);
  await assert.rejects(strict.get('/redfish/v1/Systems/1'), { name: 'MalformedError', property: 'X-Auth-Token' });
});
