// A proxy in front of a PostgreSQL socket: connections go through it until they are cut.
import { mkdir } from 'node:fs/promises';
import { createConnection, createServer, type Socket } from 'node:net';
import { join } from 'node:path';

/** The name of the socket of a server with the default port. */
const SOCKET = '.s.PGSQL.5432';

export interface DatabaseProxy {
  /** The folder with its socket: `host` of a database URL. */
  readonly directory: string;
  /** Breaks every connection off; answers how many there were. */
  cut(): number;
  close(): Promise<void>;
}

/** Starts it in a folder of its own beside that of the server. */
export async function startProxy(serverDirectory: string): Promise<DatabaseProxy> {
  const directory = join(serverDirectory, 'proxy');
  await mkdir(directory);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = createConnection(join(serverDirectory, SOCKET));
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(join(directory, SOCKET), resolve));
  function cut(): number {
    const count = sockets.size / 2;
    for (const socket of sockets) {
      socket.destroy();
    }
    return count;
  }
  return {
    directory,
    cut,
    async close() {
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
