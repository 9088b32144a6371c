// The provision state machine as a whole: what is unique, what is reachable, and what rules refer to.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  deleteStates,
  heartbeatStates,
  isPowerTarget,
  isProvisionState,
  isProvisionVerb,
  lookupStates,
  nextState,
  type ProvisionEvent,
  type ProvisionState,
  powerTargets,
  provisionStates,
  transitions,
  verbs,
} from '../src/index.ts';

const states = Object.keys(provisionStates) as ProvisionState[];
const events = [...new Set(transitions.map(([, event]) => event))];

test('an event leads from a state to one state only', () => {
  const keys = transitions.map(([from, event]) => `${from}/${event}`);
  assert.equal(new Set(keys).size, keys.length);
});

test('nextState knows exactly the transitions of the table', () => {
  fc.assert(
    fc.property(fc.constantFrom(...states), fc.constantFrom(...events), (from, event) => {
      const row = transitions.find(([a, b]) => a === from && b === event);
      assert.equal(nextState(from, event), row?.[2]);
    }),
  );
});

test('every state can be reached from enroll', () => {
  const reached = new Set<ProvisionState>(['enroll']);
  for (let before = 0; before !== reached.size; ) {
    before = reached.size;
    for (const [from, , to] of transitions) {
      if (reached.has(from)) {
        reached.add(to);
      }
    }
  }
  assert.deepEqual(
    states.filter((state) => !reached.has(state)),
    [],
  );
});

test('from every state a way leads to a stable one, and every transient state can fail', () => {
  const settled = new Set(states.filter((state) => provisionStates[state].stable));
  for (let before = 0; before !== settled.size; ) {
    before = settled.size;
    for (const [from, , to] of transitions) {
      if (settled.has(to)) {
        settled.add(from);
      }
    }
  }
  assert.deepEqual(
    states.filter((state) => !settled.has(state)),
    [],
  );
  const cannotFail = states.filter(
    (state) => provisionStates[state].transient && nextState(state, 'fail') === undefined,
  );
  assert.deepEqual(cannotFail, []);
});

test('stable states head for nothing, all others for a stable state', () => {
  for (const state of states) {
    const { stable, transient, target } = provisionStates[state];
    assert.equal(target === null, stable, state);
    assert.ok(!(stable && transient), state);
    assert.ok(target === null || provisionStates[target].stable, state);
  }
});

test('every waiting state is entered by "wait", left by "resume", and takes lookups and heartbeats', () => {
  const waiting = transitions.filter(([, event]) => event === 'wait').map(([, , to]) => to);
  for (const state of waiting) {
    assert.notEqual(nextState(state, 'resume'), undefined, state);
    assert.ok(lookupStates.has(state), state);
    // Inspection hears of its ramdisk through its own path, not through heartbeats.
    assert.ok(heartbeatStates.has(state) || state === 'inspect wait', state);
  }
});

test('every verb has an event of the table, and a state from which it is allowed', () => {
  for (const [verb, { event }] of Object.entries(verbs)) {
    assert.ok(
      states.some((state) => nextState(state, event) !== undefined),
      verb,
    );
  }
});

test('verbs lead where clients know that they lead', () => {
  const ways: readonly [ProvisionState, ProvisionEvent, ProvisionState][] = [
    ['enroll', verbs.manage.event, 'verifying'],
    ['available', verbs.manage.event, 'manageable'],
    ['clean failed', verbs.manage.event, 'manageable'],
    ['manageable', verbs.provide.event, 'cleaning'],
    ['manageable', verbs.clean.event, 'cleaning'],
    ['available', verbs.active.event, 'deploying'],
    ['deploy failed', verbs.active.event, 'deploying'],
    ['active', verbs.rebuild.event, 'deploying'],
    ['active', verbs.deleted.event, 'deleting'],
    ['wait call-back', verbs.deleted.event, 'deleting'],
    ['error', verbs.undeploy.event, 'deleting'],
    ['clean wait', verbs.abort.event, 'clean failed'],
    ['wait call-back', verbs.abort.event, 'deploy failed'],
  ];
  for (const [from, event, to] of ways) {
    assert.equal(nextState(from, event), to, `${from} ${event}`);
  }
  assert.equal(nextState('active', verbs.manage.event), undefined);
  assert.equal(nextState('deploying', verbs.deleted.event), undefined);
});

test('no node that is worked on may be deleted', () => {
  for (const state of deleteStates) {
    assert.equal(provisionStates[state].transient, false, state);
  }
});

test('names are told from anything else', () => {
  for (const name of ['toString', '__proto__', 'constructor', '', 'ACTIVE']) {
    assert.equal(isProvisionState(name), false, name);
    assert.equal(isProvisionVerb(name), false, name);
    assert.equal(isPowerTarget(name), false, name);
  }
  assert.ok(Object.keys(powerTargets).every(isPowerTarget));
  assert.ok(states.every(isProvisionState));
});
