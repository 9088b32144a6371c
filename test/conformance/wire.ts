// Sends a recorded request byte for byte: the path is not normalised, and no header is added that the recording does not name.
import { Agent, request } from 'node:http';
import { RECORDED_NEWEST, type SeenAnswer } from './compare.ts';
import { type Bindings, fillIn } from './placeholders.ts';
import type { Request } from './recording.ts';

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

/** "METHOD path" in its parts. */
export function splitSend(send: string): [string, string] {
  const space = send.indexOf(' ');
  return [send.slice(0, space), send.slice(space + 1)];
}

/** Sends a request as the recording writes it, with what earlier answers brought. */
export function sendRequest(wire: Wire, request: Request, bindings: Bindings): Promise<SeenAnswer> {
  const version = request.version === undefined ? RECORDED_NEWEST : request.version;
  const text = request.raw ?? (request.body === undefined ? undefined : JSON.stringify(request.body));
  const wanted = {
    ...(version === null ? {} : { 'X-OpenStack-Ironic-API-Version': version }),
    ...(text === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...request.headers,
  };
  const headers = Object.fromEntries(
    Object.entries(wanted).filter((entry): entry is [string, string] => entry[1] !== null),
  );
  const [method, path] = splitSend(fillIn(request.send, bindings));
  const body = text === undefined ? undefined : fillIn(text, bindings);
  // What was recorded as raw holds bytes that need not be UTF-8.
  const encoding = request.raw === undefined ? 'utf8' : 'latin1';
  return wire.send(method, path, headers, body === undefined ? undefined : Buffer.from(body, encoding));
}
