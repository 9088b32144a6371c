// `make test`: every test file; those that run machines one after the other, the rest beside them. Ends with one plain line.
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const patterns = ['packages/*/test/**/*.test.ts', 'test/**/*.test.ts'];
const wanted = process.argv.slice(2);
const files = globSync(wanted.length > 0 ? wanted : patterns, { cwd: root })
  .map((file) => resolve(root, file))
  .sort();

/** Virtual machines under emulation take a whole core each: two at once would only make both late. */
const isMachineTest = (file: string) => file.endsWith('.machine.test.ts');

/** No single test takes so long: a file that holds its process open after its tests would hold all the others up for ever. */
const STALLED_MILLISECONDS = 20 * 60_000;

let passed = 0;
let failed = 0;

function summary(): void {
  console.log(`${passed} passed, ${failed} failed`);
}

async function runFiles(group: readonly string[], concurrency: number): Promise<void> {
  if (group.length === 0) {
    return;
  }
  const events = run({ files: [...group], concurrency });
  const seen = new Set<string>();
  const stalled = setTimeout(() => {
    const unseen = group.filter((file) => !seen.has(file));
    const last = [...seen].slice(-concurrency);
    console.log(`No test has ended for ${STALLED_MILLISECONDS / 60_000} minutes. Last heard of: ${last.join(', ')}.`);
    console.log(`Not begun, or silent: ${unseen.slice(0, concurrency).join(', ')}.`);
    failed += 1;
    summary();
    process.exit(1);
  }, STALLED_MILLISECONDS);
  const hear = (file: string | undefined) => {
    stalled.refresh();
    if (file !== undefined) {
      seen.delete(file);
      seen.add(file);
    }
  };
  events.on('test:pass', ({ details, skip, todo, file }) => {
    hear(file);
    if (details.type !== 'suite' && skip === undefined && todo === undefined) {
      passed += 1;
    }
  });
  events.on('test:fail', ({ details, file }) => {
    hear(file);
    if (details.type !== 'suite') {
      failed += 1;
    }
  });
  for await (const chunk of events.compose(spec)) {
    process.stdout.write(chunk);
  }
  clearTimeout(stalled);
}

const machineTests = files.filter(isMachineTest);
const otherTests = files.filter((file) => !isMachineTest(file));
// A machine keeps one core busy, and what drives it little of another: that one is for the rest.
const besides = machineTests.length > 0 ? Math.max(1, availableParallelism() - 1) : availableParallelism();
await Promise.all([runFiles(machineTests, 1), runFiles(otherTests, besides)]);
summary();
// A test that leaves a handle open must not keep the run alive.
process.exit(failed === 0 && passed > 0 ? 0 : 1);
