// Tolerant reading: whatever a BMC sends, getters give the type that they name or undefined, and tell what was odd.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Fields, messagesText, type Oddity, Resource, readMessages } from '../src/index.ts';

function fieldsOf(json: Record<string, unknown>) {
  const oddities: Oddity[] = [];
  return { fields: new Fields(json, '/redfish/v1/Systems/1', '', (oddity) => oddities.push(oddity)), oddities };
}

test('getters give their type or undefined for any JSON, and report every value that has another type', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const { fields, oddities } = fieldsOf({ P: value });
      const checks: readonly (readonly [unknown, string, boolean])[] = [
        [fields.string('P'), 'string', typeof value === 'string'],
        [fields.number('P'), 'number', typeof value === 'number'],
        [fields.boolean('P'), 'boolean', typeof value === 'boolean'],
      ];
      for (const [got, type, isRight] of checks) {
        assert.ok(got === undefined || typeof got === type);
        if (isRight) assert.equal(got, value);
      }
      const wrong = checks.filter(([, , isRight]) => !isRight).length;
      assert.equal(oddities.length, value === null ? 0 : wrong);
      assert.ok(fields.strings('P').every((each) => typeof each === 'string'));
      assert.ok(fields.links('P').every((each) => each.startsWith('/')));
      assert.ok(fields.objects('P').every((each) => each instanceof Fields));
      const link = fields.link('P');
      assert.ok(link === undefined || link.startsWith('/'));
      const state = fields.enumeration('P', ['On', 'Off']);
      assert.ok(state === undefined || state === 'On' || state === 'Off');
      assert.ok(fields.object('P') === undefined || fields.object('P') instanceof Fields);
      assert.ok(Array.isArray(readMessages(value)));
      assert.equal(typeof messagesText(readMessages(value)), 'string');
    }),
    { numRuns: 2000, examples: [[{ toString: {} }]] },
  );
});

test('what is wrong is named with the resource, the property and what was found', () => {
  const { fields, oddities } = fieldsOf({ Boot: { Slots: ['1', { N: '8' }] }, State: 'on', Count: '42', Absent: null });
  assert.equal(fields.object('Boot')?.objects('Slots')[0]?.number('N'), 8);
  assert.equal(fields.enumeration('State', ['On', 'Off']), 'On');
  assert.equal(fields.number('Count'), 42);
  assert.equal(fields.number('Absent'), undefined);
  assert.deepEqual(oddities, [
    { path: '/redfish/v1/Systems/1', property: '/Boot/Slots/0', expected: 'an object', found: '"1"' },
    { path: '/redfish/v1/Systems/1', property: '/Boot/Slots/1/N', expected: 'a number', found: '"8"' },
    { path: '/redfish/v1/Systems/1', property: '/State', expected: 'one of On, Off', found: '"on"' },
    { path: '/redfish/v1/Systems/1', property: '/Count', expected: 'a number', found: '"42"' },
  ]);
});

test('a resource knows its id, schema, ETag and what manufacturers add', () => {
  const json = {
    '@odata.type': '#ComputerSystem.v1_20_0.ComputerSystem',
    '@odata.etag': 'W/"1"',
    Oem: { hpe: { PostState: 'FinishedPost' } },
  };
  const resource = new Resource(json, '/redfish/v1/Systems/1/', 'https://bmc', undefined, () => {});
  assert.equal(resource.id, '1');
  assert.equal(resource.schema, 'ComputerSystem');
  assert.equal(resource.etag, 'W/"1"');
  assert.equal(resource.oem('Hpe')?.string('PostState'), 'FinishedPost');
  assert.equal(resource.oem('Dell'), undefined);
});

test('messages become a sentence, whatever form they have', () => {
  const extended = {
    error: {
      code: 'Base.1.8.GeneralError',
      message: 'A general error has occurred.',
      '@Message.ExtendedInfo': [
        {
          MessageId: 'Base.1.8.PropertyValueNotInList',
          Message: 'The value "Half" is not in the list.',
          RelatedProperties: ['#/PowerState'],
          Resolution: 'Choose a value from the list.',
        },
        { MessageId: 'Base.1.8.PropertyUnknown', Resolution: 'None.' },
      ],
    },
  };
  assert.equal(
    messagesText(readMessages(extended)),
    'The value "Half" is not in the list. (#/PowerState) Choose a value from the list. Base.1.8.PropertyUnknown',
  );
  const single = { error: { '@Message.ExtendedInfo': { MessageId: 'X.1.0.Odd', Message: 'one, without a list' } } };
  assert.equal(messagesText(readMessages(single)), 'one, without a list');
  assert.equal(messagesText(readMessages({ error: { code: 'E', message: 'only this' } })), 'only this');
  const idsAlone = { message: 'what people read', '@Message.ExtendedInfo': [{ MessageId: 'Base.1.0.GeneralError' }] };
  const [told] = readMessages({ error: idsAlone });
  assert.deepEqual([told?.id, told?.text], ['Base.1.0.GeneralError', 'what people read']);
  const texts = { message: 'see below', '@Message.ExtendedInfo': [{ Message: 'what it is' }] };
  assert.equal(messagesText(readMessages({ error: texts })), 'what it is');
  assert.equal(messagesText(readMessages({ 'Boot@Message.ExtendedInfo': [{ Message: 'about Boot' }] })), 'about Boot');
  assert.deepEqual(readMessages('no object'), []);
});
