// Authentication by a real Keystone, from the token to what each persona may see and do, and through every client.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, type TestContext, test } from 'node:test';
import { run as runWrought } from '@wrought/cli';
import { startServer } from '@wrought/server';
import { loadConfig } from '@wrought/server/config';
import { type Cloud, startCloud } from './cloud.ts';
import { password } from './keystone.ts';

const system = { system: true } as const;

let cloud: Cloud;
before(async () => {
  cloud = await startCloud();
});
after(() => cloud?.stop());

/** A node that is gone after the test. */
async function newNode(context: TestContext, fields: object): Promise<string> {
  const admin = await cloud.token('admin', system);
  const { status, json } = await cloud.request(admin, 'POST', '/v1/nodes', { driver: 'fake-hardware', ...fields });
  assert.equal(status, 201);
  context.after(() => cloud.request(admin, 'DELETE', `/v1/nodes/${json.uuid}`));
  return json.uuid;
}

/** A node of the project `owner`, leased to the project `lessee`. */
function sharedNode(context: TestContext): Promise<string> {
  const { owner, lessee } = cloud.projects;
  return newNode(context, { owner, lessee, driver_info: { rack: 7 } });
}

test('without a token, and with one that is none, the caller is sent to Keystone', async () => {
  for (const token of [null, 'made-up', 'two words', 'ümlaut']) {
    const { status, headers, message } = await cloud.request(token, 'GET', '/v1/nodes');
    assert.equal(status, 401);
    assert.equal(headers.get('WWW-Authenticate'), `Keystone uri="${cloud.keystone.url}"`);
    assert.match(message, token === null ? /header X-Auth-Token; there is none/ : /not valid or has ended/);
  }
  assert.equal((await cloud.request(null, 'GET', '/v1')).status, 200, 'discovery is for everybody');
});

test('the roles of the system see all, and each does what it may', async (context) => {
  const node = await sharedNode(context);
  const [admin, member, reader] = await Promise.all(
    ['admin', 'member', 'reader'].map((user) => cloud.token(user, system)),
  );
  for (const token of [admin, member, reader]) {
    const { status, json } = await cloud.request(token ?? '', 'GET', `/v1/nodes/${node}`);
    assert.equal(status, 200);
    assert.deepEqual(json.driver_info, { rack: 7 });
  }
  const change = [{ op: 'replace', path: '/description', value: 'x' }];
  assert.equal((await cloud.request(reader ?? '', 'PATCH', `/v1/nodes/${node}`, change)).status, 403);
  assert.equal((await cloud.request(member ?? '', 'PATCH', `/v1/nodes/${node}`, change)).status, 200);
  assert.equal((await cloud.request(member ?? '', 'DELETE', `/v1/nodes/${node}`)).status, 403);
  assert.equal((await cloud.request(admin ?? '', 'DELETE', `/v1/nodes/${node}`)).status, 204);
});

test('projects see what is theirs, as much of it as they may, and nothing else', async (context) => {
  const node = await sharedNode(context);
  const hidden = await newNode(context, { owner: cloud.projects.stranger });
  for (const user of ['admin', 'manager', 'member', 'reader']) {
    for (const project of ['owner', 'lessee']) {
      const token = await cloud.token(user, project);
      const { json } = await cloud.request(token, 'GET', '/v1/nodes');
      assert.deepEqual(
        json.nodes.map(({ uuid }: { uuid: string }) => uuid),
        [node],
        `${user} of ${project}`,
      );
      const shown = await cloud.request(token, 'GET', `/v1/nodes/${node}`);
      assert.equal(shown.status, 200);
      assert.equal('rack' in shown.json.driver_info, project === 'owner', `${user} of ${project}`);
      assert.equal((await cloud.request(token, 'GET', `/v1/nodes/${hidden}`)).status, 404);
    }
  }
  const stranger = await cloud.token('reader', 'stranger');
  assert.equal((await cloud.request(stranger, 'GET', `/v1/nodes/${node}`)).status, 404);
  assert.equal((await cloud.request(stranger, 'GET', '/v1/chassis')).status, 403);
});

test('fields are changed by who may change them', async (context) => {
  const node = await sharedNode(context);
  const patch = async (user: string, project: string, path: string, value: unknown) => {
    const token = await cloud.token(user, project);
    return (await cloud.request(token, 'PATCH', `/v1/nodes/${node}`, [{ op: 'add', path, value }])).status;
  };
  assert.equal(await patch('reader', 'owner', '/extra/a', 1), 403);
  assert.equal(await patch('member', 'lessee', '/extra/a', 1), 200);
  assert.equal(await patch('member', 'lessee', '/driver_info/a', 1), 403);
  assert.equal(await patch('member', 'owner', '/driver_info/a', 1), 200);
  assert.equal(await patch('member', 'lessee', '/instance_info/a', 1), 403);
  assert.equal(await patch('manager', 'lessee', '/instance_info/a', 1), 200);
  assert.equal(await patch('manager', 'owner', '/owner', cloud.projects.stranger), 403);
});

test("an administrator of a project enrols nodes, which are the project's, and deletes them", async () => {
  const admin = await cloud.token('admin', 'owner');
  const made = await cloud.request(admin, 'POST', '/v1/nodes', { driver: 'fake-hardware' });
  assert.equal(made.status, 201);
  assert.equal(made.json.owner, cloud.projects.owner);
  const other = { driver: 'fake-hardware', owner: cloud.projects.lessee };
  assert.equal((await cloud.request(admin, 'POST', '/v1/nodes', other)).status, 400);
  assert.equal((await cloud.request(await cloud.token('member', 'owner'), 'POST', '/v1/nodes', other)).status, 403);
  assert.equal((await cloud.request(admin, 'DELETE', `/v1/nodes/${made.json.uuid}`)).status, 204);
});

test('tokens of a domain, and of nothing, open nothing', async () => {
  for (const scope of [{ domain: 'Default' }, null]) {
    const { status, message } = await cloud.request(await cloud.token('admin', scope), 'GET', '/v1/nodes');
    assert.equal(status, 403);
    assert.match(message, /not meant for tokens of this scope/);
  }
});

test('the role "service" is one of the system where that is switched on, and after a policy file says so', async (context) => {
  const node = await sharedNode(context);
  const service = await cloud.token('service', 'service');
  const read = async () => (await cloud.request(service, 'GET', `/v1/nodes/${node}`)).status;
  assert.equal(await read(), 404);
  await cloud.configure('rbac_service_role_elevated_access = true');
  assert.equal(await read(), 200);
  await cloud.configure('');
  assert.equal(await read(), 404);
  await cloud.configure('', '"baremetal:node:get": "role:service"\n');
  assert.equal(await read(), 200);
  assert.equal((await cloud.request(await cloud.token('admin', system), 'GET', `/v1/nodes/${node}`)).status, 403);
  await cloud.configure('', '"baremetal:node:get": "role:service and"\n');
  assert.equal(await read(), 200, 'a policy that can not be read leaves the one before in force');
  await cloud.configure('');
  assert.equal(await read(), 404);
});

test('a revoked token is refused once it is asked about again', async () => {
  const token = await cloud.keystone.token('reader', 'owner');
  const list = async () => (await cloud.request(token, 'GET', '/v1/nodes')).status;
  assert.equal(await list(), 200);
  const answer = await fetch(`${cloud.keystone.url}/auth/tokens`, {
    method: 'DELETE',
    headers: { 'X-Auth-Token': token, 'X-Subject-Token': token },
  });
  assert.equal(answer.status, 204);
  assert.equal(await list(), 200, 'remembered for keystone.token_cache_time');
  await cloud.server.reload();
  assert.equal(await list(), 401);
});

/** An application credential of a persona, and what a login with it gives. */
async function applicationCredential(user: string, project: string, more: object = {}) {
  const json = { 'Content-Type': 'application/json' };
  const made = await fetch(`${cloud.keystone.url}/users/${cloud.users[user]}/application_credentials`, {
    method: 'POST',
    headers: { ...json, 'X-Auth-Token': await cloud.keystone.token(user, project) },
    body: JSON.stringify({ application_credential: { name: randomUUID(), secret: 'shh', ...more } }),
  });
  assert.equal(made.status, 201);
  const { application_credential } = (await made.json()) as { application_credential: { id: string } };
  const { id } = application_credential;
  const identity = { methods: ['application_credential'], application_credential: { id, secret: 'shh' } };
  const login = await fetch(`${cloud.keystone.url}/auth/tokens`, {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ auth: { identity } }),
  });
  return { id, secret: 'shh', token: login.headers.get('X-Subject-Token') ?? '' };
}

test('an application credential opens what its roles open', async () => {
  const { token } = await applicationCredential('reader', 'owner');
  assert.equal((await cloud.request(token, 'GET', '/v1/nodes')).status, 200);
  assert.equal((await cloud.request(token, 'POST', '/v1/nodes', { driver: 'fake-hardware' })).status, 403);
});

test('an application credential with access rules opens what they allow, and of that what its roles open', async (context) => {
  const node = await sharedNode(context);
  const rules = [
    ['baremetal', 'GET', '/v1/nodes'],
    ['baremetal', 'GET', '/v1/nodes/*/states'],
    ['baremetal', 'PATCH', '/v1/nodes/{node}'],
    ['compute', 'GET', '/v1/ports'],
  ].map(([service, method, path]) => ({ service, method, path }));
  const { token } = await applicationCredential('reader', 'owner', { access_rules: rules });
  const status = async (method: string, path: string, body?: unknown) =>
    (await cloud.request(token, method, path, body)).status;
  const change = [{ op: 'replace', path: '/description', value: 'x' }];
  assert.equal(await status('GET', '/v1/nodes?limit=1'), 200);
  assert.equal(await status('GET', `/v1/nodes/${node}/states`), 200);
  assert.equal(await status('PATCH', `/v1/nodes/${node}`, change), 403, 'the rules allow it, the role does not');
  assert.equal(await status('GET', '/v1'), 200, 'discovery is for everybody');
  for (const [method, path] of [
    ['GET', `/v1/nodes/${node}`],
    ['GET', `/v1/nodes/${node}/states/console`],
    ['PUT', `/v1/nodes/${node}/states`],
    ['GET', '/v1/ports'],
    ['POST', '/v1/nodes'],
  ] as const) {
    const { status: refused, headers, message } = await cloud.request(token, method, path);
    assert.equal(refused, 401, `${method} ${path}`);
    assert.equal(headers.get('WWW-Authenticate'), `Keystone uri="${cloud.keystone.url}"`);
    assert.match(message, /may not be used for .* access rules allow: baremetal: GET \/v1\/nodes, /);
  }
});

test('the server itself logs in with an application credential', async (context) => {
  const { id, secret } = await applicationCredential('service', 'service');
  const directory = mkdtempSync(join(tmpdir(), 'wrought-robot-'));
  context.after(() => rmSync(directory, { recursive: true, force: true }));
  const config = (given: string) =>
    loadConfig({
      dataDirectory: directory,
      listen: '127.0.0.1:0',
      set: [
        'api.auth=keystone',
        `keystone.auth_url=${cloud.keystone.url}`,
        `keystone.application_credential_id=${id}`,
        `keystone.application_credential_secret=${given}`,
        'drivers.enabled=["fake-hardware"]',
        'log.level=silent',
      ],
    });
  const listed = async (given: string) => {
    const server = await startServer({ config: config(given) });
    try {
      const url = server.urls.find((each) => each.startsWith('http:')) ?? '';
      const answer = await fetch(`${url}/v1/nodes`, {
        headers: { 'X-Auth-Token': await cloud.token('reader', system) },
      });
      return { status: answer.status, text: await answer.text() };
    } finally {
      await server.stop();
    }
  };
  assert.equal((await listed(secret)).status, 200);
  const refused = await listed('wrong');
  assert.equal(refused.status, 503);
  assert.match(refused.text, /refuses the user of this server .*section \[keystone\]/);
});

test('`openstack baremetal` goes through the catalogue and the life of a node', { timeout: 180_000 }, async () => {
  const admin = await cloud.token('admin', system);
  // One process for all commands: it takes seconds to start.
  const client = spawn('/usr/bin/python3', ['/usr/bin/openstack'], {
    env: {
      PATH: process.env.PATH,
      OS_AUTH_URL: cloud.keystone.url,
      OS_USERNAME: 'admin',
      OS_PASSWORD: password,
      OS_USER_DOMAIN_NAME: 'Default',
      OS_SYSTEM_SCOPE: 'all',
      OS_IDENTITY_API_VERSION: '3',
    },
  });
  const printed = Promise.all([text(client.stdout), text(client.stderr)]);
  const say = (line: string) => client.stdin.write(`baremetal node ${line}\n`);
  const reaches = async (wanted: string | undefined) => {
    for (let state: string | undefined = ''; state !== wanted; ) {
      assert.equal(client.exitCode, null, 'the client ended');
      state = (await cloud.request(admin, 'GET', '/v1/nodes/by-openstack')).json.provision_state;
    }
  };
  say('create --driver fake-hardware --name by-openstack');
  await reaches('enroll');
  say('list -f value -c Name');
  for (const [verb, state] of [
    ['manage', 'manageable'],
    ['provide', 'available'],
    ['deploy', 'active'],
  ] as const) {
    say(`${verb} by-openstack`);
    await reaches(state);
  }
  say('show by-openstack -f value -c provision_state');
  say('undeploy by-openstack');
  await reaches('available');
  const { json } = await cloud.request(admin, 'GET', '/v1/nodes/by-openstack/history?detail=true');
  assert.ok(json.history.length > 0);
  for (const { user } of json.history) {
    assert.equal(user, cloud.users.admin);
  }
  say('delete by-openstack');
  await reaches(undefined);
  client.stdin.end();
  const [output, errors] = await printed;
  assert.equal(errors, '');
  assert.match(output, /^by-openstack$/m);
  assert.match(output, /^active$/m);
  assert.match(output, /Deleted node by-openstack/);
});

test('`wrought` logs in with the variables of OpenStack and finds the server in the catalogue', async (context) => {
  const node = await sharedNode(context);
  const wrought = async (environment: Record<string, string>, ...given: string[]) => {
    const output = { out: '', err: '' };
    const stream = (name: keyof typeof output) => ({
      write(text: string) {
        output[name] += text;
      },
    });
    const exitCode = await runWrought(given, { stdout: stream('out'), stderr: stream('err') }, environment);
    return { exitCode, ...output };
  };
  const login = { OS_AUTH_URL: cloud.keystone.url, OS_USERNAME: 'reader', OS_PASSWORD: password };
  const show = ['node', 'show', node, '--format', 'json'];
  for (const scope of [{ OS_SYSTEM_SCOPE: 'all' }, { OS_PROJECT_NAME: 'owner', OS_PROJECT_DOMAIN_NAME: 'Default' }]) {
    const shown = await wrought({ ...login, OS_USER_DOMAIN_NAME: 'Default', ...scope }, ...show);
    assert.equal(shown.exitCode, 0, shown.err);
    assert.equal(JSON.parse(shown.out).uuid, node);
  }
  const token = await cloud.token('reader', 'owner');
  const withUrl = await wrought({ OS_TOKEN: token }, '--url', cloud.url, ...show);
  assert.equal(withUrl.exitCode, 0, withUrl.err);
  const withCatalog = await wrought({ OS_TOKEN: token, OS_AUTH_URL: cloud.keystone.url }, ...show);
  assert.equal(withCatalog.exitCode, 0, withCatalog.err);
  for (const [changed, words] of [
    [{ OS_PASSWORD: '' }, /OS_PASSWORD is not set/],
    [{ OS_PASSWORD: 'wrong' }, /status 401; check the OS_\* variables/],
    [{}, /has no public endpoint of type "baremetal".*set OS_PROJECT_NAME or OS_SYSTEM_SCOPE/],
    [{ OS_AUTH_URL: 'http://127.0.0.1:1' }, /Keystone at http:\/\/127\.0\.0\.1:1 can not be reached/],
  ] as const) {
    const { exitCode, err } = await wrought({ ...login, ...changed }, ...show);
    assert.equal(exitCode, 1);
    assert.match(err, words);
  }
});

test('the server logs in anew when Keystone no longer accepts its token', async () => {
  const { keystone } = cloud;
  const token = await keystone.token('reader', 'lessee');
  // A change of the password ends every token of the user.
  for (const changed of ['another', password]) {
    await keystone.admin('PATCH', `/users/${cloud.users.service}`, { user: { password: changed } });
  }
  const list = async () => (await cloud.request(token, 'GET', '/v1/nodes')).status;
  let status = await list();
  // Keystone counts whole seconds: a login in the second in which the password was changed is refused, too.
  while (status === 503) {
    status = await list();
  }
  assert.equal(status, 200);
});

test('while Keystone is away the answer is 503 and says where it was looked for; then all goes on', async () => {
  const { keystone } = cloud;
  const service = await keystone.token('service', 'service');
  const unasked = await keystone.token('reader', 'owner');
  const remembered = await cloud.token('admin', system);
  assert.equal((await cloud.request(remembered, 'GET', '/v1/nodes')).status, 200);
  await keystone.stop();
  const refused = await cloud.request(unasked, 'GET', '/v1/nodes');
  assert.equal(refused.status, 503);
  assert.match(refused.headers.get('Retry-After') ?? '', /^\d+$/);
  const { message } = refused;
  assert.ok(message.includes(`GET ${keystone.url}/auth/tokens`) && message.includes('ECONNREFUSED'), message);
  assert.ok(!message.includes(unasked));
  assert.equal((await cloud.request(remembered, 'GET', '/v1/nodes')).status, 200, 'known tokens are still known');

  await keystone.start(2);
  assert.equal((await cloud.request(unasked, 'GET', '/v1/nodes')).status, 200);
  const brief = await keystone.token('member', 'owner');
  const asService = (token: string) =>
    cloud.request(brief, 'GET', '/v1/nodes', undefined, { 'X-Service-Token': token });
  let status = 200;
  // It is remembered until it ends, and not beyond.
  while (status === 200) {
    ({ status } = await cloud.request(brief, 'GET', '/v1/nodes'));
  }
  assert.equal(status, 401);
  assert.equal((await asService(service)).status, 200, 'a service may go on for a user whose token has ended');
  assert.equal((await asService(unasked)).status, 401, 'a user may not');
  assert.equal((await asService('made-up')).status, 401);
  assert.equal(
    (await cloud.request(unasked, 'GET', '/v1/nodes', undefined, { 'X-Service-Token': 'made-up' })).status,
    401,
  );
});
