// The tables of the API benchmark: each server's figures, and how many times better than the peer.
import { type ApiRound, type OperationSummary, summarise } from './rounds.ts';
import { type Spread, spread } from './statistics.ts';
import type { Subject } from './subject.ts';
import { figure, type Row, ratio, table } from './table.ts';

const withSpread = ({ median, least, most }: Spread) => `${figure(median)} (${figure(least)}-${figure(most)})`;

const percent = (share: number) => `${(share * 100).toFixed(0)} %`;

function operationRow(summary: OperationSummary): Row {
  return {
    operation: summary.operation,
    connections: summary.mode,
    'requests/s': withSpread(summary.perSecond),
    'p50 ms': figure(summary.p50.median),
    'p95 ms': figure(summary.p95.median),
    'p99 ms': figure(summary.p99.median),
    'CPU ms/request': withSpread(summary.cpuMilliseconds),
    'of it database': figure(summary.databaseCpuMilliseconds.median),
    requests: String(summary.count),
    failed: String(summary.failures),
    'client CPU': percent(summary.clientShare),
    'other CPU': percent(summary.othersShare),
  };
}

function lifeCycleRow(title: string, rounds: readonly ApiRound[]): Row {
  const over = (value: (round: ApiRound) => number) => spread(rounds.map(value));
  const verbs = Object.keys(rounds[0]?.lifeCycle.secondsByVerb ?? {});
  return {
    'life cycle': title,
    'nodes/s': withSpread(over(({ lifeCycle }) => lifeCycle.nodesPerSecond)),
    'CPU ms/node': withSpread(over(({ lifeCycle }) => lifeCycle.cpuMillisecondsPerNode)),
    'of it database': figure(over(({ lifeCycle }) => lifeCycle.databaseCpuMillisecondsPerNode).median),
    ...Object.fromEntries(
      verbs.map((verb) => [
        `${verb} s`,
        figure(over(({ lifeCycle }) => lifeCycle.secondsByVerb[verb] ?? Number.NaN).median),
      ]),
    ),
    'sent again': String(over(({ lifeCycle }) => lifeCycle.retries).most),
  };
}

function ratioRows(ours: readonly OperationSummary[], theirs: readonly OperationSummary[]): Row[] {
  return ours.flatMap((summary) => {
    // The peer closes every connection: both our ways of connecting compare with its only one.
    const peer = theirs.find(({ operation }) => operation === summary.operation);
    if (peer === undefined) return [];
    return {
      operation: summary.operation,
      connections: summary.mode,
      'requests/s': ratio(summary.perSecond.median, peer.perSecond.median),
      'p50 shorter': ratio(peer.p50.median, summary.p50.median),
      'p99 shorter': ratio(peer.p99.median, summary.p99.median),
      'CPU less': ratio(peer.cpuMilliseconds.median, summary.cpuMilliseconds.median),
      'CPU less than without its database': ratio(
        peer.cpuMilliseconds.median - peer.databaseCpuMilliseconds.median,
        summary.cpuMilliseconds.median,
      ),
    };
  });
}

/** Prints every server's table, and the ratios when the peer ran. */
export function printApiReport(subjects: readonly Subject[], rounds: readonly ApiRound[]): void {
  const summaries = summarise(rounds);
  const of = (name: string) => summaries.filter(({ subject }) => subject === name);
  const cycles = (name: string) => rounds.filter(({ subject }) => subject === name);
  console.log(
    '\nMedian of the rounds (least-most). CPU: all processes of the server, its database included. Client and\nother CPU: the share of one core that the load generator, and anything else on this machine, used meanwhile.',
  );
  for (const { name, title } of subjects) console.log(`\n${title}\n${table(of(name).map(operationRow))}`);
  console.log(`\n${table(subjects.map(({ name, title }) => lifeCycleRow(title, cycles(name))))}`);
  const ratios = ratioRows(of('wrought'), of('ironic'));
  if (ratios.length === 0) return;
  const perSecond = (name: string) => spread(cycles(name).map(({ lifeCycle }) => lifeCycle.nodesPerSecond)).median;
  const cpu = (name: string) => spread(cycles(name).map(({ lifeCycle }) => lifeCycle.cpuMillisecondsPerNode)).median;
  ratios.push({
    operation: 'life cycle',
    'requests/s': ratio(perSecond('wrought'), perSecond('ironic')),
    'CPU less': ratio(cpu('ironic'), cpu('wrought')),
  });
  console.log(`\nWrought against Ironic\n${table(ratios)}`);
}
