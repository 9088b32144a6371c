// Benchmark of the API: requests a second, latency and CPU time a request, beside the peer when it is asked for.
// Usage: node bench/api.ts [--peer] [--only wrought|ironic] [--rounds N] [--output FILE]
import { writeFileSync } from 'node:fs';
import { walkPages } from './support/api-client.ts';
import { readArguments } from './support/arguments.ts';
import { environment, environmentLine } from './support/environment.ts';
import { type Generator, startGenerator } from './support/generator.ts';
import { lifeCycle } from './support/life-cycle.ts';
import type { Measurement } from './support/measure.ts';
import { measure } from './support/measure.ts';
import { operations } from './support/operations.ts';
import { printApiReport } from './support/report-api.ts';
import type { ApiRound } from './support/rounds.ts';
import type { Server, Subject } from './support/subject.ts';
import { inTemporaryDirectory } from './support/temporary.ts';

const DEFAULT_ROUNDS = 3;
const NODES = 1_000;
const LIFE_CYCLE_NODES = 200;
const MANY_NODES = 10_000;
const PAGES_DURATION_MILLISECONDS = 2_000;

/** Time for a whole list in pages of 1000, one page after the other. */
async function measurePages(subject: Subject, server: Server, generator: Generator): Promise<Measurement[]> {
  const { paths, nodes } = await walkPages(server, '/v1/nodes?limit=1000');
  const distinct = new Set(nodes.map(({ uuid }) => uuid)).size;
  if (distinct !== MANY_NODES) throw new Error(`${subject.title} lists ${distinct} nodes and not ${MANY_NODES}`);
  const measurements: Measurement[] = [];
  for (const mode of subject.modes) {
    measurements.push(
      await measure(server, generator, {
        operation: 'page of 10,000',
        mode,
        connections: 1,
        durationMilliseconds: PAGES_DURATION_MILLISECONDS,
        requests: paths.map((path) => ({ method: 'GET', path })),
      }),
    );
  }
  return measurements;
}

async function measureServer(
  subject: Subject,
  server: Server,
  generator: Generator,
  populate: (nodes: number) => Promise<void>,
) {
  await populate(NODES);
  const { nodes } = await walkPages(server, '/v1/nodes?limit=1000&fields=uuid');
  const uuids = nodes.slice(0, NODES).map(({ uuid }) => uuid);
  const measurements: Measurement[] = [];
  for (const mode of subject.modes) {
    for (const work of operations(server, mode, uuids)) measurements.push(await measure(server, generator, work));
  }
  const cycle = await lifeCycle(server, generator, LIFE_CYCLE_NODES);
  await populate(MANY_NODES);
  measurements.push(...(await measurePages(subject, server, generator)));
  return { measurements, lifeCycle: cycle };
}

async function runRound(subject: Subject, round: number, generator: Generator): Promise<ApiRound> {
  return inTemporaryDirectory(subject.name, async (directory) => {
    const installation = await subject.install(directory);
    try {
      const server = await installation.start();
      try {
        const populate = (nodes: number) => installation.populate(server, generator, nodes);
        return { subject: subject.name, round, ...(await measureServer(subject, server, generator, populate)) };
      } finally {
        await server.stop();
      }
    } finally {
      await installation.close();
    }
  });
}

const { subjects, rounds, output } = readArguments(DEFAULT_ROUNDS);
console.log(`API benchmark: ${rounds} rounds, one server at a time. ${environmentLine()}`);
const generator = startGenerator();
const results: ApiRound[] = [];
try {
  // Turn by turn, so that a change of the machine's speed meets both servers alike.
  for (let round = 1; round <= rounds; round += 1) {
    for (const subject of subjects) {
      const begin = performance.now();
      results.push(await runRound(subject, round, generator));
      console.log(
        `round ${round} of ${rounds}: ${subject.title}, ${((performance.now() - begin) / 1000).toFixed(0)} s`,
      );
    }
  }
} finally {
  await generator.stop();
}
printApiReport(subjects, results);
if (output !== undefined) {
  writeFileSync(output, `${JSON.stringify({ environment: environment(), rounds: results }, undefined, 2)}\n`);
}
