// `make test`: every test file, one on each core; those that run machines one after the other. Ends with one plain line.
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { relative, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type EventData, run } from 'node:test';
import { spec as Spec, type TestEvent } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
/** Whole systems first, which take minutes: a long file that is begun last runs alone. */
const patterns = ['test/**/*.test.ts', 'packages/*/test/**/*.test.ts'];
const wanted = process.argv.slice(2);
const files = (wanted.length > 0 ? wanted : patterns)
  .flatMap((pattern) => globSync(pattern, { cwd: root }).sort())
  .map((file) => resolve(root, file));

// Most of a short test is reading sources; every later process, and those that tests start, find them compiled.
process.env.NODE_COMPILE_CACHE ??= resolve(root, '.cache/compile');

/** Virtual machines under emulation take a whole core each: two at once would only make both late. */
const isMachineTest = (file: string) => file.endsWith('.machine.test.ts');

/** No single test takes so long: a file that holds its process open after its tests would hold all the others up for ever. */
const STALLED_MILLISECONDS = 20 * 60_000;
/** How many of the files that took longest are named at the end. */
const LONGEST_FILES = 12;

let passed = 0;
let failed = 0;
const running = new Set<string>();
const took = new Map<string, number>();
const events = new PassThrough({ objectMode: true });

function summary(): void {
  console.log(`${passed} passed, ${failed} failed`);
}

const stalled = setTimeout(() => {
  const minutes = STALLED_MILLISECONDS / 60_000;
  console.log(`No test has ended for ${minutes} minutes. Running: ${[...running].join(', ')}.`);
  failed += 1;
  summary();
  process.exit(1);
}, STALLED_MILLISECONDS);

/** Suites are containers of tests. */
const isTest = ({ details }: EventData.TestPass | EventData.TestFail) => details.type !== 'suite';

/** The reporter gives reasons at the very end, which a run that is ended from outside never sees. */
function tellAtOnce(file: string, data: EventData.TestFail): void {
  const { error } = data.details;
  const { cause } = error;
  // Of a suite the failed tests say why.
  if (isTest(data)) {
    console.log(
      `FAILED ${relative(root, file)}: ${data.name}\n${cause instanceof Error ? cause.message : error.message}`,
    );
  }
}

/** Runs one file in a process of its own; its tests are reported with those of all the others. */
async function runFile(file: string): Promise<void> {
  running.add(file);
  const begin = performance.now();
  // The reporter needs the events of a file in one piece.
  const heard: TestEvent[] = [];
  for await (const event of run({ files: [file] })) {
    stalled.refresh();
    if (event.type === 'test:pass') {
      const isCounted = isTest(event.data) && event.data.skip === undefined && event.data.todo === undefined;
      passed += isCounted ? 1 : 0;
    } else if (event.type === 'test:fail') {
      failed += isTest(event.data) ? 1 : 0;
      tellAtOnce(file, event.data);
    }
    // Each file would print its own totals.
    const isTotals = event.type === 'test:summary' || (event.type === 'test:diagnostic' && event.data.nesting === 0);
    if (!isTotals) {
      heard.push(event);
    }
  }
  for (const event of heard) {
    events.write(event);
  }
  took.set(file, performance.now() - begin);
  running.delete(file);
}

const machineTests = files.filter(isMachineTest);
const otherTests = files.filter((file) => !isMachineTest(file));

async function runAll(queue: string[]): Promise<void> {
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    await runFile(file);
  }
}

const report = pipeline(events, new Spec(), process.stdout, { end: false });
// A machine keeps one core busy, and what drives it little of another: that one is for the rest.
const others = Array.from({ length: Math.max(1, availableParallelism() - 1) }, () => runAll(otherTests));
await Promise.all([runAll(machineTests).then(() => runAll(otherTests)), ...others]);
clearTimeout(stalled);
events.end();
await report;
const longest = [...took].sort(([, one], [, other]) => other - one).slice(0, LONGEST_FILES);
console.log('\nThe files that took longest, in seconds:');
for (const [file, milliseconds] of longest) {
  console.log(`${Math.round(milliseconds / 1000)}`.padStart(6), relative(root, file));
}
summary();
// A test that leaves a handle open must not keep the run alive.
process.exit(failed === 0 && passed > 0 ? 0 : 1);
