// The client process of the benchmarks: sends what it is ordered to over a fixed number of connections and reports how long it took.
import { createHttpClient } from './http-client.ts';
import type { LoadAnswer, LoadOrder, LoadRequest, LoadResult } from './load.ts';
import { percentile } from './statistics.ts';

/** The newest version that both servers speak (Ironic 21.4). */
const API_VERSION = '1.82';

/** More than these failed requests are counted and not named. */
const FAILED_NAMED = 10_000;

function onTheWire(order: LoadOrder, request: LoadRequest, count: number): string {
  const body = request.body?.replaceAll('$COUNT', String(count)) ?? '';
  const lines = [
    `${request.method} ${request.path} HTTP/1.1`,
    `Host: ${order.host}:${order.port}`,
    `X-OpenStack-Ironic-API-Version: ${API_VERSION}`,
    'Accept: application/json',
    `Connection: ${order.mode}`,
  ];
  if (request.body !== undefined) lines.push('Content-Type: application/json', `Content-Length: ${body.length}`);
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
}

async function run(order: LoadOrder): Promise<LoadResult> {
  const { requests } = order;
  const hasCount = requests.some(({ body }) => body?.includes('$COUNT'));
  const prepared = hasCount ? [] : requests.map((request) => onTheWire(order, request, 0));
  const latencies: number[] = [];
  const failures: Record<string, number> = {};
  const failed: number[] = [];
  let bodyBytes = 0;
  let next = 0;

  function noteFailure(number: number, what: string): void {
    failures[what] = (failures[what] ?? 0) + 1;
    if (failed.length < FAILED_NAMED) failed.push(number);
  }

  const cpuBefore = process.cpuUsage();
  const begin = performance.now();
  const end = begin + order.durationMilliseconds;

  async function work(): Promise<void> {
    const client = createHttpClient(order.host, order.port);
    while (next < order.maxRequests) {
      const started = performance.now();
      if (started >= end) break;
      const number = next;
      next += 1;
      const at = number % requests.length;
      const request = requests[at];
      if (request === undefined) break;
      try {
        const answer = await client.exchange(prepared[at] ?? onTheWire(order, request, number));
        latencies.push(performance.now() - started);
        bodyBytes += answer.bodyBytes;
        if (answer.status >= 400) noteFailure(number, String(answer.status));
      } catch (error) {
        noteFailure(number, (error as Error).message);
      }
    }
    client.close();
  }

  await Promise.all(Array.from({ length: order.connections }, work));
  const wallMilliseconds = performance.now() - begin;
  const cpu = process.cpuUsage(cpuBefore);
  const sorted = Float64Array.from(latencies).sort();
  return {
    count: sorted.length,
    wallMilliseconds,
    p50: percentile(sorted, 0.5),
    p95: percentile(sorted, 0.95),
    p99: percentile(sorted, 0.99),
    bodyBytes,
    failures,
    failed,
    clientShare: (cpu.user + cpu.system) / 1000 / wallMilliseconds,
  };
}

function answer(message: LoadAnswer): void {
  process.send?.(message);
}

process.on('message', (order: LoadOrder) => {
  run(order).then(
    (result) => answer({ result }),
    (error: Error) => answer({ error: error.message }),
  );
});
process.on('disconnect', () => process.exit(0));
