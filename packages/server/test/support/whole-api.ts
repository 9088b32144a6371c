// The API over a real conductor with fake machines: real HTTP, real store, real flows.
import type { TestContext } from 'node:test';
import type { Node } from '@wrought/contract';
import { createApi } from '../../src/api/app.ts';
import { createPolicy } from '../../src/api/policy/policy.ts';
import { loadConfig } from '../../src/config/index.ts';
import { type RequestOptions, send, type TestAnswer } from '../api-fixture/server.ts';
import { startConductor, type TestConductor, type TestConductorOptions } from './conductor.ts';

export interface WholeApi extends TestConductor {
  readonly base: string;
  request(method: string, path: string, options?: RequestOptions): Promise<TestAnswer>;
  /** Asks for the path until the answer passes; fails after ten seconds. */
  until(path: string, passes: (answer: TestAnswer) => boolean): Promise<TestAnswer>;
  /** The path of a new fake node. */
  pathOf(fields?: Parameters<TestConductor['node']>[0]): Promise<{ node: Node; path: string }>;
}

const DEADLINE_MILLISECONDS = 10_000;
const POLL_MILLISECONDS = 5;

/** Starts both; they end with the test. */
export async function startWholeApi(t: TestContext, options: TestConductorOptions = {}): Promise<WholeApi> {
  const server = await startConductor(t, options);
  const config = loadConfig({ dataDirectory: server.directory, set: [...(options.set ?? [])] });
  const app = createApi({
    config: () => config,
    store: server.store,
    doors: server.conductor.doors,
    log: { debug() {}, error() {} },
    authenticator: { tellsCallersApart: false, authenticate: async () => ({ ok: true, user: 'tester' }) },
    policy: createPolicy(new Map(), () => config.api),
    listenerKind: () => 'api',
  });
  const base = await app.listen({ host: '127.0.0.1', port: 0 });
  t.after(() => app.close());
  const request: WholeApi['request'] = (method, path, given = {}) => send(base, method, path, given);
  return {
    ...server,
    base,
    request,
    async until(path, passes) {
      const deadline = performance.now() + DEADLINE_MILLISECONDS;
      for (;;) {
        const answer = await request('GET', path);
        if (passes(answer)) {
          return answer;
        }
        if (performance.now() > deadline) {
          throw new Error(`${path} still answers ${answer.status} ${answer.text}`);
        }
        await new Promise((resolve) => setTimeout(resolve, POLL_MILLISECONDS));
      }
    },
    async pathOf(fields) {
      const node = await server.node(fields);
      return { node, path: `/v1/nodes/${node.uuid}` };
    },
  };
}
