// The screen of a machine: where its BMC shows it, and a connection to that, logged in.
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { findGraphicalConsole, type ScreenPlace } from '@wrought/redfish';
import { logIn } from '../../../console/rfb/log-in.ts';
import type { Task } from '../../kit/index.ts';
import { readVnc } from '../vnc.ts';
import type { Bmc, RedfishCalls } from './calls.ts';

export interface RedfishScreen {
  /** @throws DriverOperationError when the BMC shows none, or does not tell where */
  find(task: Task): Promise<void>;
  /** Opens a connection at which the viewer speaks next. @throws Error whose message is part of a sentence */
  open(task: Task, signal: AbortSignal): Promise<Duplex>;
}

/** Where RFB is spoken, and what is said of it when something fails. */
interface Found {
  readonly open: (signal: AbortSignal) => Promise<Duplex>;
  readonly named: string;
}

async function openTcp(host: string, port: number, signal: AbortSignal): Promise<Duplex> {
  const socket = connect({ host, port, noDelay: true, keepAlive: true });
  try {
    await once(socket, 'connect', { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** OpenBMC carries the RFB of its KVM over a WebSocket, at which its own users are known. */
async function openWebSocket({ client }: Bmc, path: string, signal: AbortSignal): Promise<Duplex> {
  // Servers whose BMCs have none of it do without it.
  const { createWebSocketStream, WebSocket } = await import('ws');
  const { socket, headers } = await client.connect(path);
  const webSocket = new WebSocket(client.origin.replace(/^http/, 'ws') + path, {
    headers: { ...headers },
    createConnection: () => socket,
    perMessageDeflate: false,
  });
  // What is wrong is told at the stream.
  const stream = createWebSocketStream(webSocket, { allowHalfOpen: false });
  stream.on('error', () => {});
  try {
    await once(webSocket, 'open', { signal });
    return stream;
  } catch (error) {
    webSocket.terminate();
    stream.destroy();
    throw error;
  }
}

function placed(bmc: Bmc, place: ScreenPlace): Found {
  if ('webSocketPath' in place) {
    const { webSocketPath } = place;
    return { named: `the WebSocket ${webSocketPath}`, open: (signal) => openWebSocket(bmc, webSocketPath, signal) };
  }
  const host = new URL(bmc.client.origin).hostname.replace(/^\[(.*)\]$/, '$1');
  return { named: `port ${place.port}`, open: (signal) => openTcp(host, place.port, signal) };
}

/** Makes it. */
export function redfishScreen({ perform }: RedfishCalls): RedfishScreen {
  async function find(task: Task): Promise<Found> {
    const { address } = readVnc(task.node);
    if (address !== null) {
      const { host, port } = address;
      return { named: `${host} port ${port}`, open: (signal) => openTcp(host, port, signal) };
    }
    return perform(task, 'find screen', async (bmc) => {
      const { client, signal, system } = bmc;
      const { isEnabled, place, switchedBy } = await findGraphicalConsole(client, await system(), { signal });
      if (!isEnabled) {
        throw new Error(`its graphical console is switched off; ${switchedBy} switches it on`);
      }
      if (place === undefined) {
        throw new Error(
          `it tells of no VNC server. Its own page at ${client.origin} may show the screen; where it has a VNC server all the same, name that in driver_info/redfish_vnc_address`,
        );
      }
      return placed(bmc, place);
    });
  }

  return {
    async find(task) {
      await find(task);
    },
    async open(task, signal) {
      const found = await find(task);
      const seconds = task.config.redfish.connect_timeout;
      const limit = AbortSignal.timeout(seconds * 1000);
      const either = AbortSignal.any([signal, limit]);
      let stream: Duplex | undefined;
      try {
        stream = await found.open(either);
        stream.on('error', () => {});
        await logIn(stream, { password: readVnc(task.node).password, signal: either });
        return stream;
      } catch (error) {
        stream?.destroy();
        const reason = limit.aborted
          ? `it said nothing that is VNC within ${seconds} seconds (redfish.connect_timeout)`
          : error instanceof Error
            ? error.message
            : String(error);
        throw new Error(`at ${found.named} ${reason}`);
      }
    },
  };
}
