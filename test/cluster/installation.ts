// An installation of several real processes on a PostgreSQL database of its own: APIs and conductors that a test starts and ends.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../bin/wrought', import.meta.url));
const DEADLINE_MILLISECONDS = 60_000;
const POLL_MILLISECONDS = 50;

/** Short enough to see a lease run out, long enough for a machine with much else to do. */
const settings = [
  'api.auth=none',
  'drivers.enabled=["fake-hardware"]',
  'conductor.heartbeat_interval=1',
  'conductor.lease_duration_seconds=8',
  'conductor.lease_safety_margin_seconds=2',
  'conductor.sync_power_state_interval=0',
  'cluster.poll_interval=0.5',
];

export interface Process {
  readonly name: string;
  readonly child: ChildProcess;
  /** Where it listens, as it said when it was ready. */
  readonly url: string;
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** What it wrote to its log. */
  log(): string;
}

export interface Node {
  readonly uuid: string;
  readonly provision_state: string;
  readonly power_state: string | null;
  readonly reservation: string | null;
  readonly last_error: string | null;
  readonly conductor: string | null;
  readonly [field: string]: unknown;
}

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: bodies of every kind are read by their tests.
  readonly body: any;
  readonly headers: Headers;
}

export interface Installation {
  readonly database: string;
  /** Starts a process of this role and name; resolves when it is ready. */
  start(
    role: 'api' | 'conductor' | 'serve',
    name: string,
    set?: readonly string[],
    environment?: NodeJS.ProcessEnv,
  ): Promise<Process>;
  /** Ends a process with a signal and waits until it is gone. */
  end(process: Process, signal?: NodeJS.Signals): Promise<number | string>;
  call(api: Process, method: string, path: string, body?: unknown): Promise<Answer>;
  createNodes(api: Process, count: number, fields?: object): Promise<Node[]>;
  nodes(api: Process): Promise<Node[]>;
  /** Ends every process and removes their folders. */
  close(): Promise<void>;
  /** Looks until `isSo` holds for all nodes. */
  untilAll(api: Process, isSo: (node: Node) => boolean): Promise<Node[]>;
}

/** Waits until `look` answers something. @throws Error with what it was looking for */
export async function until<Value>(what: string, look: () => Promise<Value | undefined>): Promise<Value> {
  const deadline = performance.now() + DEADLINE_MILLISECONDS;
  for (;;) {
    const value = await look();
    if (value !== undefined) {
      return value;
    }
    if (performance.now() > deadline) {
      throw new Error(`Not within ${DEADLINE_MILLISECONDS} ms: ${what}`);
    }
    await sleep(POLL_MILLISECONDS);
  }
}

/** Makes an installation without processes on an empty database, with its folder in `parent`; `close` ends it. */
export async function openInstallation(database: string, parent = tmpdir()): Promise<Installation> {
  const directory = await mkdtemp(join(parent, 'wrought-cluster-'));
  const processes: Process[] = [];

  async function end(process: Process, signal: NodeJS.Signals = 'SIGTERM'): Promise<number | string> {
    process.child.kill(signal);
    return process.ended;
  }

  async function call(api: Process, method: string, path: string, body?: unknown): Promise<Answer> {
    const answer = await fetch(api.url + path, {
      method,
      headers: { 'X-OpenStack-Ironic-API-Version': 'latest', 'Content-Type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) };
  }

  async function nodes(api: Process): Promise<Node[]> {
    const { status, body } = await call(api, 'GET', '/v1/nodes/detail?limit=1000');
    if (status !== 200) {
      throw new Error(`The nodes can not be listed: ${status} ${JSON.stringify(body)}`);
    }
    return body.nodes;
  }

  return {
    database,
    async close() {
      for (const process of processes) {
        process.child.kill('SIGCONT');
        await end(process, 'SIGKILL');
      }
      await rm(directory, { recursive: true, force: true });
    },
    end,
    call,
    nodes,
    async start(role, name, set = [], environment = {}) {
      const data = join(directory, name);
      await mkdir(data, { recursive: true });
      const options = [
        `database.url=${database}`,
        `conductor.host=${name}`,
        'api.listen=127.0.0.1:0',
        ...settings,
        ...set,
      ];
      const child = spawn(program, [role, '--data-dir', data, ...options.flatMap((option) => ['--set', option])], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...environment },
      });
      const written: string[] = [];
      createInterface({ input: child.stderr }).on('line', (line) => written.push(line));
      const exit = once(child, 'exit') as Promise<[number | null, string | null]>;
      const ended = exit.then(([code, signal]) => code ?? signal ?? '');
      const ready = Promise.withResolvers<string>();
      createInterface({ input: child.stdout }).on('line', (line) => {
        const url = /^wrought is ready: .*(https?:\/\/[^,\s]+)/.exec(line)?.[1];
        if (url !== undefined) {
          ready.resolve(url);
        }
      });
      const failed = ended.then((code) => {
        throw new Error(`${name} ended with ${code}: ${written.join('\n')}`);
      });
      const url = await Promise.race([ready.promise, failed]);
      // Its end is no failure any more.
      failed.catch(() => {});
      const started = { name, child, url, ended, log: () => written.join('\n') };
      processes.push(started);
      return started;
    },
    async createNodes(api, count, fields = {}) {
      const made: Node[] = [];
      for (let index = 0; index < count; index += 1) {
        const { status, body } = await call(api, 'POST', '/v1/nodes', { driver: 'fake-hardware', ...fields });
        if (status !== 201) {
          throw new Error(`A node can not be made: ${status} ${JSON.stringify(body)}`);
        }
        made.push(body);
      }
      return made;
    },
    untilAll: async (api, isSo) => {
      let last: Node[] = [];
      try {
        return await until('all nodes', async () => {
          last = await nodes(api);
          return last.every(isSo) ? last : undefined;
        });
      } catch (error) {
        const odd = last.filter((node) => !isSo(node));
        const shown = odd.map(({ uuid, provision_state, reservation, last_error, conductor }) => ({
          uuid,
          provision_state,
          reservation,
          last_error,
          conductor,
        }));
        throw new Error(`${(error as Error).message}; still otherwise: ${JSON.stringify(shown)}`);
      }
    },
  };
}
