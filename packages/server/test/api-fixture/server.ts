// A running API for tests: real HTTP on loopback, a real database of its own, fake doors.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApi } from '../../src/api/app.ts';
import type { Caller } from '../../src/api/policy/caller.ts';
import { createPolicy, type OwnRule } from '../../src/api/policy/policy.ts';
import type { Services } from '../../src/api/services.ts';
import { type Config, loadConfig } from '../../src/config/index.ts';
import type { Doors } from '../../src/flows/doors.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { newDatabase } from '../support/databases.ts';
import { fakeDoors, type RecordedCalls } from './doors.ts';

export interface ServedApi {
  readonly base: string;
  /** What the routes were made with. */
  readonly services: Services;
  request(method: string, path: string, options?: RequestOptions): Promise<TestAnswer>;
  close(): Promise<void>;
}

export interface TestApi extends ServedApi {
  readonly store: Store;
  readonly calls: RecordedCalls;
}

export interface RequestOptions {
  /** Version header; null sends none. Default: the newest. */
  readonly version?: string | null;
  readonly body?: unknown;
  readonly rawBody?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TestAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The body as parsed, of whatever shape; null without one. */
  readonly json: ReturnType<typeof JSON.parse>;
  readonly text: string;
  /** faultstring or description of an error. */
  readonly message: string;
}

export interface ServeOptions {
  readonly errors?: unknown[];
  readonly user?: string | null;
  /** Makes the policy count: who calls, by the text of the header X-Caller. */
  readonly caller?: (named: string) => Caller;
  readonly rules?: ReadonlyMap<string, OwnRule>;
  readonly stopping?: AbortSignal;
}

/** Serves an API over a store and doors that are there already; its errors go to `errors`. */
export async function serveApi(
  config: Config,
  store: Store,
  doors: Doors,
  options: ServeOptions = {},
): Promise<ServedApi> {
  const log = { debug: () => {}, error: (details: object) => options.errors?.push(details) };
  const { stopping } = options;
  const services: Services = {
    config: () => config,
    store,
    doors,
    log,
    ...(stopping === undefined ? {} : { stopping }),
  };
  const app = createApi({
    ...services,
    authenticator: {
      tellsCallersApart: options.caller !== undefined,
      authenticate: async ({ 'x-caller': named }) => {
        const caller = options.caller?.(String(named ?? ''));
        return { ok: true, user: options.user ?? caller?.user_id ?? null, ...(caller === undefined ? {} : { caller }) };
      },
    },
    policy: createPolicy(options.rules ?? new Map(), () => config.api),
    listenerKind: () => 'api',
  });
  const base = await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    base,
    services,
    request: (method, path, given = {}) => send(base, method, path, given),
    close: () => app.close(),
  };
}

interface StartOptions extends ServeOptions {
  readonly set?: readonly string[];
  /** Puts another store in the place of the one that was opened: one that counts, say. */
  readonly watchStore?: (store: Store) => Store;
}

/** Starts an API whose errors go to `errors`. */
export async function startApi(options: StartOptions = {}): Promise<TestApi> {
  const directory = await mkdtemp(join(tmpdir(), 'wrought-api-'));
  const opened = await openStore(await newDatabase(undefined, directory));
  const store = options.watchStore?.(opened) ?? opened;
  const config: Config = loadConfig({ dataDirectory: directory, ...(options.set ? { set: options.set } : {}) });
  const doors = fakeDoors(store);
  const served = await serveApi(config, store, doors, options);
  return {
    ...served,
    store,
    calls: doors.calls,
    async close() {
      await served.close();
      await store.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Sends a request and reads what comes back. */
export async function send(base: string, method: string, path: string, options: RequestOptions): Promise<TestAnswer> {
  const headers: Record<string, string> = { ...options.headers };
  if (options.version !== null) {
    headers['X-OpenStack-Ironic-API-Version'] = options.version ?? 'latest';
  }
  const body = options.rawBody ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
  if (body !== undefined) {
    headers['Content-Type'] ??= 'application/json';
  }
  const answer = await fetch(base + path, { method, headers, ...(body === undefined ? {} : { body }) });
  const text = await answer.text();
  // Pages for browsers are the only thing that is no JSON.
  const isPage = answer.headers.get('content-type')?.startsWith('text/html') === true;
  const json = text === '' || isPage ? null : JSON.parse(text);
  return { status: answer.status, headers: answer.headers, json, text, message: messageOf(json) };
}

function messageOf(json: unknown): string {
  const wrapped = (json as { error_message?: unknown } | null)?.error_message;
  if (typeof wrapped !== 'string') {
    return '';
  }
  const inner = JSON.parse(wrapped);
  return inner.faultstring ?? inner.description ?? '';
}
