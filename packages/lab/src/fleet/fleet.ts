// Thousands of machines in one process: their BMCs and agents behind one HTTP listener, and a record of all that happens to them.
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { JsonObject } from '@wrought/contract';
import type { BmcSimulator } from '../bmc-simulator/simulator.ts';
import type { RedfishSimulator } from '../redfish-simulator/simulator.ts';
import type { FleetBmcs } from './bmcs.ts';
import type { FaultShares } from './faults.ts';
import { type FleetIpmiOptions, startFleetBmcs } from './ipmi-bmcs.ts';
import { type BootTarget, createFleetMachine, type Effect, type FleetMachine, type Power } from './machine.ts';
import type { Span } from './random.ts';
import { type FleetRedfishOptions, startFleetRedfish } from './redfish-bmcs.ts';

export interface FleetOptions {
  readonly machines: number;
  /** Decides about delays and about whom faults strike. */
  readonly seed: number;
  /** URLs of the APIs that the agents call. */
  readonly apis: readonly string[];
  /** 0: any. */
  readonly port?: number;
  readonly faults?: FaultShares;
  /** From power-on until the agent is up. */
  readonly bootSeconds?: Span;
  /** A step of the agent. */
  readonly stepSeconds?: Span;
  /** Gives the machines real IPMI BMCs, each at a UDP port of its own, in place of those that speak HTTP. */
  readonly ipmi?: FleetIpmiOptions;
  /** Gives them real Redfish services in the same way. */
  readonly redfish?: FleetRedfishOptions;
  readonly onEffect?: (effect: Effect) => void;
}

export interface FleetCounts {
  readonly powerOns: number;
  readonly powerOffs: number;
  readonly imagesWritten: number;
  readonly bmcCalls: number;
  readonly bmcFaults: number;
  readonly agentCommands: number;
  readonly lookups: number;
  readonly heartbeats: number;
  readonly refused: number;
  readonly unreachable: number;
  /** Agents that live now. */
  readonly agents: number;
  /** Why the last request of an agent was refused or lost. */
  readonly lastProblem: string | null;
}

export interface Fleet {
  readonly url: string;
  readonly machines: readonly FleetMachine[];
  /** An image that machines can be deployed with: its URL and digest. */
  readonly image: { readonly url: string; readonly sha256: string };
  /** The IPMI BMCs in the order of the machines, where they have such. */
  readonly ipmi: BmcSimulator | undefined;
  /** The Redfish services in that order, where they have such. */
  readonly redfish: RedfishSimulator | undefined;
  /** Where the BMC of a machine is: `driver_info/fleet_address`. */
  addressOf(machine: FleetMachine): string;
  /** Driver and `driver_info` of the node of a machine. */
  driverOf(machine: FleetMachine): { readonly driver: string; readonly driver_info: object };
  setFaults(shares: FaultShares): void;
  counts(): FleetCounts;
  close(): Promise<void>;
}

const IMAGE_BYTES = 4096;
/** What machines with real BMCs are given to boot; the server copies it and nobody runs it. */
const BOOT_FILES = { kernel: '/kernel', ramdisk: '/ramdisk' } as const;

async function readJson(request: IncomingMessage): Promise<JsonObject> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
  }
  const text = Buffer.concat(chunks).toString();
  return text === '' ? {} : (JSON.parse(text) as JsonObject);
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) });
  response.end(text);
}

/** Starts a fleet on loopback; its machines are off. */
export async function startFleet(options: FleetOptions): Promise<Fleet> {
  const { apis, seed } = options;
  const tally = {
    powerOns: 0,
    powerOffs: 0,
    imagesWritten: 0,
    bmcCalls: 0,
    bmcFaults: 0,
    agentCommands: 0,
    lookups: 0,
    heartbeats: 0,
    refused: 0,
    unreachable: 0,
  };
  const image = randomBytes(IMAGE_BYTES);
  let faults: FaultShares = options.faults ?? {};
  let url = '';
  let lastProblem: string | null = null;
  let ipmi: BmcSimulator | undefined;
  let redfish: RedfishSimulator | undefined;
  let bmcs: FleetBmcs | undefined;

  function onEffect(effect: Effect): void {
    if (effect.what === 'power on') tally.powerOns += 1;
    if (effect.what === 'power off') {
      tally.powerOffs += 1;
      // The BMC of a machine that went off by itself sees that.
      bmcs?.sawPowerOff(indexOf.get(effect.machine) ?? -1);
    }
    if (effect.what === 'write_image') tally.imagesWritten += 1;
    options.onEffect?.(effect);
  }

  const machines = Array.from({ length: options.machines }, (_, index) =>
    createFleetMachine({
      index,
      seed,
      bootSeconds: options.bootSeconds ?? { least: 1, most: 3 },
      stepSeconds: options.stepSeconds ?? { least: 0.2, most: 1 },
      agent: {
        apis,
        callbackUrl: (machine) => `${url}/agents/${machine}`,
        count(what, why) {
          lastProblem = why ?? lastProblem;
          if (what === 'lookup') tally.lookups += 1;
          if (what === 'heartbeat') tally.heartbeats += 1;
          if (what === 'refused') tally.refused += 1;
          if (what === 'unreachable') tally.unreachable += 1;
        },
      },
      onEffect,
    }),
  );
  const byName = new Map(machines.map((machine) => [machine.name, machine]));
  const indexOf = new Map(machines.map(({ name }, index) => [name, index]));

  /** Lets a BMC fail as its fault has it; true when there is nothing more to answer. */
  async function suffers(machine: FleetMachine, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
    const fault = machine.fault(faults);
    if (fault === null) {
      return false;
    }
    tally.bmcFaults += 1;
    switch (fault) {
      case 'silent':
        // The connection stays open until the caller gives up.
        return true;
      case 'slow':
        await sleep(machine.slowness() * 1000, undefined, { ref: false });
        return false;
      case 'wrong':
        send(response, 500, { error: 'Internal BMC error 0x7f' });
        return true;
      case 'reset':
        request.socket.destroy();
        return true;
    }
  }

  async function bmc(machine: FleetMachine, request: IncomingMessage, response: ServerResponse): Promise<void> {
    tally.bmcCalls += 1;
    if (await suffers(machine, request, response)) {
      return;
    }
    if (request.method === 'PUT') {
      const { power, boots_from: bootsFrom, key, node } = await readJson(request);
      const given = typeof key === 'string' ? key : null;
      if (typeof node === 'string') machine.setNode(node);
      if (bootsFrom !== undefined) machine.setBoot(bootsFrom as BootTarget, given);
      if (power !== undefined) machine.setPower(power as Power, given);
    }
    send(response, 200, { power: machine.power, boots_from: machine.bootsFrom });
  }

  async function agent(machine: FleetMachine, path: string, request: IncomingMessage, response: ServerResponse) {
    tally.agentCommands += 1;
    const { agent: living } = machine;
    if (living === undefined) {
      // Nobody listens at the address of a machine that is off.
      request.socket.destroy();
      return;
    }
    const token = new URL(request.url ?? '/', url).searchParams.get('agent_token');
    const { status, body } = living.answer(request.method ?? 'GET', path, token, await readJson(request));
    send(response, status, body);
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', url).pathname.replace(/\/+$/, '');
    if (path === '/image' || path === BOOT_FILES.kernel || path === BOOT_FILES.ramdisk) {
      response.writeHead(200, { 'Content-Type': 'application/octet-stream', 'Content-Length': image.length });
      response.end(request.method === 'HEAD' ? undefined : image);
      return;
    }
    const [, kind = '', name = '', rest = ''] = /^\/(bmcs|agents)\/([^/]+)(.*)$/.exec(path) ?? [];
    const machine = byName.get(name);
    if (machine === undefined) {
      send(response, 404, { error: `There is nothing at ${path}.` });
    } else if (kind === 'bmcs') {
      await bmc(machine, request, response);
    } else {
      await agent(machine, rest, request, response);
    }
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => send(response, 400, { error: String(error) }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: options.port ?? 0, backlog: 4096 }, resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  if (options.ipmi !== undefined) {
    const started = await startFleetBmcs(machines, seed, options.ipmi);
    ipmi = started.simulator;
    bmcs = started;
  } else if (options.redfish !== undefined) {
    const started = await startFleetRedfish(machines, seed, options.redfish);
    redfish = started.simulator;
    bmcs = started;
  }

  function driverOf(machine: FleetMachine) {
    const known = bmcs?.driverOf(indexOf.get(machine.name) ?? -1);
    if (known === undefined) {
      return { driver: 'fleet', driver_info: { fleet_address: `${url}/bmcs/${machine.name}` } };
    }
    const files = { deploy_kernel: `${url}${BOOT_FILES.kernel}`, deploy_ramdisk: `${url}${BOOT_FILES.ramdisk}` };
    return { driver: known.driver, driver_info: { ...known.driver_info, ...files } };
  }

  return {
    url,
    machines,
    ipmi,
    redfish,
    driverOf,
    image: { url: `${url}/image`, sha256: createHash('sha256').update(image).digest('hex') },
    addressOf: ({ name }) => `${url}/bmcs/${name}`,
    setFaults: (shares) => {
      faults = shares;
    },
    counts: () => ({
      ...tally,
      bmcCalls: tally.bmcCalls + (bmcs?.counts().requests ?? 0),
      bmcFaults: tally.bmcFaults + (bmcs?.counts().faults ?? 0),
      agents: machines.filter((machine) => machine.agent !== undefined).length,
      lastProblem,
    }),
    async close() {
      for (const machine of machines) {
        machine.stop();
      }
      await bmcs?.close();
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
