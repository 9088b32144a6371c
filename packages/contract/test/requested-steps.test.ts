// Steps as users and deploy templates ask for them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCleanSteps, readDeploySteps, readUserDeploySteps } from '../src/index.ts';

const deployStep = { interface: 'deploy', step: 'write', args: {}, priority: 10 };

test('clean steps need an interface and a step; digits become numbers', () => {
  const reading = readCleanSteps([{ interface: 'raid', step: 'create', order: '2' }]);
  assert.deepEqual(reading, { ok: true, value: [{ interface: 'raid', step: 'create', order: 2 }] });
  for (const step of [
    {},
    { interface: 'raid' },
    { interface: 'zz', step: 'x' },
    { interface: 'raid', step: '' },
    { interface: 'raid', step: 'x', args: [] },
    { interface: 'raid', step: 'x', order: -1 },
    { interface: 'raid', step: 'x', more: 1 },
    'x',
  ]) {
    assert.equal(readCleanSteps([step]).ok, false, JSON.stringify(step));
  }
});

test('deploy steps need all four members', () => {
  assert.ok(readUserDeploySteps([deployStep]).ok);
  for (const name of ['interface', 'step', 'args', 'priority']) {
    const { [name]: _, ...rest } = deployStep as Record<string, unknown>;
    const reading = readUserDeploySteps([rest]);
    assert.ok(!reading.ok && reading.at === `[0].${name}`, name);
  }
});

test('a template has at least one step, and none twice', () => {
  assert.ok(readDeploySteps([deployStep, { ...deployStep, step: 'other' }]).ok);
  assert.equal(readDeploySteps([]).ok, false);
  assert.equal(readDeploySteps([deployStep, { ...deployStep, priority: 1 }]).ok, false);
});
