// Starts an image server inside a lab's namespace and steers it.

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { spawnInNamespace } from '../network/namespace.ts';
import type { ImageCondition, ImageFault, ImageFileStatistics } from './protocol.ts';

export interface ImageServerOptions {
  namespace: string;
  /** The directory whose files are served. */
  root: string;
  /** HOST:PORT inside the namespace; port 0 takes a free one. */
  listen: string;
}

export interface ImageServer {
  /** "http://HOST:PORT", without a slash at the end. */
  url: string;
  /** For other processes: HTTP on this UNIX socket (see protocol.ts and main.ts). */
  controlSocket: string;
  /** Paths begin with a slash, as in the URL. */
  statistics(path: string): Promise<ImageFileStatistics>;
  setFault(path: string, fault: ImageFault): Promise<void>;
  /** Lets answers go on that wait in `holdAfterBytes`. */
  release(path: string): Promise<void>;
  /** Resolves when the file has come so far. Throws with the numbers reached when the deadline passes. */
  waitFor(path: string, condition: ImageCondition, deadlineSeconds: number): Promise<ImageFileStatistics>;
  close(): Promise<void>;
}

const startTimeoutSeconds = 15;
const controlTimeoutSeconds = 10;
const serverProgram = fileURLToPath(new URL('./main.ts', import.meta.url));

function control(
  socketPath: string,
  method: string,
  path: string,
  body: unknown,
  timeoutSeconds: number,
): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ socketPath, method, path, signal: AbortSignal.timeout(timeoutSeconds * 1000) });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(JSON.parse(text));
        else reject(new Error(`image server: ${method} ${path} answered ${response.statusCode}: ${text}`));
      });
    });
    // A GET has no body; Node would send one without its length.
    if (method === 'GET') outgoing.end();
    else outgoing.end(JSON.stringify(body));
  });
}

/** Starts a server; it ends with `close`, and with the process that started it. */
export async function startImageServer(options: ImageServerOptions): Promise<ImageServer> {
  const directory = mkdtempSync(join(tmpdir(), 'wrought-images-'));
  const controlSocket = join(directory, 'control.sock');
  const child = spawnInNamespace(
    options.namespace,
    process.execPath,
    [serverProgram, resolve(options.root), options.listen, controlSocket],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new Error('image server: no pipes to the program');
  let said = '';
  stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const exited = once(child, 'exit');
  const lines = createInterface({ input: stdout });
  const started = Promise.race([
    once(lines, 'line', { signal: AbortSignal.timeout(startTimeoutSeconds * 1000) }).then(([line]) => String(line)),
    exited.then(() => {
      throw new Error(`image server ended while it started: ${said.trim()}`);
    }),
  ]);
  const close = async () => {
    stdin.end();
    await exited;
    rmSync(directory, { recursive: true, force: true });
  };
  let listening: string;
  try {
    listening = (await started).replace('listening on ', '');
  } catch (error) {
    await close();
    throw error;
  }

  const call = (
    method: string,
    name: string,
    path: string,
    body: unknown = {},
    timeoutSeconds = controlTimeoutSeconds,
  ) => control(controlSocket, method, `/${name}?path=${encodeURIComponent(path)}`, body, timeoutSeconds);
  const statistics = async (path: string) => (await call('GET', 'statistics', path)) as ImageFileStatistics;
  return {
    url: `http://${listening}`,
    controlSocket,
    statistics,
    async setFault(path, fault) {
      await call('PUT', 'fault', path, fault);
    },
    async release(path) {
      await call('POST', 'release', path);
    },
    async waitFor(path, condition, deadlineSeconds) {
      try {
        return (await call('POST', 'wait', path, condition, deadlineSeconds)) as ImageFileStatistics;
      } catch (error) {
        if ((error as Error).name !== 'TimeoutError' && (error as Error).name !== 'AbortError') throw error;
        const reached = JSON.stringify(await statistics(path));
        const wanted = JSON.stringify(condition);
        throw new Error(`image server: ${path} did not reach ${wanted} within ${deadlineSeconds} s, only ${reached}`);
      }
    },
    close,
  };
}
