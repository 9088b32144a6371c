// How the BMCs are, by driver: counts by state and latency, and never one by one.
import { Gauge, Histogram, type Registry } from 'prom-client';
import type { BmcCondition, BmcWatcher } from '../drivers/kit/index.ts';
import { declarations } from './declarations.ts';

const states = ['answering', 'paused', 'probed', 'unknown'] as const;

function stateOf({ silence, latencyMilliseconds }: BmcCondition, now: number): (typeof states)[number] {
  if (silence !== null) {
    return now < silence.askedAgainAt ? 'paused' : 'probed';
  }
  return latencyMilliseconds === null ? 'unknown' : 'answering';
}

/** Adds the metrics to a registry, which asks with each collection. `now`: milliseconds since 1970. */
export function createBmcMetrics(registry: Registry, now: () => number = Date.now): BmcWatcher {
  const drivers = new Map<string, () => readonly BmcCondition[]>();
  const { bmcs, pendingBmcCalls, bmcLatencies } = declarations;
  const registers = [registry];

  new Gauge<string>({
    name: bmcs.name,
    help: bmcs.help,
    labelNames: [...bmcs.labels],
    registers,
    collect() {
      for (const [driver, conditions] of drivers) {
        const found = conditions().map((condition) => stateOf(condition, now()));
        for (const state of states) {
          this.set({ driver, state }, found.filter((each) => each === state).length);
        }
      }
    },
  });
  new Gauge<string>({
    name: pendingBmcCalls.name,
    help: pendingBmcCalls.help,
    labelNames: [...pendingBmcCalls.labels],
    registers,
    collect() {
      for (const [driver, conditions] of drivers) {
        this.set(
          { driver },
          conditions().reduce((sum, { pending }) => sum + pending, 0),
        );
      }
    },
  });
  new Histogram<string>({
    name: bmcLatencies.name,
    help: bmcLatencies.help,
    labelNames: [...bmcLatencies.labels],
    buckets: [...bmcLatencies.buckets],
    registers,
    collect() {
      this.reset();
      for (const [driver, conditions] of drivers) {
        for (const { latencyMilliseconds } of conditions()) {
          if (latencyMilliseconds !== null) {
            this.observe({ driver }, latencyMilliseconds / 1000);
          }
        }
      }
    },
  });
  return (driver, conditions) => {
    drivers.set(driver, conditions);
  };
}
