// An HTTP server for the tests of the command line: answers by a script, and remembers what was asked.
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { run } from '../src/program.ts';

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

export interface Answer {
  readonly status?: number;
  readonly body?: unknown;
}

export interface FakeApi {
  readonly asked: Asked[];
  readonly url: string;
  close(): Promise<void>;
}

/** Serves on a UNIX socket, or on a port of loopback when none is named. */
export async function startFakeApi(answer: (asked: Asked) => Answer, socketPath?: string): Promise<FakeApi> {
  const asked: Asked[] = [];
  const server: Server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8');
    request.on('data', (piece) => {
      text += piece;
    });
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const question = { method, url, headers, body: text === '' ? undefined : JSON.parse(text) };
      asked.push(question);
      const { status = 200, body } = answer(question);
      response.writeHead(status, { 'Content-Type': 'application/json' });
      response.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  await new Promise<void>((resolve) => {
    if (socketPath === undefined) {
      server.listen(0, '127.0.0.1', resolve);
    } else {
      server.listen(socketPath, resolve);
    }
  });
  const address = server.address() as AddressInfo | string;
  return {
    asked,
    url: typeof address === 'string' ? '' : `http://127.0.0.1:${address.port}`,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Runs one command line in this process and returns what it wrote. */
export async function wrought(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const { exitCode, output } = startWrought(args, environment);
  return { exitCode: await exitCode, ...output };
}

/** The same for a command that runs for a while; `output` grows meanwhile. */
export function startWrought(args: readonly string[], environment: NodeJS.ProcessEnv = {}, stdin = Readable.from([])) {
  const output = { out: '', err: '' };
  const stream = (name: keyof typeof output) => ({
    write(text: string) {
      output[name] += text;
    },
  });
  return { exitCode: run(args, { stdout: stream('out'), stderr: stream('err'), stdin }, environment), output };
}
