// A server as far as the agent sees it: root, lookup, heartbeats, and images with ranges and faults.
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AgentNode, HeartbeatBody, JsonObject, LookupConfig } from '@wrought/contract';

export const NODE_UUID = '1be26c0b-03f2-4d2e-ae87-c02d7f33c123';
export const TOKEN = 'a-token-that-is-longer-than-the-32-needed';

export type FakeImage = {
  content: Buffer;
  /** A Content-Length that is a lie, for images that need not be there to be refused. */
  announcedBytes?: number;
  /** Breaks the connection after so many bytes of each of the first answers. */
  breaksAfterBytes?: number[];
  ignoresRanges?: boolean;
};

export type FakeServer = {
  port: number;
  node: AgentNode;
  config: LookupConfig;
  images: Map<string, FakeImage>;
  heartbeats: HeartbeatBody[];
  /** Bodies posted to `/v1/continue_inspection`. */
  inspections: JsonObject[];
  /** Lines `METHOD path version range`. */
  requests: string[];
  /** Answers of the next requests to a path, before the usual ones. */
  nextStatuses: Map<string, number[]>;
  /** Resolves with the first heartbeat after the first `after`. */
  heartbeat: (after: number, deadlineSeconds: number) => Promise<HeartbeatBody>;
  close: () => Promise<void>;
};

export function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function sendImage(image: FakeImage, request: http.IncomingMessage, response: http.ServerResponse): void {
  const range = image.ignoresRanges === true ? null : /^bytes=(\d+)-$/.exec(request.headers.range ?? '');
  const start = Number(range?.[1] ?? 0);
  const total = image.announcedBytes ?? image.content.length;
  const breakAfter = image.breaksAfterBytes?.shift();
  response.writeHead(range === null ? 200 : 206, {
    etag: '"one"',
    'content-length': total - start,
    ...(range === null ? {} : { 'content-range': `bytes ${start}-${total - 1}/${total}` }),
  });
  const part = image.content.subarray(start, breakAfter === undefined ? undefined : start + breakAfter);
  if (breakAfter === undefined) response.end(part);
  else response.write(part, () => setImmediate(() => response.destroy()));
}

async function readBody(request: http.IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) text += chunk;
  return text;
}

export async function startFakeServer(port = 0): Promise<FakeServer> {
  const waiting: (() => void)[] = [];
  const server = http.createServer();
  const fake: FakeServer = {
    port,
    node: { uuid: NODE_UUID, properties: {}, instance_info: {}, driver_internal_info: {} },
    config: { heartbeat_timeout: 30, agent_token: TOKEN, agent_token_required: true },
    images: new Map(),
    heartbeats: [],
    inspections: [],
    requests: [],
    nextStatuses: new Map(),
    heartbeat: async (after, deadlineSeconds) => {
      const deadline = AbortSignal.timeout(deadlineSeconds * 1000);
      for (;;) {
        const found = fake.heartbeats[after];
        if (found !== undefined) return found;
        await new Promise<void>((resolve, reject) => {
          waiting.push(resolve);
          deadline.addEventListener('abort', () => reject(new Error(`no heartbeat within ${deadlineSeconds} s`)));
        });
      }
    },
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  server.on('request', async (request, response) => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const version = request.headers['x-openstack-ironic-api-version'] ?? '-';
    fake.requests.push(`${request.method} ${path} ${version} ${request.headers.range ?? '-'}`);
    const body = await readBody(request);
    const forced = fake.nextStatuses.get(path)?.shift();
    const image = fake.images.get(path);
    const json = (status: number, value: object) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    };
    if (forced !== undefined) {
      json(forced, { error_message: JSON.stringify({ faultstring: `status ${forced} was wanted` }) });
    } else if (path === '/') {
      json(200, { default_version: { id: 'v1', min_version: '1.1', version: '1.115', status: 'CURRENT' } });
    } else if (path === '/v1/lookup') {
      json(200, { node: fake.node, config: fake.config });
    } else if (path.startsWith('/v1/heartbeat/')) {
      fake.heartbeats.push(JSON.parse(body));
      response.writeHead(202).end();
      for (const resolve of waiting.splice(0)) resolve();
    } else if (path === '/v1/continue_inspection') {
      fake.inspections.push(JSON.parse(body));
      json(202, { uuid: NODE_UUID });
    } else if (image !== undefined) {
      sendImage(image, request, response);
    } else {
      json(404, { error_message: JSON.stringify({ faultstring: `${path} is not there` }) });
    }
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  fake.port = (server.address() as AddressInfo).port;
  return fake;
}
