// The verbs that a node is offered: those of its state, without those that its flags and interfaces rule out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { possibleVerbs } from '../src/index.ts';

const node = {
  provision_state: 'manageable',
  maintenance: false,
  protected: false,
  retired: false,
  inspect_interface: 'agent',
  rescue_interface: 'agent',
} as const;

test('verbs follow from the state', () => {
  assert.deepEqual(possibleVerbs(node), ['provide', 'inspect', 'clean', 'adopt']);
  assert.deepEqual(possibleVerbs({ ...node, provision_state: 'active' }), ['rebuild', 'deleted', 'rescue', 'service']);
});

test('what flags and interfaces rule out is not offered', () => {
  assert.deepEqual(possibleVerbs({ ...node, maintenance: true }), ['provide', 'inspect', 'adopt']);
  assert.deepEqual(possibleVerbs({ ...node, retired: true, inspect_interface: 'no-inspect' }), ['clean', 'adopt']);
  const active = { ...node, provision_state: 'active', rescue_interface: 'no-rescue' } as const;
  assert.deepEqual(possibleVerbs({ ...active, protected: true }), ['service']);
  const failed = { ...node, provision_state: 'service failed' } as const;
  assert.ok(possibleVerbs(failed).includes('abort'));
  assert.ok(!possibleVerbs({ ...failed, maintenance: true }).includes('abort'));
});
