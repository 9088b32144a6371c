// The envelope of notifications: whatever an event holds, a consumer of oslo.messaging finds it where it looks.
import assert from 'node:assert/strict';
import test from 'node:test';
import {
  type OutgoingEventType,
  provisionStates,
  recordedObjects,
  statusOfTransition,
  transitions,
} from '@wrought/contract';
import fc from 'fast-check';
import { osloEnvelope } from '../../src/notify/oslo-envelope.ts';
import { outgoing } from './events.ts';

const nodeActions = [
  'create',
  'update',
  'delete',
  'maintenance_set',
  'power_set',
  'power_state_corrected',
  'provision_set',
  'console_set',
];
const types = [
  ...nodeActions.map((action) => `node.${action}`),
  ...recordedObjects.flatMap((object) => ['create', 'update', 'delete'].map((action) => `${object}.${action}`)),
].flatMap((kind) =>
  ['start', 'end', 'error', 'success'].map((status) => `baremetal.${kind}.${status}` as OutgoingEventType),
);

test('any event becomes JSON within JSON, with the same payload shape for all events of a kind', () => {
  const shapes = new Map<string, string>();
  fc.assert(
    fc.property(
      fc.constantFrom(...types),
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.option(
        fc.dictionary(fc.constantFrom('uuid', 'name', 'extra', 'created_at', 'driver', '__proto__'), fc.jsonValue()),
      ),
      (type, data, object) => {
        const event = outgoing({ type, data, object });
        const envelope = JSON.parse(osloEnvelope(event));
        assert.deepEqual(Object.keys(envelope).sort(), ['oslo.message', 'oslo.version']);
        const message = JSON.parse(envelope['oslo.message']);
        assert.equal(message.event_type, type);
        assert.equal(message.priority, type.endsWith('.error') ? 'ERROR' : 'INFO');
        assert.equal(message.message_id, event.uuid);
        assert.match(message.timestamp, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{6}$/);
        const { payload } = message;
        assert.equal(payload['ironic_object.namespace'], 'ironic');
        assert.match(payload['ironic_object.version'], /^1\.\d+$/);
        const kind = type.split('.').slice(1, 3).join('.');
        const shape = [payload['ironic_object.name'], ...Object.keys(payload['ironic_object.data']).sort()].join();
        assert.equal(shapes.get(kind) ?? shape, shape);
        shapes.set(kind, shape);
        if (typeof object?.name === 'string' && 'name' in payload['ironic_object.data']) {
          assert.equal(payload['ironic_object.data'].name, object.name);
        }
      },
    ),
  );
});

test('a change of the provision state carries both states, and times have whole seconds', () => {
  const event = outgoing({
    type: 'baremetal.node.provision_set.start',
    data: { uuid: 'u', event: 'deploy', from: 'available', to: 'deploying', previous_target: null },
    object: { uuid: 'u', provision_state: 'deploying', created_at: '2026-01-02T03:04:05.678Z', traits: ['A'] },
  });
  const { payload } = JSON.parse(JSON.parse(osloEnvelope(event))['oslo.message']);
  assert.equal(payload['ironic_object.name'], 'NodeSetProvisionStatePayload');
  const data = payload['ironic_object.data'];
  assert.equal(data.event, 'deploy');
  assert.equal(data.previous_provision_state, 'available');
  assert.equal(data.provision_state, 'deploying');
  assert.equal(data.created_at, '2026-01-02T03:04:05Z');
  assert.deepEqual(data.traits, ['A']);
  assert.equal(data.firmware_interface, undefined);
});

test('every transition has a status, and work begins with "start" and ends with "end" or "error"', () => {
  for (const [from, event, to] of transitions) {
    const status = statusOfTransition(event, from, to);
    if (event === 'fail') {
      assert.equal(status, 'error');
    } else if (provisionStates[from].stable && provisionStates[to].transient) {
      assert.equal(status, 'start', `${from} -> ${to}`);
    } else if (provisionStates[from].transient && provisionStates[to].stable) {
      assert.equal(status, 'end', `${from} -> ${to}`);
    } else {
      assert.equal(status, 'success', `${from} -> ${to}`);
    }
  }
});
