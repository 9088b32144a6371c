// Thousands of simulated BMCs in one process, each with a UDP socket at its own address or port.
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { type Places, placeOf } from './addresses.ts';
import { Bmc, type BmcCounts } from './bmc.ts';
import { type BmcFaultShares, faultOf } from './faults.ts';
import { Link } from './link.ts';
import { type BmcSettings, resolveSettings } from './settings.ts';

export interface BmcSimulatorOptions extends BmcSettings {
  readonly count: number;
  readonly places?: Places;
  /** BMCs are called by this and their number; "machine" when absent. */
  readonly namePrefix?: string;
  /** Decides whom faults strike, and when; 1 when absent. */
  readonly seed?: number;
  readonly faults?: BmcFaultShares;
  /** How often the fault of a BMC strikes, from 0 to 1; a fifth of the times when absent. */
  readonly faultRate?: number;
}

export interface BmcSimulator {
  readonly bmcs: readonly Bmc[];
  readonly counts: Readonly<BmcCounts>;
  /** Takes effect at once. */
  setFaults(shares: BmcFaultShares, rate?: number): void;
  close(): Promise<void>;
}

/** Sockets that are opened at once. */
const atOnce = 64;
const sweepMilliseconds = 5000;

function bound(address: string, port: number): Promise<Socket> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close();
      reject(new Error(`a BMC cannot listen at ${address} port ${port}: ${error.message}`));
    });
    socket.bind({ address, port, exclusive: true }, () => {
      socket.removeAllListeners();
      resolve(socket);
    });
  });
}

/** Starts BMCs whose machines are off. Throws when options are wrong or an address is taken; then none is left. */
export async function startBmcSimulator(options: BmcSimulatorOptions): Promise<BmcSimulator> {
  const { count, places = {}, namePrefix = 'machine', seed = 1 } = options;
  const settings = resolveSettings(options);
  const counts: BmcCounts = { packets: 0, requests: 0, logins: 0, faults: 0 };
  const bmcs: Bmc[] = new Array(count);
  const links: Link[] = [];
  let next = 0;

  async function open(): Promise<void> {
    for (let index = next++; index < count; index = next++) {
      const place = placeOf(places, index);
      const socket = await bound(place.address, place.port);
      const link = new Link(socket);
      links.push(link);
      const { port } = socket.address();
      const bmc: Bmc = new Bmc(
        { index, name: `${namePrefix}-${index}`, address: place.address, port },
        settings,
        counts,
        (packet, peer) => link.send(bmc, packet, peer),
      );
      bmcs[index] = bmc;
      socket.on('message', (packet, peer) => link.receive(bmc, packet, peer));
      // Errors of a datagram that was sent are told here as well; a BMC goes on.
      socket.on('error', () => {});
    }
  }

  const closeAll = () => {
    for (const bmc of bmcs) bmc?.reset();
    for (const link of links) link.close();
  };

  function setFaults(shares: BmcFaultShares, rate = options.faultRate): void {
    for (const bmc of bmcs) bmc.fault = faultOf(shares, seed, bmc.name, rate);
  }

  // All of them have to be at their end before those that are open can be closed.
  const stop = (error: unknown) => {
    next = count;
    throw error;
  };
  const opened = await Promise.allSettled(Array.from({ length: Math.min(atOnce, count) }, () => open().catch(stop)));
  const failed = opened.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) {
    closeAll();
    throw failed.reason;
  }
  setFaults(options.faults ?? {});
  const sweep = setInterval(() => {
    for (const bmc of bmcs) bmc.expireSessions();
  }, sweepMilliseconds).unref();

  return {
    bmcs,
    counts,
    setFaults,
    async close() {
      clearInterval(sweep);
      closeAll();
    },
  };
}
