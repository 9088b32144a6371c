// What one round of the API benchmark yields, and the median of several.
import type { LifeCycle } from './life-cycle.ts';
import type { ConnectionMode } from './load.ts';
import type { Measurement } from './measure.ts';
import { type Spread, spread } from './statistics.ts';
import type { Subject } from './subject.ts';

export interface ApiRound {
  readonly subject: Subject['name'];
  readonly round: number;
  readonly measurements: readonly Measurement[];
  readonly lifeCycle: LifeCycle;
}

export interface OperationSummary {
  readonly subject: Subject['name'];
  readonly operation: string;
  readonly mode: ConnectionMode;
  readonly perSecond: Spread;
  readonly p50: Spread;
  readonly p95: Spread;
  readonly p99: Spread;
  readonly cpuMilliseconds: Spread;
  readonly databaseCpuMilliseconds: Spread;
  /** Of all rounds together. */
  readonly count: number;
  readonly failures: number;
  readonly clientShare: number;
  readonly othersShare: number;
}

/** One summary for each server, operation and way of connecting, in the order of the first round. */
export function summarise(rounds: readonly ApiRound[]): readonly OperationSummary[] {
  const groups = new Map<string, { subject: Subject['name']; measurements: Measurement[] }>();
  for (const { subject, measurements } of rounds) {
    for (const measurement of measurements) {
      const key = `${subject}/${measurement.operation}/${measurement.mode}`;
      const group = groups.get(key) ?? { subject, measurements: [] };
      group.measurements.push(measurement);
      groups.set(key, group);
    }
  }
  return [...groups.values()].flatMap(({ subject, measurements }) => {
    const [first] = measurements;
    if (first === undefined) return [];
    const over = (value: (measurement: Measurement) => number) => spread(measurements.map(value));
    const sum = (value: (measurement: Measurement) => number) =>
      measurements.reduce((total, measurement) => total + value(measurement), 0);
    return {
      subject,
      operation: first.operation,
      mode: first.mode,
      perSecond: over(({ perSecond }) => perSecond),
      p50: over(({ p50 }) => p50),
      p95: over(({ p95 }) => p95),
      p99: over(({ p99 }) => p99),
      cpuMilliseconds: over(({ cpuMilliseconds }) => cpuMilliseconds),
      databaseCpuMilliseconds: over(({ databaseCpuMilliseconds }) => databaseCpuMilliseconds),
      count: sum(({ count }) => count),
      failures: sum(({ failures }) => Object.values(failures).reduce((total, count) => total + count, 0)),
      clientShare: over(({ clientShare }) => clientShare).median,
      othersShare: over(({ othersShare }) => othersShare).median,
    };
  });
}
