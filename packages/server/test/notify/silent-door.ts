// A way to a port that can fall silent while its connections stay, as a network does that drops packets.
import { once } from 'node:events';
import { type AddressInfo, createServer, connect as openSocket, type Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** Opens the way; it ends with the test. */
export async function startDoor(t: TestContext, to: number) {
  const open = new Set<Socket>();
  let isSilent = false;
  const server = createServer((socket) => {
    open.add(socket);
    const peer = openSocket(to, '127.0.0.1');
    socket.on('data', (data) => isSilent || peer.write(data)).on('error', () => {});
    peer.on('data', (data) => isSilent || socket.write(data)).on('error', () => {});
    socket.on('close', () => {
      open.delete(socket);
      peer.destroy();
      server.emit('left');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return {
    port: (server.address() as AddressInfo).port,
    silence() {
      isSilent = true;
    },
    async untilEmpty() {
      while (open.size > 0) {
        await once(server, 'left');
      }
    },
  };
}
