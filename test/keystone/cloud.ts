// A small cloud for tests: Keystone with the personas that the policy knows, and a server that authenticates by it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RunningServer, startServer } from '@wrought/server';
import { loadConfig } from '@wrought/server/config';
import { type Keystone, password, startKeystone, type WantedScope } from './keystone.ts';

/** Roles of each user; "system" is the system, other scopes are projects of the default domain. The user is named like the role. */
const personas: Readonly<Record<string, readonly string[]>> = {
  admin: ['owner', 'lessee', 'domain'],
  manager: ['owner', 'lessee'],
  member: ['system', 'owner', 'lessee'],
  reader: ['system', 'owner', 'lessee', 'stranger'],
  service: ['service'],
};

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly json: ReturnType<typeof JSON.parse>;
  /** The words of an error. */
  readonly message: string;
}

export interface Cloud {
  readonly keystone: Keystone;
  readonly server: RunningServer;
  /** "http://127.0.0.1:PORT" */
  readonly url: string;
  readonly projects: Readonly<Record<string, string>>;
  readonly users: Readonly<Record<string, string>>;
  /** The token of a persona, asked for once. */
  token(user: string, scope: WantedScope): Promise<string>;
  /** A request with this token, in the newest version. */
  request(
    token: string | null,
    method: string,
    path: string,
    body?: unknown,
    more?: Record<string, string>,
  ): Promise<Answer>;
  /** Writes the configuration (further TOML behind what the cloud needs) and the policy, and reads both again. */
  configure(toml: string, policy?: string): Promise<void>;
  stop(): Promise<void>;
}

/** The credentials with which the server speaks to Keystone. */
export const serviceCredentials = ['username = "service"', `password = "${password}"`, 'project_name = "service"'].join(
  '\n',
);

/** Makes users, roles, projects and the endpoint. */
async function populate(keystone: Keystone): Promise<Pick<Cloud, 'projects' | 'users'>> {
  const { admin } = keystone;
  const projects: Record<string, string> = {};
  for (const name of ['owner', 'lessee', 'service', 'stranger']) {
    projects[name] = (await admin('POST', '/projects', { project: { name, domain_id: 'default' } })).project.id;
  }
  const roles = new Map<string, string>();
  for (const { name, id } of (await admin('GET', '/roles')).roles) {
    roles.set(name, id);
  }
  const users: Record<string, string> = { admin: (await admin('GET', '/users?name=admin')).users[0].id };
  for (const [name, scopes] of Object.entries(personas)) {
    const role = roles.get(name) ?? (await admin('POST', '/roles', { role: { name } })).role.id;
    roles.set(name, role);
    users[name] ??= (await admin('POST', '/users', { user: { name, domain_id: 'default', password } })).user.id;
    for (const scope of scopes) {
      const place =
        scope === 'system' ? '/system' : scope === 'domain' ? '/domains/default' : `/projects/${projects[scope]}`;
      await admin('PUT', `${place}/users/${users[name]}/roles/${role}`);
    }
  }
  // As newer releases of Keystone have it.
  await admin('PUT', `/roles/${roles.get('manager')}/implies/${roles.get('member')}`);
  return { projects, users };
}

/** Starts Keystone and the server, and enters the server into the catalogue. */
export async function startCloud(): Promise<Cloud> {
  const directory = mkdtempSync(join(tmpdir(), 'wrought-cloud-'));
  const keystone = await startKeystone();
  const { projects, users } = await populate(keystone);
  const file = join(directory, 'wrought.toml');
  const policyFile = join(directory, 'policy.yaml');
  const write = (toml: string, policy: string) => {
    writeFileSync(policyFile, policy);
    writeFileSync(
      file,
      [
        '[api]',
        'auth = "keystone"',
        'policy_file = "policy.yaml"',
        'listen = "127.0.0.1:0"',
        toml,
        '[keystone]',
        `auth_url = "${keystone.url}"`,
        serviceCredentials,
        '[drivers]',
        'enabled = ["fake-hardware"]',
        '[log]',
        'level = "silent"',
        '',
      ].join('\n'),
    );
  };
  write('', '');
  const server = await startServer({ config: loadConfig({ file, dataDirectory: directory }) });
  const url = server.urls.find((each) => each.startsWith('http:')) ?? '';
  const { service } = await keystone.admin('POST', '/services', { service: { name: 'wrought', type: 'baremetal' } });
  for (const kind of ['public', 'internal']) {
    const endpoint = { interface: kind, service_id: service.id, region_id: 'RegionOne', url };
    await keystone.admin('POST', '/endpoints', { endpoint });
  }
  const tokens = new Map<string, Promise<string>>();
  return {
    keystone,
    server,
    url,
    projects,
    users,
    token(user, scope) {
      const name = JSON.stringify([user, scope]);
      const known = tokens.get(name) ?? keystone.token(user, scope);
      tokens.set(name, known);
      return known;
    },
    request: (token, method, path, body, more) => send(url, token, method, path, body, more),
    async configure(toml, policy = '') {
      write(toml, policy);
      await server.reload();
    },
    async stop() {
      await server.stop();
      await keystone.remove();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function send(
  url: string,
  token: string | null,
  method: string,
  path: string,
  body?: unknown,
  more: Record<string, string> = {},
): Promise<Answer> {
  const headers: Record<string, string> = { 'X-OpenStack-Ironic-API-Version': '1.115', ...more };
  if (token !== null) {
    headers['X-Auth-Token'] = token;
  }
  if (body !== undefined) {
    headers['Content-Type'] = 'application/json';
  }
  const answer = await fetch(url + path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  const json = text === '' ? null : JSON.parse(text);
  const fault = json?.error_message === undefined ? undefined : JSON.parse(json.error_message);
  return {
    status: answer.status,
    headers: answer.headers,
    json,
    message: fault?.faultstring ?? fault?.description ?? '',
  };
}
