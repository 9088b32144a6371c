// What the figures were measured on, to stand beside them.
import { cpus, release, totalmem } from 'node:os';

export interface Environment {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGibibytes: number;
  readonly kernel: string;
  readonly node: string;
  readonly at: string;
}

/** This machine, now. */
export function environment(): Environment {
  const processors = cpus();
  return {
    processor: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryGibibytes: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
    at: new Date().toISOString(),
  };
}

/** The same in one line. */
export function environmentLine(): string {
  const { processor, cores, memoryGibibytes, kernel, node } = environment();
  return `${cores} cores (${processor}), ${memoryGibibytes} GiB, Linux ${kernel}, Node ${node}`;
}
