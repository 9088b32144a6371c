// Thousands of simulated Redfish services in one process, each with a TCP socket at its own address or port.
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net';
import { type Places, placeOf } from '../bmc-simulator/addresses.ts';
import { RedfishBmc, type RedfishCounts } from './bmc.ts';
import { booted } from './booted.ts';
import { Certificates, type UpgradeListener } from './certificates.ts';
import { faultOf, type RedfishFaultShares } from './faults.ts';
import { handle } from './http/handle.ts';
import { treeOf } from './http/tree.ts';
import { createKvm, hasKvmSocket, upgradeToKvm } from './kvm.ts';
import { readDump } from './replay/dump.ts';
import { replayedBoot, routesOfDump, systemOf } from './replay/routes.ts';
import { registerCertificates } from './resources/certificates.ts';
import { routesOf } from './resources/index.ts';
import { type RedfishSettings, resolveSettings } from './settings.ts';

export interface RedfishSimulatorOptions extends RedfishSettings {
  readonly count: number;
  readonly places?: Places;
  /** Services are called by this and their number; "machine" when absent. */
  readonly namePrefix?: string;
  /** Decides whom faults strike, and when; 1 when absent. */
  readonly seed?: number;
  readonly faults?: RedfishFaultShares;
  /** How often the fault of a service strikes, from 0 to 1; a fifth of the times when absent. */
  readonly faultRate?: number;
  /** A file with a captured service that is answered from, in place of the model's resources (`replay/dump.ts`). */
  readonly replay?: string;
}

export interface RedfishSimulator {
  readonly bmcs: readonly RedfishBmc[];
  readonly counts: Readonly<RedfishCounts>;
  /** Takes effect at once. */
  setFaults(shares: RedfishFaultShares, rate?: number): void;
  /** The certificate of a service in PEM; it vouches for itself. Throws where they speak http. */
  certificateOf(bmc: RedfishBmc): string;
  /** Gives a service another certificate, and ends its connections; answers the new one. */
  exchangeCertificate(bmc: RedfishBmc): string;
  close(): Promise<void>;
}

/** Sockets that are opened at once. */
const atOnce = 64;
const backlog = 64;

/** Services that listen at all addresses are told apart by their ports alone. */
const everywhere = '*';
const isEverywhere = (address: string) => address === '0.0.0.0' || address === '::';

function listening(server: NetServer, address: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) =>
      reject(new Error(`a BMC cannot listen at ${address} port ${port}: ${error.message}`)),
    );
    server.listen({ host: address, port, backlog, exclusive: true }, () =>
      resolve((server.address() as AddressInfo).port),
    );
  });
}

const closed = (server: NetServer) => new Promise<void>((resolve) => server.close(() => resolve()));

/** Starts services whose machines are off. Throws when options are wrong or an address is taken; then none is left. */
export async function startRedfishSimulator(options: RedfishSimulatorOptions): Promise<RedfishSimulator> {
  const { count, places = {}, namePrefix = 'machine', seed = 1 } = options;
  const settings = resolveSettings(options);
  const counts: RedfishCounts = { connections: 0, requests: 0, logins: 0, faults: 0 };
  const dump = options.replay === undefined ? undefined : readDump(options.replay);
  const { model } = settings;
  const tree = dump === undefined ? treeOf(routesOf(model), model.ignoresCase) : treeOf(routesOfDump(dump, model));
  const onBoot = dump === undefined ? booted : replayedBoot(dump);
  const startsOn = dump !== undefined && systemOf(dump)?.body.PowerState === 'On';
  const bmcs: RedfishBmc[] = new Array(count);
  const byPlace = new Map<string, RedfishBmc>();
  const servers: NetServer[] = [];
  let next = 0;

  // One HTTP server for all: it listens nowhere, and is given the connections of the sockets below.
  function bmcOf({ socket: { localAddress, localPort } }: IncomingMessage): RedfishBmc | undefined {
    return byPlace.get(`${localAddress} ${localPort}`) ?? byPlace.get(`${everywhere} ${localPort}`);
  }

  function onRequest(request: IncomingMessage, response: ServerResponse): void {
    const bmc = bmcOf(request);
    if (bmc === undefined) request.socket.destroy();
    else void handle(bmc, request, response);
  }
  const httpOptions = { keepAliveTimeout: settings.keepAliveMilliseconds, requestTimeout: 0, headersTimeout: 0 };
  const http = createHttpServer(httpOptions, onRequest);
  http.on('clientError', (_, socket) => socket.destroy());
  const onUpgrade: UpgradeListener = (request, socket, head) => upgradeToKvm(bmcOf(request), request, socket, head);
  http.on('upgrade', onUpgrade);
  const certificates = settings.scheme === 'https' ? new Certificates(httpOptions, onRequest, onUpgrade) : undefined;

  function accept(bmc: RedfishBmc, socket: Socket): void {
    // A connection that breaks off is what services live with.
    socket.on('error', () => {});
    if (bmc.isAway) {
      socket.destroy();
      return;
    }
    counts.connections += 1;
    bmc.sockets.add(socket);
    socket.once('close', () => bmc.sockets.delete(socket));
    const server: Server = certificates?.hostOf(bmc).server ?? http;
    server.emit('connection', socket);
  }

  async function open(): Promise<void> {
    for (let index = next++; index < count; index = next++) {
      const place = placeOf(places, index);
      const server = createServer((socket) => {
        const bmc = bmcs[index];
        if (bmc === undefined) socket.destroy();
        else accept(bmc, socket);
      });
      const port = await listening(server, place.address, place.port);
      servers.push(server);
      const name = `${namePrefix}-${index}`;
      const bmc = new RedfishBmc({ index, name, address: place.address, port }, settings, tree, counts, onBoot);
      bmcs[index] = bmc;
      if (bmc.machine.openScreen !== undefined && !hasKvmSocket(bmc)) {
        const kvm = createKvm(() => bmcs[index]);
        bmc.kvmPort = await listening(kvm, place.address, settings.kvmPort);
        servers.push(kvm);
      }
      if (startsOn) await bmc.machine.change('on');
      byPlace.set(`${isEverywhere(place.address) ? everywhere : place.address} ${port}`, bmc);
      if (certificates !== undefined) registerCertificates(bmc, certificates);
    }
  }

  async function closeAll(): Promise<void> {
    const ended = servers.map(closed);
    for (const bmc of bmcs) {
      bmc?.tell({ what: 'reset' });
      for (const socket of bmc?.sockets ?? []) socket.destroy();
    }
    await Promise.all(ended);
  }

  function setFaults(shares: RedfishFaultShares, rate = options.faultRate): void {
    for (const bmc of bmcs) bmc.fault = faultOf(shares, seed, bmc.name, rate);
  }

  const tls = (): Certificates => {
    if (certificates === undefined) throw new Error('the services speak http and have no certificates');
    return certificates;
  };

  // All of them have to be at their end before those that are open can be closed.
  const stop = (error: unknown) => {
    next = count;
    throw error;
  };
  const opened = await Promise.allSettled(Array.from({ length: Math.min(atOnce, count) }, () => open().catch(stop)));
  const failed = opened.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) {
    await closeAll();
    throw failed.reason;
  }
  setFaults(options.faults ?? {});

  return {
    bmcs,
    counts,
    setFaults,
    certificateOf: (bmc) => tls().certificateOf(bmc),
    exchangeCertificate(bmc) {
      const certificate = tls().exchange(bmc);
      for (const socket of bmc.sockets) socket.destroy();
      return certificate;
    },
    close: closeAll,
  };
}
