// Keeps the metrics of this process and serves them to Prometheus on a listener of their own; loaded only where that is configured.
import { createServer } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { BmcCallObserver, BmcWatcher, TaskLog } from '../drivers/kit/index.ts';
import type { WorkObserver } from '../flows/engine/observer.ts';
import { listenOnAddress } from '../listen.ts';
import type { StoreObserver } from '../store/observer.ts';
import type { RefusalObserver } from '../store/refused-events.ts';
import type { Store } from '../store/store.ts';
import { createBmcMetrics } from './bmc-conditions.ts';
import { declarations, type MetricDeclaration } from './declarations.ts';
import { createPowerLag } from './power-lag.ts';
import { createSensorValues } from './sensor-values.ts';
import { countUnfinishedRuns } from './unfinished-runs.ts';

export interface Metrics {
  readonly store: StoreObserver;
  readonly bmcCall: BmcCallObserver;
  readonly watchBmcs: BmcWatcher;
  readonly work: WorkObserver;
  readonly onRefusal: RefusalObserver;
  /** Counts what the conductor of this name has under way; for processes that are one. Without the database only that is missing. */
  watchRuns(store: Store, conductor: string, log: Pick<TaskLog, 'warn'>): void;
  /** Measures the requests to an application that is not ready yet. */
  watchRequests(app: FastifyInstance): void;
  /** Starts to serve. @returns the URL @throws Error that names the option, the address and the remedy */
  listen(address: string): Promise<string>;
  close(): Promise<void>;
}

/** Makes all metrics; nothing is served before `listen`. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const histogram = <D extends MetricDeclaration>({ name, help, labels, buckets = [] }: D) =>
    new Histogram<string>({ name, help, labelNames: [...labels], buckets: [...buckets], registers: [registry] });
  const requests = histogram(declarations.requests);
  const runDurations = histogram(declarations.runDurations);
  const bmcCalls = histogram(declarations.bmcCalls);
  const statements = histogram(declarations.statements);
  const transactions = histogram(declarations.transactions);
  const lag = createPowerLag();
  const watchBmcs = createBmcMetrics(registry);
  const refused = new Counter<string>({
    name: declarations.refusedEvents.name,
    help: declarations.refusedEvents.help,
    labelNames: [...declarations.refusedEvents.labels],
    registers: [registry],
  });
  const sensors = createSensorValues();
  const outcome = (isFailure: boolean) => (isFailure ? 'failed' : 'done');

  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url?.split('?')[0] !== '/metrics') {
      response.writeHead(404, { 'Content-Type': 'text/plain' }).end('The metrics are at GET /metrics.\n');
      return;
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { 'Content-Type': registry.contentType }).end(text),
      (error: unknown) =>
        response
          .writeHead(503, { 'Content-Type': 'text/plain' })
          .end(`${error instanceof Error ? error.message : String(error)}\n`),
    );
  });

  return {
    store: {
      statement: (side, seconds, isFailure) => statements.observe({ side, outcome: outcome(isFailure) }, seconds),
      transaction: (seconds, isFailure) => transactions.observe({ outcome: outcome(isFailure) }, seconds),
    },
    bmcCall: ({ driver, operation, error, seconds }) =>
      bmcCalls.observe({ driver, operation, error: error ?? '' }, seconds),
    watchBmcs,
    work: {
      runEnded({ flow, failure, created_at, finished_at }) {
        const seconds = (Date.parse(finished_at ?? created_at) - Date.parse(created_at)) / 1000;
        runDurations.observe({ flow, outcome: outcome(failure !== null) }, Math.max(0, seconds));
      },
      powerRoundBegan: lag.began,
      powerRead: lag.read,
      sensorRoundBegan: sensors.began,
      sensorsRead: sensors.read,
    },
    onRefusal: (sink, outcome) => refused.inc({ sink, outcome }),
    watchRuns(store, conductor, log) {
      const { name, help, labels } = declarations.runs;
      new Gauge<string>({
        name,
        help,
        labelNames: [...labels],
        registers: [registry],
        async collect() {
          // An outage of the database is when all other metrics are wanted most.
          const counts = await countUnfinishedRuns(store.read, conductor).catch((error: unknown) => {
            log.warn({ err: error }, 'The unfinished runs could not be counted for the metrics.');
            return [];
          });
          this.reset();
          for (const { count, ...of } of counts) {
            this.set(of, count);
          }
        },
      });
      new Gauge<string>({
        name: declarations.sensors.name,
        help: declarations.sensors.help,
        labelNames: [...declarations.sensors.labels],
        registers: [registry],
        collect() {
          this.reset();
          for (const { labels: of, value } of sensors.values()) {
            this.set(of, value);
          }
        },
      });
      new Gauge({
        name: declarations.powerSyncLag.name,
        help: declarations.powerSyncLag.help,
        registers: [registry],
        collect() {
          this.set(lag.seconds());
        },
      });
    },
    watchRequests(app) {
      app.addHook('onResponse', (request, reply, done) => {
        // The pattern and not the path: a label for each node would be one too many.
        const route = request.routeOptions.url ?? 'none';
        requests.observe({ method: request.method, route, status: reply.raw.statusCode }, reply.elapsedTime / 1000);
        done();
      });
    },
    async listen(address) {
      return `http://${await listenOnAddress(server, address, 'metrics.listen')}/metrics`;
    },
    async close() {
      if (server.listening) {
        const closed = new Promise((resolve) => server.close(resolve));
        server.closeAllConnections();
        await closed;
      }
    },
  };
}
