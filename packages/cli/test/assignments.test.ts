// Tests FIELD=VALUE arguments with values of every kind.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseAssignment, toBody, toPatch } from '../src/assignments.ts';

const field = fc.stringMatching(/^[a-z_]{1,12}$/);
const key = fc.stringMatching(/^[a-zA-Z0-9_./~-]{1,12}$/);

test('text of a key stays text, whatever it looks like', () => {
  fc.assert(
    fc.property(
      field,
      key,
      fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('true', '1', 'null', '{}')),
      (name, inner, text) => {
        assert.deepEqual(parseAssignment(`${name}.${inner}=${text}`), { path: [name, inner], value: text });
      },
    ),
  );
});

test('JSON comes through as it is', () => {
  fc.assert(
    fc.property(field, fc.jsonValue(), (name, value) => {
      const json = JSON.stringify(value);
      assert.deepEqual(parseAssignment(`${name}:=${json}`), { path: [name], value: JSON.parse(json) });
    }),
  );
});

test('keys of one field are gathered in one object', () => {
  fc.assert(
    fc.property(fc.dictionary(key, fc.string(), { minKeys: 1 }), (entries) => {
      const assignments = Object.entries(entries).map(([inner, text]) => parseAssignment(`extra.${inner}=${text}`));
      assert.deepEqual(toBody(assignments), { extra: { ...entries } });
      assert.equal(toPatch(assignments).length, assignments.length);
    }),
  );
});
