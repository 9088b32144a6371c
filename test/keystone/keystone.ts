// A real Keystone (Debian's package) for tests: in a folder of its own, one process with SQLite, on a port of loopback.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { freePort } from '@wrought/lab';

const runProgram = promisify(execFile);

/** Password of every user that the tests make; nothing but loopback sees it. */
export const password = 'correct horse';

/** What a token shall be for: the name of a project (of the default domain), the system, a domain, or nothing. */
export type WantedScope = string | { readonly system: true } | { readonly domain: string } | null;

export interface Keystone {
  /** "http://127.0.0.1:PORT/v3" */
  readonly url: string;
  /** Asks Keystone as its administrator; throws unless the status is one of success. */
  admin(method: string, path: string, body?: object): Promise<ReturnType<typeof JSON.parse>>;
  /** Logs a user of the default domain in and returns the token. */
  token(user: string, scope: WantedScope): Promise<string>;
  /** Starts the process, with tokens that live for so many seconds. */
  start(tokenSeconds?: number): Promise<void>;
  stop(): Promise<void>;
  remove(): Promise<void>;
}

/** Keys as `keystone-manage fernet_setup` makes them, without starting Python for it. */
function writeKeys(folder: string): void {
  mkdirSync(folder, { mode: 0o700 });
  for (const name of ['0', '1']) {
    writeFileSync(join(folder, name), randomBytes(32).toString('base64').replaceAll('+', '-').replaceAll('/', '_'));
  }
}

function configuration(folder: string, tokenSeconds: number): string {
  return [
    '[DEFAULT]',
    'use_stderr = true',
    '[database]',
    `connection = sqlite:///${folder}/keystone.db`,
    'sqlite_synchronous = false',
    '[token]',
    `expiration = ${tokenSeconds}`,
    '[fernet_tokens]',
    `key_repository = ${folder}/fernet`,
    '[fernet_receipts]',
    `key_repository = ${folder}/fernet`,
    '[credential]',
    `key_repository = ${folder}/credential`,
    '[identity]',
    'password_hash_rounds = 4',
    '[cache]',
    'backend = oslo_cache.dict',
    '',
  ].join('\n');
}

/** Sets Keystone up and starts it. */
export async function startKeystone(): Promise<Keystone> {
  const folder = mkdtempSync(join(tmpdir(), 'wrought-keystone-'));
  const file = join(folder, 'keystone.conf');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}/v3`;
  let server: ChildProcess | undefined;
  let adminToken: string | undefined;

  async function manage(...given: string[]): Promise<void> {
    // Debian's packages are for Debian's Python, which need not be the first on the path.
    await runProgram('/usr/bin/python3', ['/usr/bin/keystone-manage', '--config-file', file, ...given]);
  }

  async function start(tokenSeconds = 3600): Promise<void> {
    writeFileSync(file, configuration(folder, tokenSeconds));
    const child = spawn(
      'uwsgi',
      [
        '--plugins=python3',
        '--wsgi-file=/usr/bin/keystone-wsgi-public',
        `--http-socket=127.0.0.1:${port}`,
        '--master',
        // SQLite takes one writer at a time, so one process.
        '--processes=1',
        '--lazy-apps',
        '--need-app',
        '--no-orphans',
        '--die-on-term',
        '--disable-logging',
        '--buffer-size=65535',
        '--add-header=Connection: close',
        `--pyargv=--config-file=${file}`,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    server = child;
    const lines: string[] = [];
    const ready = Promise.withResolvers<void>();
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      if (/WSGI app 0 .* ready/.test(line)) {
        ready.resolve();
      }
    });
    child.once('error', ready.reject);
    child.once('exit', (code) => ready.reject(new Error(`uwsgi ended (${code}): ${lines.slice(-15).join('\n')}`)));
    await ready.promise;
  }

  async function stop(): Promise<void> {
    if (server !== undefined && server.exitCode === null && server.signalCode === null) {
      const exit = once(server, 'exit');
      server.kill('SIGTERM');
      await exit;
    }
  }

  async function token(user: string, scope: WantedScope): Promise<string> {
    const identity = {
      methods: ['password'],
      password: { user: { name: user, domain: { id: 'default' }, password } },
    };
    const answer = await fetch(`${url}/auth/tokens`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ auth: { identity, scope: scopeOf(scope) } }),
    });
    const given = answer.headers.get('X-Subject-Token');
    if (given === null) {
      throw new Error(`Keystone gave ${user} no token: ${answer.status} ${await answer.text()}`);
    }
    return given;
  }

  async function admin(method: string, path: string, body?: object): Promise<ReturnType<typeof JSON.parse>> {
    adminToken ??= await token('admin', { system: true });
    const answer = await fetch(url + path, {
      method,
      headers: { 'Content-Type': 'application/json', 'X-Auth-Token': adminToken },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) {
      throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    }
    return text === '' ? undefined : JSON.parse(text);
  }

  writeKeys(join(folder, 'fernet'));
  writeKeys(join(folder, 'credential'));
  writeFileSync(file, configuration(folder, 3600));
  await manage('db_sync');
  await manage(
    'bootstrap',
    '--bootstrap-password',
    password,
    '--bootstrap-region-id=RegionOne',
    ...['public', 'internal', 'admin'].map((kind) => `--bootstrap-${kind}-url=${url}`),
  );
  await start();
  return {
    url,
    admin,
    token,
    start,
    stop,
    async remove() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function scopeOf(scope: WantedScope): object | string {
  if (scope === null) {
    return 'unscoped';
  }
  if (typeof scope === 'string') {
    return { project: { name: scope, domain: { id: 'default' } } };
  }
  return 'system' in scope ? { system: { all: true } } : { domain: { name: scope.domain } };
}
