// The HTTPS server on which the agent takes commands, with the routes and answers of Ironic's agent.
import { createHash, timingSafeEqual } from 'node:crypto';
import type http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import type { AgentStatus, CommandList, CommandRequest } from '@wrought/contract';
import type { OwnCertificate } from '../certificate.ts';
import { AgentFailure, toAgentFault } from '../errors.ts';
import type { Log } from '../log.ts';
import { isJsonObject } from '../params.ts';
import type { CommandRunner } from './command-runner.ts';

export type CommandServerOptions = {
  host: string;
  port: number;
  certificate: OwnCertificate;
  /** The lowest TLS version taken. */
  tlsMinVersion: 'TLSv1.2' | 'TLSv1.3';
  tlsCiphers: string | null;
  /** The token of this session; null until the lookup has answered, when every command is refused. */
  token: () => string | null;
  runner: CommandRunner;
  status: AgentStatus;
  log: Log;
};

export type CommandServer = { port: number; close: () => Promise<void> };

/** A config drive of 64 MiB in base64, and the rest of a command. */
const BODY_MAX_BYTES = 96 * 1024 * 1024;

/** Compares tokens in a time that does not tell how much of them is right. */
function sameToken(left: string, right: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}

async function readJson(request: http.IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    bytes += chunk.length;
    if (bytes > BODY_MAX_BYTES) {
      throw new AgentFailure('RequestTooLarge', `a command may have ${BODY_MAX_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    throw new AgentFailure(
      'InvalidContentError',
      `the body is not JSON: ${error instanceof Error ? error.message : error}`,
    );
  }
}

function toCommandRequest(body: unknown): CommandRequest {
  if (!isJsonObject(body) || typeof body.name !== 'string' || !isJsonObject(body.params)) {
    throw new AgentFailure('InvalidContentError', 'Missing or invalid name or params');
  }
  const key = body.idempotency_key;
  if (key !== undefined && typeof key !== 'string') {
    throw new AgentFailure('InvalidContentError', 'idempotency_key must be a text');
  }
  return { name: body.name, params: body.params, ...(key === undefined ? {} : { idempotency_key: key }) };
}

function apiRoot(base: string): object {
  const version = { id: 'v1', links: [{ href: `${base}/v1`, rel: 'self' }] };
  return {
    name: 'Wrought agent API',
    description: 'Deployment agent of Wrought, with the API of the OpenStack Ironic agent',
    versions: [version],
    default_version: version,
  };
}

async function answer(request: http.IncomingMessage, options: CommandServerOptions): Promise<unknown> {
  const base = `https://${request.headers.host ?? 'localhost'}`;
  const url = new URL(request.url ?? '/', base);
  const path = url.pathname.replace(/\/+$/, '').replace(/^\/v1(?=\/)/, '');
  const isWait = url.searchParams.get('wait')?.toLowerCase() === 'true';
  const method = request.method ?? 'GET';
  const requireMethod = (...allowed: string[]): void => {
    if (!allowed.includes(method)) {
      throw new AgentFailure('MethodNotAllowed', `${url.pathname} takes ${allowed.join(', ')}, not ${method}`);
    }
  };
  const requireToken = (): void => {
    const token = options.token();
    if (token === null || !sameToken(url.searchParams.get('agent_token') ?? '', token)) {
      throw new AgentFailure('Unauthorized', 'Token invalid.');
    }
  };

  if (path === '' || path === '/v1') {
    requireMethod('GET');
    return apiRoot(base);
  }
  if (path === '/status') {
    requireMethod('GET');
    return options.status;
  }
  if (path === '/commands') {
    requireMethod('GET', 'POST');
    requireToken();
    if (method === 'GET') return { commands: options.runner.list() } satisfies CommandList;
    const result = await options.runner.execute(toCommandRequest(await readJson(request)));
    return isWait ? options.runner.wait(result.id) : result;
  }
  const id = /^\/commands\/([^/]+)$/.exec(path)?.[1];
  if (id !== undefined) {
    requireMethod('GET');
    requireToken();
    return isWait ? options.runner.wait(id) : options.runner.get(id);
  }
  throw new AgentFailure('NotFound', `${url.pathname} does not exist`);
}

function handle(request: http.IncomingMessage, response: http.ServerResponse, options: CommandServerOptions): void {
  const send = (status: number, body: unknown): void => {
    const text = JSON.stringify(body);
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
    response.end(text);
  };
  answer(request, options).then(
    (body) => send(200, body),
    (error) => {
      const fault = toAgentFault(error);
      options.log.debug(
        `${request.method} ${request.url?.replace(/agent_token=[^&]*/, 'agent_token=***')}: ${fault.faultstring}`,
      );
      send(fault.code, fault);
    },
  );
}

/** Starts the command server; `port` of the result is the real one where 0 was asked for. */
export async function startCommandServer(options: CommandServerOptions): Promise<CommandServer> {
  const server = https.createServer(
    {
      cert: options.certificate.certificatePem,
      key: options.certificate.keyPem,
      minVersion: options.tlsMinVersion,
      ...(options.tlsCiphers === null ? {} : { ciphers: options.tlsCiphers }),
    },
    (request, response) => handle(request, response, options),
  );
  // Waiting for a long command is no reason to drop its connection.
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
