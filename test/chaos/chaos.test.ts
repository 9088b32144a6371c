// The chaos harness in short: whatever is killed meanwhile, no node is lost and nothing that must not happen twice does.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runChaos } from './chaos.ts';

test('nodes reach their goals while APIs, conductors and the database are killed', async (t) => {
  const report = await runChaos({
    nodes: 40,
    seconds: 45,
    seed: 1,
    apis: 2,
    conductors: 3,
    say: (line) => t.diagnostic(line),
  });
  const { logs, ...told } = report;
  t.diagnostic(JSON.stringify(told));
  assert.deepEqual(report.violations, [], JSON.stringify(logs).slice(-20_000));
  assert.ok((report.asked.active ?? 0) > 0, 'nodes were deployed');
  assert.ok(report.effects.imagesWritten > 0, 'images were written');
  assert.ok(report.events.changes > 0, 'changes of state were told');
  assert.ok(Object.keys(report.faults).length > 2, 'faults of several kinds were injected');
});
