// The open serial consoles of this conductor, each at a TCP port of its own.
import { createServer, type Server } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import type { ConsoleEnd } from '@wrought/contract';
import type { Config } from '../config/index.ts';
import type { ConsoleLine, ConsoleLineOptions, TaskLog } from '../drivers/kit/index.ts';
import { type ConsoleLog, openConsoleLog } from './console-log.ts';
import { consoleClosed, serverStops } from './ends.ts';
import { consoleIsFull } from './full.ts';
import { createSerialConsole, type SerialConsole } from './serial-console.ts';

export interface ConsoleRequest {
  /** UUID of the node. */
  readonly node: string;
  /** Null: one of console.port_range. */
  readonly port: number | null;
  readonly open: (signal: AbortSignal) => Promise<Duplex>;
}

export interface SerialConsoles {
  /**
   * Opens a console, or answers the one that is open: where it can be reached.
   * @throws Error when the port is taken, or the line can not be opened
   */
  start(request: ConsoleRequest): Promise<{ readonly host: string; readonly port: number }>;
  /** Joins a listener to the console, which is opened where it is not. @throws as `start`; TemporaryFailure when it is full */
  join(request: ConsoleRequest, options: ConsoleLineOptions): Promise<ConsoleLine>;
  /** Nothing happens where none is open. */
  stop(node: string): Promise<void>;
  /** Whether the console of this node is open here. */
  isOpen(node: string): boolean;
  close(): Promise<void>;
}

interface Open {
  readonly console: SerialConsole;
  readonly server: Server;
  readonly kept: ConsoleLog | undefined;
  readonly host: string;
  readonly port: number;
}

/** The ports of "FIRST:LAST"; none when it is unset. @throws Error that names the option */
export function portsOf(range: string | null): { readonly first: number; readonly last: number } | null {
  if (range === null) {
    return null;
  }
  const [, first = 0, last = 0] = (/^(\d{1,5}):(\d{1,5})$/.exec(range) ?? []).map(Number);
  if (first < 1 || last < first || last > 65_535) {
    throw new Error(`console.port_range is ${JSON.stringify(range)}; allowed: FIRST:LAST, such as "10000:20000".`);
  }
  return { first, last };
}

/** Makes the place for them. */
export function createSerialConsoles(config: () => Config, log: TaskLog): SerialConsoles {
  // A mistake shows at the start and not with the first console.
  portsOf(config().console.port_range);
  const consoles = new Map<string, Promise<Open>>();

  function listen(console: SerialConsole, host: string, port: number): Promise<Server> {
    return new Promise((resolve, reject) => {
      const server = createServer((socket) => {
        const { terminal_timeout: idleSeconds, max_listeners: limit } = config().console;
        if (console.listeners >= limit) {
          socket.on('error', () => socket.destroy());
          socket.end(`\r\n[console: ${limit} listen already, which is what console.max_listeners allows]\r\n`);
          return;
        }
        console.attach(socket, { idleSeconds });
      });
      server.once('error', reject);
      server.listen(port, host, () => resolve(server));
    });
  }

  async function listenSomewhere(
    console: SerialConsole,
    host: string,
    wanted: number | null,
  ): Promise<[Server, number]> {
    if (wanted !== null) {
      return [await listen(console, host, wanted), wanted];
    }
    const ports = portsOf(config().console.port_range);
    for (let port = ports?.first ?? 1; port <= (ports?.last ?? 0); port += 1) {
      try {
        return [await listen(console, host, port), port];
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') {
          throw error;
        }
      }
    }
    throw new Error(`No port of console.port_range (${config().console.port_range}) is free.`);
  }

  async function begin({ node, port: wanted, open }: ConsoleRequest): Promise<Open> {
    const { socat_address: host, log_directory: directory, log_megabytes: megabytes } = config().console;
    const kept = directory === null ? undefined : openConsoleLog({ directory, name: node, megabytes, log });
    const console = createSerialConsole({ node, open, keep: (characters) => kept?.write(characters), log });
    try {
      await console.opened;
      const [server, port] = await listenSomewhere(console, host, wanted);
      return { console, server, kept, host, port };
    } catch (error) {
      await console.close(consoleClosed);
      await kept?.close();
      throw error;
    }
  }

  async function opened(request: ConsoleRequest): Promise<Open> {
    const { node } = request;
    const opening = consoles.get(node) ?? begin(request);
    consoles.set(node, opening);
    try {
      return await opening;
    } catch (error) {
      consoles.delete(node);
      throw error;
    }
  }

  async function end(node: string, reason: ConsoleEnd): Promise<void> {
    const opening = consoles.get(node);
    consoles.delete(node);
    // One that could not be opened has nothing to close.
    const open = await opening?.catch(() => undefined);
    if (open !== undefined) {
      open.server.close();
      await open.console.close(reason);
      await open.kept?.close();
    }
  }

  return {
    async start(request) {
      const { host, port } = await opened(request);
      return { host, port };
    },
    async join(request, { isReadOnly }) {
      const { console } = await opened(request);
      const { terminal_timeout: idleSeconds, max_listeners: limit } = config().console;
      if (console.listeners >= limit) {
        throw consoleIsFull(request.node, console.listeners, limit);
      }
      const [ours, stream] = duplexPair({ allowHalfOpen: false });
      const { promise: ended, resolve: onEnd } = Promise.withResolvers<ConsoleEnd>();
      // A stream that is destroyed at one end does not end at the other by itself.
      stream.once('close', () => ours.destroy());
      ours.once('close', () => stream.destroy());
      // Whoever only looks may do so for long: who is gone is found out otherwise.
      console.attach(ours, { isReadOnly, idleSeconds: isReadOnly ? 0 : idleSeconds, onEnd });
      return { stream, ended };
    },
    stop: (node) => end(node, consoleClosed),
    isOpen: (node) => consoles.has(node),
    async close() {
      await Promise.all([...consoles.keys()].map((node) => end(node, serverStops)));
    },
  };
}
