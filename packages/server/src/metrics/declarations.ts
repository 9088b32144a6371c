// Every metric of this program by its name, with what it counts, its labels and the bounds of its buckets.

export interface MetricDeclaration {
  readonly name: string;
  readonly kind: 'gauge' | 'histogram' | 'counter';
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds of a histogram, in seconds. */
  readonly buckets?: readonly number[];
}

function declare<const D extends MetricDeclaration>(declaration: D): D {
  return declaration;
}

/** Answers of the API and statements of the database. */
const SHORT = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
/** Calls to BMCs, with their tries. */
const MIDDLE = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120];
/** Work on machines. */
const LONG = [1, 5, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400];

export const declarations = {
  requests: declare({
    name: 'wrought_http_request_duration_seconds',
    kind: 'histogram',
    help: 'Requests to the API, from their head to the end of the answer.',
    labels: ['method', 'route', 'status'],
    buckets: SHORT,
  }),
  runs: declare({
    name: 'wrought_runs',
    kind: 'gauge',
    help: 'Unfinished runs of this conductor by flow, status (queued: in line; parked: waiting for a machine) and present step.',
    labels: ['flow', 'status', 'step'],
  }),
  runDurations: declare({
    name: 'wrought_run_duration_seconds',
    kind: 'histogram',
    help: 'Finished runs of this conductor, from the request to the end; the outcome is "done" or "failed".',
    labels: ['flow', 'outcome'],
    buckets: LONG,
  }),
  bmcCalls: declare({
    name: 'wrought_bmc_call_duration_seconds',
    kind: 'histogram',
    help: 'Calls to BMCs with all their tries, without the wait for their turn; the error is the kind of failure, empty when answered.',
    labels: ['driver', 'operation', 'error'],
    buckets: MIDDLE,
  }),
  bmcs: declare({
    name: 'wrought_bmcs',
    kind: 'gauge',
    help: 'BMCs that were called, by state: "answering"; "paused" (silent: what nobody waits for is not sent until its pause is over); "probed" (silent, and asked again by whatever comes next); "unknown" (no call has ended yet).',
    labels: ['driver', 'state'],
  }),
  pendingBmcCalls: declare({
    name: 'wrought_bmc_calls_pending',
    kind: 'gauge',
    help: 'Calls to BMCs that are under way or wait for their turn.',
    labels: ['driver'],
  }),
  bmcLatencies: declare({
    name: 'wrought_bmc_mean_latency_seconds',
    kind: 'histogram',
    help: 'The BMCs by the mean time of their answered calls, as it is now: each BMC counts once, and the counts fall as well as rise.',
    labels: ['driver'],
    buckets: MIDDLE,
  }),
  powerSyncLag: declare({
    name: 'wrought_power_sync_lag_seconds',
    kind: 'gauge',
    help: 'Age of the oldest power state among the nodes of this conductor that are looked at; a node that never answered counts from when it was first looked at.',
    labels: [],
  }),
  sensors: declare({
    name: 'wrought_sensor_value',
    kind: 'gauge',
    help: 'What the sensors of the machines of this conductor measured last, in the unit of the label; only with sensor_data.send_sensor_data.',
    labels: ['node', 'name', 'type', 'sensor', 'unit'],
  }),
  statements: declare({
    name: 'wrought_database_statement_duration_seconds',
    kind: 'histogram',
    help: 'Statements of the database; the side is "read" or "write", the outcome "done" or "failed".',
    labels: ['side', 'outcome'],
    buckets: SHORT,
  }),
  transactions: declare({
    name: 'wrought_database_transaction_duration_seconds',
    kind: 'histogram',
    help: 'Writing transactions with the wait for their turn; the outcome is "done" or "failed".',
    labels: ['outcome'],
    buckets: SHORT,
  }),
  refusedEvents: declare({
    name: 'wrought_events_refused_total',
    kind: 'counter',
    help: 'Events that a sink refused for good; the outcome is "reduced" (it got them without their payload) or "set aside" (it got nothing).',
    labels: ['sink', 'outcome'],
  }),
} as const satisfies Readonly<Record<string, MetricDeclaration>>;

/** The page of the reference. */
export function metricsReference(notice: string): string {
  const rows = Object.values<MetricDeclaration>(declarations).map(({ name, kind, labels, help }) => {
    return `| \`${name}\` | ${kind} | ${labels.join(', ')} | ${help} |`;
  });
  return `# Metrics

${notice}

With \`metrics.listen\` set, Prometheus finds these at \`/metrics\` of that address. A histogram has \`_bucket\`, \`_sum\` and \`_count\`: the
number of requests is \`wrought_http_request_duration_seconds_count\`. Each process tells of itself; sum over processes.

| metric | kind | labels | what it is |
| --- | --- | --- | --- |
${rows.join('\n')}

Besides them there are those of the process and of Node.js: \`process_cpu_seconds_total\`, \`process_resident_memory_bytes\`,
\`process_open_fds\`, \`nodejs_eventloop_lag_seconds\` (also as mean, maximum and percentiles), \`nodejs_heap_size_used_bytes\`,
\`nodejs_gc_duration_seconds\` and their kin.
`;
}
