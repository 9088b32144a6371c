// The body of a list is its items and nothing else, whatever they hold and however long they are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { listJson } from '../src/api/core/list-body.ts';

const item = fc.oneof(
  fc.jsonValue(),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  // Longer than a piece, and of characters that take three bytes each.
  fc.integer({ min: 20_000, max: 80_000 }).map((length) => '€'.repeat(length)),
);

test('the pieces of a list are its JSON text', () => {
  fc.assert(
    fc.property(fc.array(item, { maxLength: 60 }), fc.option(fc.webUrl(), { nil: undefined }), (items, next) => {
      const pieces = listJson(
        'nodes',
        items.values().map((value) => JSON.stringify(value)),
        next,
      );
      const text = Buffer.concat(pieces).toString();
      assert.equal(text, JSON.stringify({ nodes: items, ...(next === undefined ? {} : { next }) }));
    }),
  );
});
