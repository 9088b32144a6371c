// Runs scenarios in child processes against the recorder, with kills or without, and counts which effects were repeated.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { ChildOptions, Kill, NodeReport } from './child.ts';
import { recorderClient } from './recorder-client.ts';
import type { Effect, MachineReport } from './recorder-machine.ts';
import type { Scenario } from './scenario.ts';

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));

export interface Harness {
  /** Where the recorder listens. */
  readonly recorderUrl: string;
  /** The child's program, and what makes it start fast. */
  readonly childPath: string;
  readonly childEnvironment: NodeJS.ProcessEnv;
  stop(): Promise<void>;
}

/** Starts the process that records effects and bundles the child: hundreds are started, and each would read every source. */
export async function startHarness(): Promise<Harness> {
  const directory = await mkdtemp(join(tmpdir(), 'wrought-crash-child-'));
  const childPath = join(directory, 'child.mjs');
  await build({
    entryPoints: [pathOf('./child.ts')],
    outfile: childPath,
    bundle: true,
    platform: 'node',
    format: 'esm',
    // Optional add-ons of packages, which are not built here.
    external: ['*.node'],
    // Sources that are programs too must not run as such.
    define: { 'import.meta.main': 'false' },
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
  const recorder = spawn(process.execPath, [pathOf('./recorder.ts')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = (await once(recorder.stdout, 'data')) as [Buffer];
  return {
    recorderUrl: line.toString('utf8').trim(),
    childPath,
    childEnvironment: { ...process.env, NODE_COMPILE_CACHE: join(directory, 'compile-cache') },
    async stop() {
      recorder.stdin.end();
      await once(recorder, 'exit');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** How a child ended: killed at its boundary (or at `killAfterMilliseconds`), or with its node at rest. */
export type ChildEnd = { readonly killed: true } | { readonly killed: false; readonly node: NodeReport };

async function runChild(
  { childPath, childEnvironment }: Harness,
  options: ChildOptions,
  killAfterMilliseconds?: number,
): Promise<ChildEnd> {
  const child = spawn(process.execPath, [childPath, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: childEnvironment,
  });
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  const timer =
    killAfterMilliseconds === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMilliseconds);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  clearTimeout(timer);
  if (signal === 'SIGKILL') {
    return { killed: true };
  }
  if (code !== 0) {
    throw new Error(`The child of "${options.scenario}" ended with ${code}: ${Buffer.concat(errors).toString('utf8')}`);
  }
  return { killed: false, node: JSON.parse(Buffer.concat(output).toString('utf8')) as NodeReport };
}

/** What became of a scenario. */
export interface ScenarioEnd {
  readonly node: NodeReport;
  readonly machine: MachineReport;
  /** How many of the children were killed before the last one was left to end. */
  readonly kills: number;
}

/** One child after the other, each with its kill, and a last one that is left alone. */
export async function runScenario(
  harness: Harness,
  scenario: Scenario,
  kills: readonly (Kill | { readonly afterMilliseconds: number })[],
): Promise<ScenarioEnd> {
  const directory = await mkdtemp(join(tmpdir(), 'wrought-crash-'));
  const nodeUuid = randomUUID();
  const client = recorderClient(harness.recorderUrl, nodeUuid);
  await client.create(scenario.machine);
  try {
    let killed = 0;
    for (const kill of [...kills, null]) {
      const options = { directory, recorderUrl: harness.recorderUrl, nodeUuid, scenario: scenario.name };
      const isTimed = kill !== null && 'afterMilliseconds' in kill;
      const end = await runChild(
        harness,
        { ...options, kill: isTimed ? null : kill },
        isTimed ? kill.afterMilliseconds : undefined,
      );
      if (!end.killed) {
        return { node: end.node, machine: await client.report(), kills: killed };
      }
      killed += 1;
    }
    throw new Error(`The last child of "${scenario.name}" was killed, though nobody should have.`);
  } finally {
    await client.remove();
    await rm(directory, { recursive: true, force: true });
  }
}

/** The same effect of the same step, whatever the number of its run. */
function identityOf({ flow, step, by, effect }: Effect): string {
  return `${flow} ${step} (${by}): ${effect}`;
}

export interface Repeat {
  readonly step: string;
  readonly effect: string;
  readonly times: number;
}

/** Effects that happened more often than in the undisturbed run; a first time is no repetition. */
export function repeatedEffects(undisturbed: MachineReport, disturbed: MachineReport): readonly Repeat[] {
  const expected = Map.groupBy(undisturbed.effects, identityOf);
  return [...Map.groupBy(disturbed.effects, identityOf)].flatMap(([identity, effects]) => {
    const times = effects.length - Math.max(1, expected.get(identity)?.length ?? 0);
    const [first] = effects;
    return times > 0 && first !== undefined
      ? [{ step: `${first.flow} ${first.step} (${first.by})`, effect: first.effect, times }]
      : [];
  });
}
