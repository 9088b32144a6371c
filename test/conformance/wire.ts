// Sends a recorded request byte for byte: the path is not normalised, and no header is added that the recording does not name.
import { Agent, request } from 'node:http';
import type { SeenAnswer } from './compare.ts';

export interface Wire {
  send(method: string, path: string, headers: Readonly<Record<string, string>>, body?: Buffer): Promise<SeenAnswer>;
  close(): void;
}

/** A client of one server ("http://HOST:PORT") that keeps its connection. */
export function createWire(base: string): Wire {
  const { hostname, port } = new URL(base);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return {
    send: (method, path, headers, body) =>
      new Promise((resolve, reject) => {
        const length = body === undefined ? {} : { 'Content-Length': String(body.length) };
        const sent = request({ agent, hostname, port, method, path, headers: { ...headers, ...length } }, (answer) => {
          answer.toArray().then(
            (chunks) =>
              resolve({
                status: answer.statusCode ?? 0,
                headers: answer.headers as Record<string, string | undefined>,
                body: Buffer.concat(chunks).toString('utf8'),
              }),
            reject,
          );
        });
        sent.on('error', reject).end(body);
      }),
    close: () => agent.destroy(),
  };
}
