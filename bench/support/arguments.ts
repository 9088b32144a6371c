// The command line that the benchmarks share.
import { parseArgs } from 'node:util';
import { ironic } from './ironic.ts';
import type { Subject } from './subject.ts';
import { wrought } from './wrought.ts';

export interface BenchArguments {
  readonly subjects: readonly Subject[];
  readonly rounds: number;
  readonly output: string | undefined;
}

/** Reads `[--peer] [--only wrought|ironic] [--rounds N] [--output FILE]`; throws with what is allowed. */
export function readArguments(defaultRounds: number): BenchArguments {
  const { values } = parseArgs({
    options: {
      peer: { type: 'boolean', default: false },
      only: { type: 'string' },
      rounds: { type: 'string', default: String(defaultRounds) },
      output: { type: 'string' },
    },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds ${values.rounds}: a whole number from 1 on`);
  const all = values.peer || values.only === ironic.name ? [wrought, ironic] : [wrought];
  const subjects = values.only === undefined ? all : all.filter(({ name }) => name === values.only);
  if (subjects.length === 0) throw new Error(`--only ${values.only}: wrought or ironic`);
  return { subjects, rounds, output: values.output };
}
