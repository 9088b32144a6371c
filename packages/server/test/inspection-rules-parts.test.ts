// The parts of inspection rules by themselves: operators, references, paths, regular expressions; mostly as properties.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { JsonObject } from '@wrought/contract';
import fc from 'fast-check';
import { withCapability } from '../src/inspection/rules/capabilities.ts';
import { OperatorProblem, operators } from '../src/inspection/rules/operators.ts';
import { readPath, withItem, withoutValue, withValue } from '../src/inspection/rules/paths.ts';
import { fillIn, textOf } from '../src/inspection/rules/references.ts';
import { matchesRegex, RegexProblem } from '../src/inspection/rules/regular-expression.ts';

const ask = async (name: string, args: Record<string, unknown>) => operators[name]?.(args);

const name = fc.stringMatching(/^[a-z_]{1,8}$/);
const path = fc.array(name, { minLength: 1, maxLength: 4 });
const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));

test('numbers keep their order whether they are numbers or the texts of references', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), fc.integer(), fc.boolean(), fc.boolean(), async (a, b, aText, bText) => {
      const values = [aText ? String(a) : a, bText ? String(b) : b];
      assert.equal(await ask('lt', { values }), a < b);
      assert.equal(await ask('gt', { values }), a > b);
      assert.equal(await ask('eq', { values }), a === b);
      assert.equal(await ask('one-of', { value: values[0], values: [values[1]] }), a === b);
    }),
  );
});

test('long texts are no numbers, and are looked at no longer than others', async () => {
  const long = '1'.repeat(1_000_000);
  assert.equal(await ask('lt', { values: ['9', `${long}x`] }), false);
  assert.equal(await ask('lt', { values: ['2', '10.'] }), true);
  assert.equal(await ask('lt', { values: ['.5', '1e1'] }), true);
});

test('any number of values is in order when each pair is', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer(), { minLength: 2 }), async (values) => {
      const pairs = values.slice(1).map((value, index) => [values[index] ?? 0, value] as const);
      assert.equal(
        await ask('lt', { values }),
        pairs.every(([a, b]) => a < b),
      );
      assert.equal(
        await ask('eq', { values }),
        pairs.every(([a, b]) => a === b),
      );
    }),
  );
});

test('operators answer as documented', async () => {
  const cases: readonly (readonly [string, Record<string, unknown>, boolean])[] = [
    ['lt', { values: ['10', '9'] }, false],
    ['lt', { values: ['10', '9'], force_strings: true }, true],
    ['lt', { values: ['a', 'b'] }, true],
    ['eq', { values: ['True', true] }, true],
    ['eq', { values: [{ a: [1] }, { a: [1] }] }, true],
    ['eq', { values: [[], {}] }, false],
    ['is-empty', { value: '' }, true],
    ['is-empty', { value: [] }, true],
    ['is-empty', { value: {} }, true],
    ['is-empty', { value: null }, true],
    ['is-empty', { value: 0 }, false],
    ['is-none', { value: null }, true],
    ['is-none', { value: 'None' }, true],
    ['is-none', { value: '' }, false],
    ['is-true', { value: 'Yes' }, true],
    ['is-true', { value: 2 }, true],
    ['is-true', { value: 'sure' }, false],
    ['is-false', { value: null }, true],
    ['is-false', { value: 'no' }, true],
    ['is-false', { value: '0' }, true],
    ['is-false', { value: 'sure' }, false],
    ['in-net', { address: '192.0.2.9', subnet: '192.0.2.0/28' }, true],
    ['in-net', { address: '192.0.2.99', subnet: '192.0.2.0/28' }, false],
    ['in-net', { address: '2001:db8::1', subnet: '2001:db8::/32' }, true],
    ['in-net', { address: '192.0.2.9', subnet: '2001:db8::/32' }, false],
    ['in-net', { address: '192.0.2.9', subnet: '192.0.2.9' }, true],
    ['in-net', { address: 'None', subnet: '192.0.2.0/24' }, false],
    ['matches', { value: 'R640', regex: 'R\\d{3}' }, true],
    ['matches', { value: 'R640x', regex: 'R\\d{3}' }, false],
    ['matches', { value: 'xR640', regex: 'R\\d{3}$' }, false],
    ['matches', { value: 'ab', regex: 'a|ab' }, true],
    ['contains', { value: 'PowerEdge R640', regex: '(?i)poweredge' }, true],
    ['contains', { value: 640, regex: '^64' }, true],
    ['one-of', { value: 'x' }, false],
  ];
  for (const [operator, args, expected] of cases) {
    assert.equal(await ask(operator, args), expected, `${operator} ${JSON.stringify(args)}`);
  }
  for (const subnet of ['nope', '192.0.2.0/33', '2001:db8::/129', '', '192.0.2.0/x']) {
    await assert.rejects(ask('in-net', { address: '192.0.2.1', subnet }), OperatorProblem);
  }
  await assert.rejects(ask('gt', { values: [{}, 1] }), OperatorProblem);
});

test('regular expressions that take other engines for ever end, and what RE2 does not have is refused', async () => {
  const text = `${'a'.repeat(65_000)}!`;
  for (const regex of ['(a+)+$', '(a|aa)+b', '(a?){500}z', '(.*a){20}b']) {
    assert.equal(await matchesRegex(regex, text, 'part'), false);
    assert.equal(await matchesRegex(regex, text, 'whole'), false);
  }
  for (const regex of ['(?=a)', '(?<!a)b', '(a)\\1', '[', '(']) {
    await assert.rejects(matchesRegex(regex, 'a', 'part'), RegexProblem, regex);
  }
  await assert.rejects(matchesRegex('a', 'a'.repeat(65_537), 'part'), /65537 characters; allowed: at most 65536/);
});

test('a value put at a path is found there, and everything else is as before', () => {
  fc.assert(
    fc.property(fc.dictionary(name, scalar), path, scalar, (root, names, value) => {
      const at = readPath(`/${names.join('/')}`);
      assert.ok(at !== undefined);
      assert.deepEqual(readPath(names.join('.')), at);
      const free = { ...root } as Record<string, unknown>;
      delete free[at[0]];
      const before = structuredClone(free);
      const after = withValue(free as JsonObject, at, value);
      assert.deepEqual(
        at.reduce<unknown>((found, each) => (found as JsonObject)[each], after),
        value,
      );
      assert.deepEqual({ ...after, [at[0]]: undefined }, { ...before, [at[0]]: undefined });
      assert.deepEqual(free, before, 'the object itself is not changed');
    }),
  );
});

test('lists are extended, once where that is asked for, and values are removed', () => {
  const path = ['a', 'b'] as const;
  const once = withItem({}, path, 1, true);
  assert.deepEqual(once, { a: { b: [1] } });
  assert.deepEqual(withItem(once, path, 1, true), once);
  assert.deepEqual(withItem(once, path, 1, false), { a: { b: [1, 1] } });
  assert.throws(() => withItem({ a: { b: 1 } }, path, 1, false), /a\/b is no list/);
  assert.throws(() => withValue({ a: 1 }, path, 1), /a is no object/);
  assert.deepEqual(withoutValue({ a: { b: 1, c: 2 } }, path), { a: { c: 2 } });
  assert.deepEqual(withoutValue({ a: [1, 2] }, ['a', '0']), { a: [2] });
  assert.deepEqual(withoutValue({ a: 1 }, path), { a: 1 });
  const odd = withValue({}, ['__proto__', 'x'], 1);
  assert.deepEqual([Object.keys(odd), ({} as JsonObject).x], [['__proto__'], undefined]);
});

const view = {
  node: { name: 'n1', extra: { 'a b': 1 }, maintenance: false, owner: null },
  inventory: { disks: [{ name: '/dev/sda' }], evil: '{node.name}' },
  plugin_data: {},
};
const rules = { missing: (reference: string) => `<${reference}>`, masked: () => '***' };

test('references are filled in wherever they stand; other braces stay', () => {
  const cases: readonly (readonly [unknown, unknown])[] = [
    ['{node.name}-{node[name]}', 'n1-n1'],
    ['{node.extra[a b]}', '1'],
    ['{node.maintenance} {node.owner}', 'False None'],
    ['{inventory[disks][0][name]}', '/dev/sda'],
    ['{inventory[disks]}', '[{"name":"/dev/sda"}]'],
    ['{inventory[none]}', '<{inventory[none]}>'],
    ['{node.constructor}', '<{node.constructor}>'],
    ['{item}', '{item}'],
    ['\\d{2,3}{x}{}{{', '\\d{2,3}{x}{}{{'],
    ['{inventory[evil]}', '{node.name}'],
    [{ '{node.name}': ['{node.name}', 5, null] }, { n1: ['n1', 5, null] }],
  ];
  for (const [given, expected] of cases) {
    assert.deepEqual(fillIn(given, view, rules), expected, JSON.stringify(given));
  }
  assert.equal(fillIn('{item[a]}{item}', { ...view, item: { a: 1 } }, rules), '1{"a":1}');
});

test('what has no reference is left as it is', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      fc.pre(!/\{(node|inventory|plugin_data|item)/.test(JSON.stringify(value)));
      assert.deepEqual(fillIn(value, view, rules), value);
      assert.equal(typeof textOf(value), 'string');
    }),
  );
});

test('capabilities are set one by one', () => {
  fc.assert(
    fc.property(fc.dictionary(name, name), name, name, (before, key, value) => {
      const capabilities = Object.entries(before)
        .map((pair) => pair.join(':'))
        .join(',');
      const read = (text: string) =>
        Object.fromEntries(
          text
            .split(',')
            .filter(Boolean)
            .map((pair) => pair.split(':')),
        );
      assert.deepEqual(read(withCapability({ capabilities }, key, value)), { ...before, [key]: value });
      assert.deepEqual(
        withCapability({ capabilities: before }, key, value),
        withCapability({ capabilities }, key, value),
      );
      const { [key]: _, ...others } = before;
      assert.deepEqual(read(withCapability({ capabilities }, key, undefined)), others);
    }),
  );
});
