// Opens the sockets of the API (TCP, TLS, UNIX) and says of each connection through which of them it came.
import { readFileSync } from 'node:fs';
import { chmod, lstat, mkdir, rm } from 'node:fs/promises';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, isIPv6, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { type Config, parseAddress } from './config/index.ts';
import { asksForWebSocket } from './websocket/request.ts';
import { routeUpgrades } from './websocket/upgrades.ts';

/** 'api': api.listen; 'ramdisk': api.ramdisk_listen, which serves only what agents call; 'unix': api.unix_socket. */
export type ListenerKind = 'api' | 'ramdisk' | 'unix';

export interface Listener {
  readonly kind: ListenerKind;
  /** "http://HOST:PORT", "https://HOST:PORT" or "unix:PATH", with the port that was really bound. */
  readonly url: string;
  readonly server: Server;
}

export interface Listeners {
  readonly listeners: readonly Listener[];
  /** Reads certificate and key again. @throws Error when they can not be used; the old ones stay in force */
  reloadTls(config: Config): void;
  /** Takes no new connections, lets requests under way finish for at most this long, then cuts what is left. */
  close(graceMilliseconds: number): Promise<void>;
}

/** Longer than the idle time of common proxies and clients, so that it is they who close. */
const keepAliveTimeoutMilliseconds = 75_000;

/** How long a left-over socket file is asked whether a server still answers on it. */
const staleSocketProbeMilliseconds = 1000;

/** What sun_path holds besides its closing zero byte. */
const longestSocketPathBytes = 107;

const kinds = new WeakMap<Socket, ListenerKind>();

/** Through which listener a connection came (`request.socket`). Unknown connections count as the least trusted. */
export function listenerKind(socket: Socket): ListenerKind {
  return kinds.get(socket) ?? 'ramdisk';
}

/**
 * Opens every listener of the configuration, all served by `handle` (such as fastify's `routing`), also requests for WebSockets.
 * @throws Error that names the option, the address and the remedy; nothing stays open then
 */
export async function openListeners(config: Config, handle: RequestListener): Promise<Listeners> {
  const listeners: Listener[] = [];
  const { listen, ramdisk_listen, unix_socket } = config.api;
  const tls = readTls(config);
  try {
    if (unix_socket !== null) {
      const server = makeServer('unix', null, handle);
      await listenOnSocket(server, unix_socket);
      listeners.push({ kind: 'unix', url: `unix:${unix_socket}`, server });
    }
    for (const [kind, option, address] of [
      ['api', 'api.listen', listen],
      ['ramdisk', 'api.ramdisk_listen', ramdisk_listen],
    ] as const) {
      if (address !== null) {
        const server = makeServer(kind, tls, handle);
        const bound = await listenOnAddress(server, address, option);
        listeners.push({ kind, url: `${tls === null ? 'http' : 'https'}://${bound}`, server });
      }
    }
  } catch (error) {
    await closeAll(listeners, 0);
    throw error;
  }
  return {
    listeners,
    reloadTls(fresh) {
      const options = readTls(fresh);
      for (const { server } of listeners) {
        if (options !== null && 'setSecureContext' in server && typeof server.setSecureContext === 'function') {
          server.setSecureContext(options);
        }
      }
    },
    close: (graceMilliseconds) => closeAll(listeners, graceMilliseconds),
  };
}

/**
 * Binds a server to "HOST:PORT" and returns the "HOST:PORT" that was really bound.
 * @throws Error that names `option`, the address and the remedy
 */
export async function listenOnAddress(server: Server, address: string, option: string): Promise<string> {
  const parsed = parseAddress(address);
  if (parsed === undefined) {
    throw new Error(`${option}: ${address} is not "HOST:PORT"`);
  }
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError(option, address, error)));
    server.listen({ host: parsed.host, port: parsed.port }, resolve);
  });
  const { address: host, port } = server.address() as AddressInfo;
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}

function makeServer(kind: ListenerKind, tls: SecureContextOptions | null, handle: RequestListener): Server {
  // Some clients offer HTTP/2 with every request; what is none for a WebSocket is answered as it is.
  const options = { shouldUpgradeCallback: asksForWebSocket };
  const server = tls === null ? createServer(options, handle) : createTlsServer({ ...options, ...tls }, handle);
  server.on('upgrade', routeUpgrades(handle));
  server.keepAliveTimeout = keepAliveTimeoutMilliseconds;
  server.on(tls === null ? 'connection' : 'secureConnection', (socket: Socket) => kinds.set(socket, kind));
  return server;
}

async function listenOnSocket(server: Server, path: string): Promise<void> {
  if (Buffer.byteLength(path) > longestSocketPathBytes) {
    throw new Error(
      `api.unix_socket: ${path} is longer than the ${longestSocketPathBytes} bytes that a socket path may have; ` +
        'name a shorter one, or a shorter --data-dir',
    );
  }
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await removeStaleSocket(path);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError('api.unix_socket', path, error)));
    // listen() binds before it returns, so the mask holds for the moment in which the file is made.
    const mask = process.umask(0o177);
    try {
      server.listen(path, resolve);
    } finally {
      process.umask(mask);
    }
  });
  await chmod(path, 0o600);
}

/** Removes the socket of a server that was killed. @throws Error when a server answers, or when it is another file */
async function removeStaleSocket(path: string): Promise<void> {
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') {
      return undefined;
    }
    throw listenError('api.unix_socket', path, error);
  });
  if (found === undefined) {
    return;
  }
  if (!found.isSocket()) {
    throw new Error(`api.unix_socket: ${path} exists and is not a socket; remove it or name another path`);
  }
  if (await answers(path)) {
    throw new Error(`api.unix_socket: another server listens on ${path}; stop it or use another --data-dir`);
  }
  await rm(path, { force: true });
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    // A server too busy to accept is still a server; only a refusal proves that nobody is there.
    socket.setTimeout(staleSocketProbeMilliseconds, () => end(true));
    socket.once('connect', () => end(true));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      end(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT'),
    );
  });
}

function readTls({ api }: Config): (SecureContextOptions & { honorCipherOrder: true }) | null {
  if (api.tls_certificate_file === null || api.tls_key_file === null) {
    return null;
  }
  const options = {
    cert: readPem('api.tls_certificate_file', api.tls_certificate_file),
    key: readPem('api.tls_key_file', api.tls_key_file),
    minVersion: api.tls_minimum_version === '1.3' ? 'TLSv1.3' : 'TLSv1.2',
    honorCipherOrder: true,
  } as const;
  try {
    createSecureContext(options);
  } catch (error) {
    throw new Error(
      `api.tls_certificate_file ${api.tls_certificate_file} and api.tls_key_file ${api.tls_key_file} can not be used ` +
        `together: ${reason(error)}; they have to be PEM, and the key that of the first certificate`,
    );
  }
  return options;
}

function readPem(option: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new Error(`${option}: ${file} can not be read: ${reason(error)}`);
  }
}

function listenError(option: string, address: string, error: NodeJS.ErrnoException): Error {
  const remedies: Readonly<Record<string, string>> = {
    EADDRINUSE: 'another program listens there; stop it or choose another port',
    EADDRNOTAVAIL: 'no network interface of this machine has the address',
    EACCES: 'this user may not; choose a port above 1023, or a folder of this user',
    ENOTFOUND: 'the host name is not known',
  };
  const remedy = remedies[error.code ?? ''];
  return new Error(`${option}: can not listen on ${address}: ${remedy ?? error.message} (${error.code})`);
}

async function closeAll(listeners: readonly Listener[], graceMilliseconds: number): Promise<void> {
  const closed = listeners.map(({ server }) => new Promise<void>((resolve) => server.close(() => resolve())));
  for (const { server } of listeners) {
    server.closeIdleConnections();
  }
  const cut = setTimeout(() => {
    for (const { server } of listeners) {
      server.closeAllConnections();
    }
  }, graceMilliseconds);
  await Promise.all(closed);
  clearTimeout(cut);
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
