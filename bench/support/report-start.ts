// The table of the start benchmark: times to ready and memory, side by side.
import type { Memory } from './process-figures.ts';
import { type Spread, spread } from './statistics.ts';
import type { Subject } from './subject.ts';
import { figure, type Row, ratio, table } from './table.ts';

interface MemoryFigures {
  readonly server: Memory;
  readonly database: Memory;
}

export interface StartRound {
  readonly subject: Subject['name'];
  readonly round: number;
  readonly setupMilliseconds: number;
  readonly firstReadyMilliseconds: number;
  readonly firstUsableMilliseconds: number;
  readonly againReadyMilliseconds: number;
  readonly againUsableMilliseconds: number;
  readonly idle: MemoryFigures;
  /** After the nodes were created in this process (the peer: in its database) and listed. */
  readonly filled: MemoryFigures;
  /** After a restart and the list. */
  readonly againFilled: MemoryFigures;
}

const lines: readonly { readonly name: string; readonly value: (round: StartRound) => number }[] = [
  { name: 'set-up of database and schema, s', value: (round) => round.setupMilliseconds / 1000 },
  { name: 'first start: GET /v1 answered, s', value: (round) => round.firstReadyMilliseconds / 1000 },
  { name: 'first start: driver enabled, s', value: (round) => round.firstUsableMilliseconds / 1000 },
  { name: 'start with 10,000 nodes: GET /v1 answered, s', value: (round) => round.againReadyMilliseconds / 1000 },
  { name: 'start with 10,000 nodes: driver enabled, s', value: (round) => round.againUsableMilliseconds / 1000 },
  ...(['idle', 'filled', 'againFilled'] as const).flatMap((when) => {
    const words = {
      idle: 'idle',
      filled: '10,000 nodes made and listed',
      againFilled: '10,000 nodes listed after a restart',
    }[when];
    return [
      {
        name: `${words}: resident, MiB`,
        value: (round: StartRound) => round[when].server.residentMegabytes,
      },
      {
        name: `${words}: with shared pages divided, MiB`,
        value: (round: StartRound) => round[when].server.proportionalMegabytes,
      },
      {
        name: `${words}: its database server besides, MiB`,
        value: (round: StartRound) => round[when].database.residentMegabytes,
      },
    ];
  }),
];

const withSpread = ({ median, least, most }: Spread) => `${figure(median)} (${figure(least)}-${figure(most)})`;

/** Prints one line a figure, one column a server, and the ratio when the peer ran. */
export function printStartReport(subjects: readonly Subject[], rounds: readonly StartRound[]): void {
  const rows = lines.map(({ name, value }): Row => {
    const row: Record<string, string> = { 'median (least-most)': name };
    const medians: number[] = [];
    for (const subject of subjects) {
      const figures = spread(rounds.filter((round) => round.subject === subject.name).map(value));
      row[subject.title] = withSpread(figures);
      medians.push(figures.median);
    }
    const [ours, theirs] = medians;
    if (theirs !== undefined) row.ratio = ours === undefined || ours === 0 ? '-' : ratio(theirs, ours);
    return row;
  });
  console.log(`\n${table(rows)}`);
}
