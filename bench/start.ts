// Benchmark of the start: time to ready, and resident memory idle and with 10,000 nodes, beside the peer when it is asked for.
// Usage: node bench/start.ts [--peer] [--only wrought|ironic] [--rounds N] [--output FILE]
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { walkPages } from './support/api-client.ts';
import { readArguments } from './support/arguments.ts';
import { environment, environmentLine } from './support/environment.ts';
import { type Generator, startGenerator } from './support/generator.ts';
import { type Memory, memory } from './support/process-figures.ts';
import { printStartReport, type StartRound } from './support/report-start.ts';
import type { Installation, Server, Subject } from './support/subject.ts';
import { inTemporaryDirectory } from './support/temporary.ts';

const DEFAULT_ROUNDS = 3;
const MANY_NODES = 10_000;

/** Memory is read so long after the last request, when what was only needed for it is given back. */
const SETTLE_MILLISECONDS = 2_000;

interface Figures {
  readonly server: Memory;
  readonly database: Memory;
}

async function settledMemory(server: Server): Promise<Figures> {
  await sleep(SETTLE_MILLISECONDS);
  return { server: memory(server.serverPids), database: memory(server.databasePids) };
}

async function listAll(server: Server): Promise<void> {
  const { nodes } = await walkPages(server, '/v1/nodes?limit=1000');
  if (nodes.length < MANY_NODES) throw new Error(`${nodes.length} nodes are listed and not ${MANY_NODES}`);
}

async function withServer<Result>(installation: Installation, work: (server: Server) => Promise<Result>) {
  const server = await installation.start();
  try {
    return {
      readyMilliseconds: server.readyMilliseconds,
      usableMilliseconds: server.usableMilliseconds,
      result: await work(server),
    };
  } finally {
    await server.stop();
  }
}

async function runRound(subject: Subject, round: number, generator: Generator): Promise<StartRound> {
  return inTemporaryDirectory(subject.name, async (directory) => {
    const installation = await subject.install(directory);
    try {
      const first = await withServer(installation, async (server) => {
        const idle = await settledMemory(server);
        await installation.populate(server, generator, MANY_NODES);
        await listAll(server);
        return { idle, filled: await settledMemory(server) };
      });
      const again = await withServer(installation, async (server) => {
        await listAll(server);
        return settledMemory(server);
      });
      return {
        subject: subject.name,
        round,
        setupMilliseconds: installation.setupMilliseconds,
        firstReadyMilliseconds: first.readyMilliseconds,
        firstUsableMilliseconds: first.usableMilliseconds,
        againReadyMilliseconds: again.readyMilliseconds,
        againUsableMilliseconds: again.usableMilliseconds,
        idle: first.result.idle,
        filled: first.result.filled,
        againFilled: again.result,
      };
    } finally {
      await installation.close();
    }
  });
}

const { subjects, rounds, output } = readArguments(DEFAULT_ROUNDS);
console.log(`Start benchmark: ${rounds} rounds, one server at a time. ${environmentLine()}`);
const generator = startGenerator();
const results: StartRound[] = [];
try {
  for (let round = 1; round <= rounds; round += 1) {
    for (const subject of subjects) results.push(await runRound(subject, round, generator));
  }
} finally {
  await generator.stop();
}
printStartReport(subjects, results);
if (output !== undefined) {
  writeFileSync(output, `${JSON.stringify({ environment: environment(), rounds: results }, undefined, 2)}\n`);
}
