// A whole server with one node behind a simulated BMC, and listeners at its console.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, startBmcSimulator } from '@wrought/lab';
import { WebSocket } from 'ws';
import { loadConfig } from '../../src/config/index.ts';
import { startServer } from '../../src/main.ts';

export interface Answered {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Sends one request, and reads its answer whatever it is. */
export function send(
  url: string,
  { method = 'GET', headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: unknown } = {},
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers: { 'Content-Type': 'application/json', ...headers } }, (answer) => {
      answer.toArray().then((chunks) => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: answer.statusCode ?? 0, text, headers: answer.headers });
      }, reject);
    });
    sent.on('error', reject).end(body === undefined ? undefined : JSON.stringify(body));
  });
}

/** A listener that keeps what it hears. */
export function listenAt(t: TestContext, url: string, options: WebSocket.ClientOptions = {}) {
  const socket = new WebSocket(url, options);
  t.after(() => socket.terminate());
  let heard = '';
  let refusal: Answered | undefined;
  let end: { code: number; reason: string } | undefined;
  const wake: (() => void)[] = [];
  const changed = () => new Promise<void>((resolve) => wake.push(resolve));
  const tell = () => {
    for (const each of wake.splice(0)) {
      each();
    }
  };
  socket.on('message', (data, isBinary) => {
    assert.ok(isBinary);
    heard += data.toString();
    tell();
  });
  socket.on('close', (code, reason) => {
    end ??= { code, reason: reason.toString() };
    tell();
  });
  socket.on('error', () => {});
  socket.on('unexpected-response', (_request, answer) => {
    answer.toArray().then((chunks) => {
      refusal = {
        status: answer.statusCode ?? 0,
        text: Buffer.concat(chunks).toString(),
        headers: answer.headers,
      };
      tell();
    });
  });
  return {
    socket,
    heard: () => heard,
    async until(text: string): Promise<void> {
      while (!heard.includes(text)) {
        assert.equal(end, undefined, `it ended before it said ${JSON.stringify(text)}: ${heard}`);
        assert.equal(refusal, undefined);
        await changed();
      }
    },
    async ended(): Promise<{ code: number; reason: string }> {
      while (end === undefined) {
        await changed();
      }
      return end;
    },
    async refused(): Promise<Answered> {
      while (refusal === undefined) {
        assert.equal(end, undefined);
        await changed();
      }
      return refusal;
    },
  };
}

const newest = { 'X-OpenStack-Ironic-API-Version': '1.115' };

/** A server with HTTP basic authentication and one node "m1"; all ends with the test. */
export async function startServerWithNode(
  t: TestContext,
  node: Readonly<Record<string, unknown>>,
  set: readonly string[] = [],
  stack = new AsyncDisposableStack(),
) {
  t.after(() => stack.disposeAsync());
  const directory = mkdtempSync(join(tmpdir(), 'wrought-console-'));
  stack.defer(() => rmSync(directory, { recursive: true, force: true }));
  const config = loadConfig({
    dataDirectory: directory,
    set: ['api.listen=127.0.0.1:0', `drivers.enabled=["${node.driver}"]`, 'log.level=silent', ...set],
  });
  let server = await startServer({ config });
  let isStopped = false;
  const stop = async () => {
    if (!isStopped) {
      isStopped = true;
      await server.stop();
    }
  };
  stack.defer(stop);
  const base = () => server.urls.find((url) => url.startsWith('http:')) ?? '';
  const password = readFileSync(join(directory, 'password'), 'utf8').trim();
  const headers = { ...newest, Authorization: `Basic ${Buffer.from(`admin:${password}`).toString('base64')}` };
  const api = (method: string, path: string, body?: unknown) => send(base() + path, { method, headers, body });
  const made = await api('POST', '/v1/nodes', { name: 'm1', ...node });
  assert.equal(made.status, 201, made.text);

  /** Waits until nothing works on the node. */
  async function untilIdle(): Promise<{ console_enabled: boolean; last_error: string | null; uuid: string }> {
    for (;;) {
      const shown = JSON.parse((await api('GET', '/v1/nodes/m1')).text);
      if (shown.reservation === null) {
        return shown;
      }
      await sleep(5);
    }
  }

  async function askForConsole(enabled: boolean) {
    const asked = await api('PUT', '/v1/nodes/m1/states/console', { enabled });
    assert.equal(asked.status, 202, asked.text);
    return untilIdle();
  }

  async function switchConsole(enabled: boolean): Promise<void> {
    const { console_enabled, last_error } = await askForConsole(enabled);
    assert.deepEqual([console_enabled, last_error], [enabled, null]);
  }

  return {
    api,
    base,
    directory,
    headers,
    password,
    askForConsole,
    switchConsole,
    untilIdle,
    stop,
    /** Stops it, and starts another one with the same data. */
    async restart() {
      await server.stop();
      server = await startServer({ config });
    },
  };
}

/** The same with a node whose serial console is at a simulated BMC. */
export async function startConsoleServer(t: TestContext, set: readonly string[] = []) {
  const stack = new AsyncDisposableStack();
  const simulator = await startBmcSimulator({ count: 1 });
  stack.defer(() => simulator.close());
  const [bmc] = simulator.bmcs;
  assert.ok(bmc !== undefined);
  const port = await freePort();
  const node = {
    driver: 'ipmi',
    console_interface: 'ipmitool-socat',
    driver_info: {
      ipmi_address: '127.0.0.1',
      ipmi_port: bmc.port,
      ipmi_username: 'admin',
      ipmi_password: 'secret12',
      ipmi_terminal_port: port,
    },
  };
  const server = await startServerWithNode(t, node, set, stack);
  const base = server.base();
  const path = '/wrought/v1/nodes/m1/console';
  return {
    ...server,
    base,
    path,
    /** The TCP end of the console. */
    port,
    listen: (query = '', more: Record<string, string> = {}) =>
      listenAt(t, base.replace(/^http/, 'ws') + path + query, { headers: { ...server.headers, ...more } }),
  };
}
