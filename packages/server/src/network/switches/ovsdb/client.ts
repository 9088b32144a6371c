// A client of OVSDB (RFC 7047): JSON-RPC over TCP, TLS or a UNIX socket, with transactions.
import { connect as connectPlain, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { OvsdbError } from './errors.ts';
import { createJsonStream } from './json-stream.ts';
import { encodeOperation, type Operation, type OperationResult, readResults } from './operation.ts';

/** Where a server is. Certificates are PEM texts. */
export type OvsdbPlace =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  | {
      readonly kind: 'ssl';
      readonly host: string;
      readonly port: number;
      readonly ca: string;
      readonly certificate?: string;
      readonly key?: string;
    };

export interface OvsdbClient {
  /** Does all operations or none. @throws OvsdbError */
  transact(database: string, operations: readonly Operation[]): Promise<readonly OperationResult[]>;
  close(): Promise<void>;
}

export interface OvsdbOptions {
  /** Longest time to connect, and for one answer. */
  readonly timeoutSeconds: number;
  readonly signal?: AbortSignal;
}

interface Pending {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** "tcp:192.0.2.1:6640", as Open vSwitch writes it. */
export function placeInWords(place: OvsdbPlace | { kind: 'ssl'; host: string; port: number }): string {
  if (place.kind === 'unix') {
    return `unix:${place.path}`;
  }
  return `${place.kind}:${place.host.includes(':') ? `[${place.host}]` : place.host}:${place.port}`;
}

function openSocket(place: OvsdbPlace): { socket: Socket; readyEvent: 'connect' | 'secureConnect' } {
  if (place.kind === 'unix') {
    return { socket: connectPlain({ path: place.path }), readyEvent: 'connect' };
  }
  const { host, port } = place;
  if (place.kind === 'tcp') {
    return { socket: connectPlain({ host, port }), readyEvent: 'connect' };
  }
  const options: ConnectionOptions = {
    ...{ host, port, ca: place.ca },
    ...(place.certificate === undefined ? {} : { cert: place.certificate }),
    ...(place.key === undefined ? {} : { key: place.key }),
    // Certificates of Open vSwitch (ovs-pki) name no hosts: whoever the authority vouches for is a switch.
    checkServerIdentity: () => undefined,
  };
  return { socket: connectTls(options), readyEvent: 'secureConnect' };
}

/** Connects. @throws OvsdbError when that fails or takes too long */
export async function connectOvsdb(place: OvsdbPlace, options: OvsdbOptions): Promise<OvsdbClient> {
  const name = placeInWords(place);
  const milliseconds = options.timeoutSeconds * 1000;
  const { socket, readyEvent } = openSocket(place);
  const pending = new Map<number, Pending>();
  let lastId = 0;
  let failure: OvsdbError | undefined;

  function fail(error: OvsdbError): void {
    failure ??= error;
    options.signal?.removeEventListener('abort', onAbort);
    socket.destroy();
    for (const { reject } of pending.values()) {
      reject(failure);
    }
    pending.clear();
  }

  const onAbort = () => fail(new OvsdbError(name, 'the work was ended'));
  options.signal?.addEventListener('abort', onAbort, { once: true });
  const take = createJsonStream();

  function receive(message: { id?: unknown; method?: unknown; params?: unknown; result?: unknown; error?: unknown }) {
    if (message.method === 'echo') {
      // The server asks whether we are still there (section 4.1.11).
      socket.write(JSON.stringify({ id: message.id, result: message.params, error: null }));
      return;
    }
    const waiting = typeof message.id === 'number' ? pending.get(message.id) : undefined;
    if (waiting === undefined) {
      return;
    }
    pending.delete(message.id as number);
    if (message.error !== null && message.error !== undefined) {
      waiting.reject(new OvsdbError(name, `a request was refused: ${JSON.stringify(message.error).slice(0, 500)}`));
    } else {
      waiting.resolve(message.result);
    }
  }

  socket.on('data', (bytes: Buffer) => {
    try {
      for (const message of take(bytes)) {
        receive(message as Parameters<typeof receive>[0]);
      }
    } catch (error) {
      fail(new OvsdbError(name, `what came is no OVSDB: ${error instanceof Error ? error.message : String(error)}`));
    }
  });
  socket.on('error', (error) => fail(new OvsdbError(name, error.message, { cause: error })));
  socket.on('close', () => fail(new OvsdbError(name, 'the connection was closed')));

  async function withDeadline<Result>(what: string, work: (pending: Pending) => void): Promise<Result> {
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<Result>((resolve, reject) => {
        timer = setTimeout(() => {
          const error = new OvsdbError(name, `${what} took longer than ${options.timeoutSeconds} s`);
          reject(error);
          fail(error);
        }, milliseconds);
        work({ resolve: resolve as (result: unknown) => void, reject });
      });
    } finally {
      clearTimeout(timer);
    }
  }

  async function request(method: string, params: readonly unknown[]): Promise<unknown> {
    if (failure !== undefined) {
      throw failure;
    }
    lastId += 1;
    const id = lastId;
    return withDeadline(`the answer to "${method}"`, (waiting) => {
      pending.set(id, waiting);
      socket.write(JSON.stringify({ id, method, params }));
    });
  }

  await withDeadline<void>('connecting', (waiting) => {
    pending.set(0, waiting);
    if (options.signal?.aborted) {
      onAbort();
    }
    socket.once(readyEvent, () => {
      pending.delete(0);
      waiting.resolve(undefined);
    });
  });
  // Whether somebody is there who answers (section 4.1.11): a host can take connections whose server hangs.
  await request('echo', []);

  return {
    async transact(database, operations) {
      return readResults(name, operations, await request('transact', [database, ...operations.map(encodeOperation)]));
    },
    async close() {
      fail(new OvsdbError(name, 'the connection was closed'));
    },
  };
}
