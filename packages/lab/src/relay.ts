// A relay from a TCP port on this host to the server's UNIX socket, for clients and browsers outside the namespace.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface RelayOptions {
  /** The UNIX socket that the server listens on; it need not exist yet. */
  socketPath: string;
  /** HOST:PORT; loopback addresses only. Port 0 takes a free one. "127.0.0.1:0" when left out. */
  listen?: string;
}

export interface Relay {
  host: string;
  port: number;
  /** Ends all connections and frees the port. */
  close(): Promise<void>;
}

const loopbackHosts = ['127.0.0.1', 'localhost', '::1'];

function parseListen(listen: string): { host: string; port: number } {
  const match = /^(?:\[(?<six>[^\]]+)\]|(?<four>[^:]+)):(?<port>\d{1,5})$/.exec(listen);
  const host = match?.groups?.six ?? match?.groups?.four;
  if (host === undefined) throw new Error(`relay: "${listen}" is not HOST:PORT`);
  // The UNIX socket's permissions guard the server; a public port would give them away.
  if (!loopbackHosts.includes(host)) throw new Error(`relay: ${host} is not a loopback address`);
  return { host, port: Number(match?.groups?.port) };
}

/**
 * Passes every TCP connection to the UNIX socket, byte for byte, so that anything on top (HTTP, WebSocket) works.
 * A client that comes while the server is not there has its connection closed. Throws when the port is taken.
 */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const { host, port } = parseListen(options.listen ?? '127.0.0.1:0');
  const open = new Set<Socket>();
  const track = (socket: Socket, peer: Socket) => {
    open.add(socket);
    socket.on('close', () => {
      open.delete(socket);
      peer.destroy();
    });
    // 'close' follows and ends the other side, which is all that a relay can say about an error.
    socket.on('error', () => socket.destroy());
  };
  // Half-open connections stay half-open: a client may send its whole request, end its side and read the answer.
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ path: options.socketPath, allowHalfOpen: true });
    track(client, upstream);
    track(upstream, client);
    client.pipe(upstream);
    upstream.pipe(client);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(new Error(`relay cannot listen on ${host}:${port}: ${error.message}`)));
    server.listen(port, host, resolve);
  });
  return {
    host,
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}
