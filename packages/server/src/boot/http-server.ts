// A plain static file server for boot files: GET and HEAD, ranges, confined to its root; it reports what machines fetch.

import { open, realpath } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import { join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { parseAddress } from '../config/index.ts';

/** An idle client is cut off after this time. */
const IDLE_TIMEOUT_MILLISECONDS = 60_000;
const CLOSE_GRACE_MILLISECONDS = 1_000;

/** A request that was answered, or a transfer that was cut. */
export interface FileRequest {
  /** Path in the URL, without the leading slash. */
  readonly path: string;
  readonly method: string;
  readonly status: number;
  readonly remoteAddress: string;
  readonly bytesSent: number;
  readonly isComplete: boolean;
}

export interface FileServer {
  /** "HOST:PORT" that was really bound. */
  readonly address: string;
  close(): Promise<void>;
}

export interface FileServerOptions {
  readonly root: string;
  /** "HOST:PORT". */
  readonly listen: string;
  readonly onRequest: (request: FileRequest) => void;
  readonly onError: (error: unknown) => void;
}

interface Range {
  readonly start: number;
  /** Inclusive. */
  readonly end: number;
}

/** Reads a Range header of one range (RFC 9110 section 14.2); null: the whole file; undefined: it can not be satisfied. */
export function parseRange(header: string | undefined, size: number): Range | null | undefined {
  const parts = header === undefined ? null : /^bytes=(\d*)-(\d*)$/.exec(header.trim());
  if (parts === null || (parts[1] === '' && parts[2] === '')) {
    return null;
  }
  const first = parts[1] === '' ? null : Number(parts[1]);
  const last = parts[2] === '' ? null : Number(parts[2]);
  const start = first ?? Math.max(0, size - (last ?? 0));
  const end = first === null ? size - 1 : Math.min(last ?? size - 1, size - 1);
  return start > end || start >= size ? undefined : { start, end };
}

/** The file that a URL path names inside the root; null when it leads out of it or names nothing. */
async function locate(root: string, urlPath: string): Promise<string | null> {
  let decoded: string;
  try {
    decoded = decodeURIComponent(urlPath);
  } catch {
    return null;
  }
  // Names with a dot in front are ours alone: caches and files being written.
  if (decoded.includes('\0') || decoded.split('/').some((part) => part.startsWith('.'))) {
    return null;
  }
  try {
    const real = await realpath(join(root, decoded));
    const realRoot = await realpath(root);
    return real.startsWith(realRoot + sep) ? real : null;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP' || code === 'ENAMETOOLONG') {
      return null;
    }
    throw error;
  }
}

interface Answer {
  readonly status: number;
  readonly bytesSent: number;
}

function refuse(response: ServerResponse, status: number, text: string, headers: Record<string, string> = {}): Answer {
  response.writeHead(status, { 'content-type': 'text/plain', 'content-length': Buffer.byteLength(text), ...headers });
  response.end(response.req.method === 'HEAD' ? undefined : text);
  return { status, bytesSent: 0 };
}

async function answer(root: string, path: string, request: IncomingMessage, response: ServerResponse): Promise<Answer> {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return refuse(response, 405, 'Only GET and HEAD are served here.\n', { allow: 'GET, HEAD' });
  }
  const file = await locate(root, path);
  if (file === null) {
    return refuse(response, 404, `There is no file ${path} here.\n`);
  }
  const handle = await open(file, 'r');
  try {
    const stat = await handle.stat();
    if (!stat.isFile()) {
      return refuse(response, 404, `There is no file ${path} here.\n`);
    }
    const range = parseRange(request.headers.range, stat.size);
    if (range === undefined) {
      return refuse(response, 416, 'The range lies behind the end of the file.\n', {
        'content-range': `bytes */${stat.size}`,
      });
    }
    const { start, end } = range ?? { start: 0, end: stat.size - 1 };
    const status = range === null ? 200 : 206;
    response.writeHead(status, {
      'content-type': 'application/octet-stream',
      'content-length': end - start + 1,
      'accept-ranges': 'bytes',
      'last-modified': stat.mtime.toUTCString(),
      ...(range === null ? {} : { 'content-range': `bytes ${start}-${end}/${stat.size}` }),
    });
    if (request.method === 'HEAD' || stat.size === 0) {
      response.end();
      return { status, bytesSent: 0 };
    }
    const stream = handle.createReadStream({ start, end, autoClose: false });
    await pipeline(stream, response);
    return { status, bytesSent: stream.bytesRead };
  } finally {
    await handle.close();
  }
}

function handler({ root, onRequest, onError }: FileServerOptions) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const path = (request.url ?? '/').split(/[?#]/)[0]?.replace(/^\/+/, '') ?? '';
    const facts = {
      path,
      method: request.method ?? 'GET',
      remoteAddress: request.socket.remoteAddress?.replace(/^::ffff:/, '') ?? 'unknown',
    };
    answer(root, path, request, response).then(
      ({ status, bytesSent }) => onRequest({ ...facts, status, bytesSent, isComplete: true }),
      (error: NodeJS.ErrnoException) => {
        if (!response.headersSent) {
          refuse(response, 500, 'The file can not be read.\n');
          onError(error);
        }
        onRequest({ ...facts, status: response.statusCode, bytesSent: 0, isComplete: false });
      },
    );
  };
}

function listen(server: Server, address: string): Promise<string> {
  const parsed = parseAddress(address);
  if (parsed === undefined) {
    throw new Error(`deploy.http_listen: ${address} is not "HOST:PORT".`);
  }
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const remedy =
        error.code === 'EADDRINUSE' ? 'another program listens there; stop it or choose another port' : error.message;
      reject(new Error(`deploy.http_listen: can not listen on ${address}: ${remedy} (${error.code})`));
    });
    server.listen({ host: parsed.host, port: parsed.port }, () => {
      const { address: host, port } = server.address() as AddressInfo;
      resolve(isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`);
    });
  });
}

/**
 * Starts the server.
 * @throws Error that names the option, the address and the remedy
 */
export async function startFileServer(options: FileServerOptions): Promise<FileServer> {
  const server = createServer(handler(options));
  server.setTimeout(IDLE_TIMEOUT_MILLISECONDS);
  const address = await listen(server, options.listen);
  return {
    address,
    close: () =>
      new Promise((resolve) => {
        const cut = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MILLISECONDS);
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}
