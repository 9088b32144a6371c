// Tests the scanner that finds the line of each TOML key, against texts whose lines are known because we wrote them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'smol-toml';
import { findKeyLines, keyPath } from '../src/config/key-lines.ts';

test('keys after values of several lines are found, and text that looks like a key is not', () => {
  const toml = `a = 1
"b c".d = [
  "x = 1", # ] y = 2
  { z = 3 },
]
text = """
fake = 1
[not.a.table]
\\""" still \\
"""
other = '''
it's = "here"
''''
[ table . 'sub.key' ]
k = "\\u0041 = ]"
[[list]]
k=1 # [no]
`;
  const lines = findKeyLines(toml);
  assert.ok(parse(toml));
  assert.deepEqual(
    [...lines].map(([path, line]) => [JSON.parse(path).join('/'), line]),
    [
      ['a', 1],
      ['b c', 2],
      ['b c/d', 2],
      ['text', 6],
      ['other', 11],
      ['table', 14],
      ['table/sub.key', 14],
      ['table/sub.key/k', 15],
      ['list', 16],
      ['list/k', 17],
    ],
  );
});

const key = fc.oneof(
  fc.stringMatching(/^[a-z_-]{1,8}$/),
  fc.string({ minLength: 1 }).map((text) => JSON.stringify(text)),
);
const literal = fc.stringMatching(/^[ -&(-~]*$/).map((text) => `'${text}'`);
const basic = fc.string().map((text) => JSON.stringify(text).replaceAll('\u007f', '\\u007f'));
const longBasic = fc
  .array(fc.constantFrom('a = 1', '[b]', '# c', '\\"""', "'''", '"', '', '\\'), { maxLength: 5 })
  .map((lines) => `"""\n${lines.join('\n')}\n"""`);
const scalar = fc.oneof(literal, basic, longBasic, fc.integer().map(String), fc.constantFrom('true', '1979-05-27'));
const list = fc
  .array(fc.oneof(scalar, fc.constant('{ x = "]" }')))
  .map((items) => `[ # [\n${items.join(',\n# } "\n')}\n]`);
const value = fc.oneof(scalar, list);

/** A TOML text put together piece by piece, with the line at which each key was written. */
const written = fc
  .array(
    fc.record({
      table: fc.option(fc.nat(1000), { nil: undefined }),
      key,
      value,
      noise: fc.constantFrom('', '\n', '  # x = 1\n', '\r\n', '# [a]\n\n'),
    }),
    { maxLength: 12 },
  )
  .map((pieces) => {
    let toml = '';
    let prefix: string[] = [];
    const expected = new Map<string, number>();
    const lineNow = () => toml.split('\n').length;
    for (const [index, piece] of pieces.entries()) {
      toml += piece.noise;
      if (piece.table !== undefined) {
        prefix = [`t${index}`];
        expected.set(keyPath(...prefix), lineNow());
        toml += `[t${index}] # "\n`;
      }
      // The number makes each key its own; a TOML text may not name one twice.
      const name = piece.key.startsWith('"') ? JSON.parse(piece.key) : piece.key;
      const quoted = JSON.stringify(`${name}${index}`).replaceAll('\u007f', '\\u007f');
      expected.set(keyPath(...prefix, `${name}${index}`), lineNow());
      toml += `${quoted} = ${piece.value}\n`;
    }
    return { toml, expected };
  })
  .filter(({ toml }) => {
    try {
      return Boolean(parse(toml));
    } catch {
      return false;
    }
  });

test('the line of every key is the one it was written on', () => {
  fc.assert(
    fc.property(written, ({ toml, expected }) => {
      assert.deepEqual(findKeyLines(toml), expected);
    }),
    { numRuns: 500 },
  );
});

test('the scan ends on any text', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom('[', ']', '{', '"', "'", '\\', '=', '.', '#', '\n', 'a', ' ') }),
      (text) => {
        findKeyLines(text);
      },
    ),
    { numRuns: 2000 },
  );
});
