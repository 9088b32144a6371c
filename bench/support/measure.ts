// Runs one load against one server and says what it cost: requests a second, latency, CPU time of the server's processes.
import type { Generator } from './generator.ts';
import type { ConnectionMode, LoadRequest, LoadResult } from './load.ts';
import { cpuMilliseconds, machineCpuMilliseconds } from './process-figures.ts';
import type { Server } from './subject.ts';

export interface Work {
  readonly operation: string;
  readonly mode: ConnectionMode;
  readonly connections: number;
  readonly requests: readonly LoadRequest[];
  readonly durationMilliseconds: number;
  readonly maxRequests?: number;
  /** The same load, unmeasured, for so long before. */
  readonly warmUpMilliseconds?: number;
  /** Awaited within the measurement: until what the requests began has been done. */
  readonly settle?: () => Promise<void>;
}

export interface Measurement {
  readonly operation: string;
  readonly mode: ConnectionMode;
  readonly count: number;
  readonly perSecond: number;
  /** Latency in milliseconds. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  /** CPU time a request, of all processes of the server with its database, and of the database alone. */
  readonly cpuMilliseconds: number;
  readonly databaseCpuMilliseconds: number;
  readonly failures: Readonly<Record<string, number>>;
  /** The share of one core that the load generator used, and that whatever else runs on the machine used. */
  readonly clientShare: number;
  readonly othersShare: number;
}

/** CPU time so far of a server with its database, and of the database alone. */
export function serverCpu(server: Server): { all: number; database: number } {
  const database = cpuMilliseconds(server.databasePids);
  return { all: cpuMilliseconds(server.serverPids) + database, database };
}

/** Measures one piece of work; failed requests are counted, not thrown. */
export async function measure(server: Server, generator: Generator, work: Work): Promise<Measurement> {
  const order = {
    host: server.host,
    port: server.port,
    mode: work.mode,
    connections: work.connections,
    durationMilliseconds: work.durationMilliseconds,
    maxRequests: work.maxRequests ?? Number.MAX_SAFE_INTEGER,
    requests: work.requests,
  };
  if (work.warmUpMilliseconds !== undefined) {
    await generator.run({ ...order, durationMilliseconds: work.warmUpMilliseconds });
  }
  const before = serverCpu(server);
  const machineBefore = machineCpuMilliseconds();
  const begin = performance.now();
  const result: LoadResult = await generator.run(order);
  let wallMilliseconds = result.wallMilliseconds;
  if (work.settle !== undefined) {
    await work.settle();
    wallMilliseconds = performance.now() - begin;
  }
  const machine = machineCpuMilliseconds() - machineBefore;
  const after = serverCpu(server);
  const clientCpu = result.clientShare * result.wallMilliseconds;
  return {
    operation: work.operation,
    mode: work.mode,
    count: result.count,
    perSecond: (result.count * 1000) / wallMilliseconds,
    p50: result.p50,
    p95: result.p95,
    p99: result.p99,
    cpuMilliseconds: (after.all - before.all) / result.count,
    databaseCpuMilliseconds: (after.database - before.database) / result.count,
    failures: result.failures,
    clientShare: result.clientShare,
    othersShare: Math.max(0, (machine - (after.all - before.all) - clientCpu) / wallMilliseconds),
  };
}
