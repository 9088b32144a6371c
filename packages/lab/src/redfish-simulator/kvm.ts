// The KVM of simulated services: the screen of the machine over RFB, at a TCP port beside the service or at OpenBMC's WebSocket.
import type { IncomingMessage } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, WebSocketServer } from 'ws';
import type { RedfishBmc } from './bmc.ts';
import { authenticate } from './http/authenticate.ts';

/** Where bmcweb carries the RFB of its KVM. */
export const openBmcKvmPath = '/kvm/0';

/** Services whose KVM is at a WebSocket and no port of its own. */
export const hasKvmSocket = ({ model }: RedfishBmc): boolean => model.name === 'openbmc';

/** Carries one viewer to the screen; a machine that has no screen now ends that. */
async function carry(bmc: RedfishBmc, viewer: Duplex): Promise<void> {
  viewer.on('error', () => viewer.destroy());
  try {
    const screen = await bmc.machine.openScreen?.();
    if (screen === undefined) throw new Error('the machine has no screen');
    screen.on('error', () => screen.destroy());
    // Whoever looked goes, or the machine: that is the end for the other.
    viewer.once('close', () => screen.destroy());
    screen.once('close', () => viewer.destroy());
    if (viewer.destroyed) screen.destroy();
    viewer.pipe(screen).pipe(viewer);
  } catch (error) {
    bmc.settings.log(`${bmc.name}: no screen: ${error instanceof Error ? error.message : error}`);
    viewer.destroy();
  }
}

/** Makes the server that a service's KVM listens with; the caller lets it listen. */
export function createKvm(bmc: () => RedfishBmc | undefined): Server {
  return createServer((socket: Socket) => {
    const found = bmc();
    if (found === undefined || found.isAway) {
      socket.destroy();
      return;
    }
    found.sockets.add(socket);
    socket.once('close', () => found.sockets.delete(socket));
    void carry(found, socket);
  });
}

const handshakes = new WebSocketServer({ noServer: true, perMessageDeflate: false, clientTracking: false });

function isAllowed(bmc: RedfishBmc, request: IncomingMessage): boolean {
  try {
    return authenticate(bmc, request.headers).role !== 'ReadOnly';
  } catch {
    // Nobody that it knows.
    return false;
  }
}

/** Answers a request for a WebSocket at a service. */
export function upgradeToKvm(
  bmc: RedfishBmc | undefined,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  if (
    bmc === undefined ||
    !hasKvmSocket(bmc) ||
    request.url !== openBmcKvmPath ||
    bmc.machine.openScreen === undefined
  ) {
    socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  } else if (!isAllowed(bmc, request)) {
    socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  } else {
    handshakes.handleUpgrade(request, socket, head, (opened) => {
      void carry(bmc, createWebSocketStream(opened, { allowHalfOpen: false }));
    });
  }
}
