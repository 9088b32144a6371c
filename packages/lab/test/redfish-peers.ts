// Speaks to a simulated Redfish service over real HTTP and HTTPS, one request a call.
import { once } from 'node:events';
import { type IncomingHttpHeaders, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { TestContext } from 'node:test';
import { type RedfishBmc, type RedfishSimulatorOptions, startRedfishSimulator } from '../src/index.ts';
import { login } from './bmc-peers.ts';

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** The body, where it is JSON; an empty object where there is none. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of any shape.
  readonly body: any;
}

export type Headers = Readonly<Record<string, string>>;

export const basic: Headers = {
  Authorization: `Basic ${Buffer.from(`${login.userName}:${login.password}`).toString('base64')}`,
};

/** Sends a request; a body that is no buffer goes as JSON. Certificates are not looked at unless `ca` is given. */
export async function send(
  bmc: RedfishBmc,
  method: string,
  path: string,
  body?: unknown,
  headers: Headers = basic,
  ca?: string,
): Promise<Reply> {
  const bytes = body === undefined || Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body));
  const type: Headers = bytes === undefined || Buffer.isBuffer(body) ? {} : { 'Content-Type': 'application/json' };
  const length: Headers = bytes === undefined ? {} : { 'Content-Length': String(bytes.length) };
  const options = { method, headers: { ...length, ...type, ...headers }, agent: false as const };
  const url = new URL(path, bmc.url);
  const request =
    url.protocol === 'https:'
      ? requestHttps(url, { ...options, ...(ca === undefined ? { rejectUnauthorized: false } : { ca }) })
      : requestHttp(url, options);
  request.end(bytes);
  const [response] = await once(request, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  const isJson = /json/.test(response.headers['content-type'] ?? '');
  return {
    status: response.statusCode,
    headers: response.headers,
    body: isJson && text !== '' ? JSON.parse(text) : {},
  };
}

/** One service for one test, that speaks http unless it is told otherwise. */
export async function startService(t: TestContext, options: Omit<RedfishSimulatorOptions, 'count'> = {}) {
  const simulator = await startRedfishSimulator({
    ...{ count: 1, scheme: 'http', taskSeconds: 0.05, resetSeconds: 0.05, log: (line) => t.diagnostic(line) },
    ...options,
  });
  t.after(() => simulator.close());
  const [bmc] = simulator.bmcs;
  if (bmc === undefined) throw new Error('there is no service');
  const ask = (method: string, path: string, body?: unknown, headers?: Headers) =>
    send(bmc, method, `/redfish/v1${path}`, body, headers === undefined ? basic : { ...basic, ...headers });
  return { simulator, bmc, ask };
}

/** Keys of the messages of an error. */
export const keysOf = ({ body }: Reply): string[] =>
  (body.error?.['@Message.ExtendedInfo'] ?? []).map(({ MessageId }: { MessageId: string }) =>
    MessageId.split('.').at(-1),
  );
