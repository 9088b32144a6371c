// Each session sequence number passes once, and only near the highest one seen.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { nextSequence, SequenceWindow, windowV15, windowV20 } from '../src/codec/index.ts';

test('numbers in order pass, each once, also over the end of 32 bits', () => {
  const window = new SequenceWindow(0xfffffff0);
  let sequence = 0xfffffff0;
  for (let count = 0; count < 100; count++) {
    assert.ok(window.accept(sequence, windowV20), `number ${sequence}`);
    assert.ok(!window.accept(sequence, windowV20), `number ${sequence} again`);
    sequence = nextSequence(sequence);
    assert.notEqual(sequence, 0);
  }
});

test('nothing before the first number passes, nor what is too far away', () => {
  const window = new SequenceWindow(100);
  assert.ok(!window.accept(99, windowV20));
  assert.ok(!window.accept(116, windowV20));
  assert.ok(window.accept(114, windowV20));
  assert.ok(window.accept(100, windowV20));
  assert.ok(window.accept(129, windowV20));
  assert.ok(!window.accept(101, windowV20));
  assert.ok(window.accept(113, windowV20));
  assert.ok(!window.accept(120, { back: 8, ahead: 8 }));
  assert.ok(window.accept(137, windowV15));
});

test('whatever comes in whatever order, the window says what a list of all numbers would', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 80 }), { maxLength: 200 }), (numbers) => {
      const window = new SequenceWindow(1);
      const seen = new Set<number>();
      let highest = 0;
      for (const number of numbers) {
        const near = number <= highest + windowV20.ahead && number >= highest - windowV20.back;
        const expected = near && !seen.has(number);
        assert.equal(window.accept(number, windowV20), expected);
        if (!expected) continue;
        seen.add(number);
        highest = Math.max(highest, number);
      }
    }),
  );
});
