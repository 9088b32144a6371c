// The check language of policy rules: reading it, asking it, and the words for what is wrong.
import assert from 'node:assert/strict';
import test from 'node:test';
import { policyRules } from '@wrought/contract';
import fc from 'fast-check';
import { anonymousCaller, type Caller } from '../src/api/policy/caller.ts';
import { holds, type Target } from '../src/api/policy/evaluate.ts';
import { parsePolicy } from '../src/api/policy/file.ts';
import { type Check, CheckSyntaxError, parseCheck } from '../src/api/policy/language.ts';

const someone: Caller = {
  ...anonymousCaller,
  is_public_api: false,
  user_id: 'u1',
  project_id: 'p1',
  roles: ['Member'],
};

function asked(text: string, caller: Partial<Caller> = {}, target: Target = {}, rules: Record<string, string> = {}) {
  const parsed = new Map(Object.entries(rules).map(([name, check]) => [name, parseCheck(check)]));
  return holds(parseCheck(text), { rules: parsed, caller: { ...someone, ...caller }, target });
}

test('every rule of the contract can be read', () => {
  for (const [name, { check }] of Object.entries(policyRules)) {
    assert.doesNotThrow(() => parseCheck(check), name);
  }
});

test('roles, rules, attributes and literals', () => {
  assert.equal(asked(''), true);
  assert.equal(asked('@'), true);
  assert.equal(asked('!'), false);
  assert.equal(asked('role:member'), true, 'roles know no letter case');
  assert.equal(asked('not role:member'), false);
  assert.equal(asked('role:admin or role:member and user_id:u1'), true);
  assert.equal(asked('(role:admin or role:member) and user_id:u2'), false);
  assert.equal(asked('project_id:%(node.owner)s', {}, { 'node.owner': 'p1' }), true);
  assert.equal(asked('project_id:%(node.owner)s', {}, { 'node.owner': 'p2' }), false);
  assert.equal(asked("'p9':%(node.owner)s", {}, { 'node.owner': 'p9' }), true);
  assert.equal(asked('is_public_api:False'), true);
  assert.equal(asked('project_domain_id:None'), true);
  assert.equal(asked('rule:mine', {}, {}, { mine: 'role:member' }), true);
  assert.equal(asked('rule:unknown'), false);
  assert.equal(asked('rule:unknown', {}, {}, { default: '@' }), true, 'the rule "default" stands in for unknown ones');
  assert.equal(asked('rule:a', {}, {}, { a: 'rule:b', b: 'rule:a' }), false, 'circles never hold');
});

test('nothing equals what is absent', () => {
  assert.equal(asked('project_id:%(node.owner)s', { project_id: null }, { 'node.owner': null }), false);
  assert.equal(asked('project_id:%(node.owner)s', { project_id: null }, {}), false);
});

test('what can not be read is told with its place', () => {
  for (const [text, wanted] of [
    ['role:admin and', /at its end: a check such as/],
    ['(role:admin', /at its end: "\)"/],
    ['role:admin role:member', /at character 12 \("role:member"\): "and" or "or"/],
    ['nonsense', /at character 1 \("nonsense"\)/],
    ['http://127.0.0.1/', /would ask another server/],
  ] as const) {
    assert.throws(
      () => parseCheck(text),
      (error: Error) => error instanceof CheckSyntaxError && wanted.test(error.message),
    );
  }
});

test('files have rules as text or as lists; others are refused by name', () => {
  const rules = parsePolicy(
    '"a": "role:x"\nb:\n  - ["role:member", "user_id:u1"]\n  - "role:admin"\nc: []\n',
    'f.yaml',
  );
  const ask = (name: string, caller: Partial<Caller> = {}) =>
    holds(rules.get(name)?.check as Check, { rules: new Map(), caller: { ...someone, ...caller }, target: {} });
  assert.equal(ask('a'), false);
  assert.equal(ask('b'), true);
  assert.equal(ask('b', { user_id: 'u2' }), false);
  assert.equal(ask('c'), true);
  assert.throws(() => parsePolicy('a: 3', 'f.yaml'), /rule "a" of the policy file f\.yaml is 3/);
  assert.throws(() => parsePolicy('a: "role:x and"', 'f.yaml'), /rule "a" of the policy file f\.yaml can not be read/);
  assert.throws(() => parsePolicy('- a', 'f.yaml'), /mapping of rule names/);
  assert.throws(() => parsePolicy('a: "x', 'f.yaml'), /is not YAML/);
});

test('checks of any form are read as they are meant', () => {
  type Tree = { readonly text: string; readonly value: boolean };
  const tree = fc.letrec<{ tree: Tree }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.boolean().map((value): Tree => ({ text: value ? '@' : '!', value })),
      fc.boolean().map((value): Tree => ({ text: value ? 'role:member' : 'role:other', value })),
      tie('tree').map(({ text, value }): Tree => ({ text: `not (${text})`, value: !value })),
      fc
        .tuple(tie('tree'), tie('tree'))
        .map(([a, b]): Tree => ({ text: `(${a.text}) and (${b.text})`, value: a.value && b.value })),
      fc
        .tuple(tie('tree'), tie('tree'))
        .map(([a, b]): Tree => ({ text: `(${a.text} or ${b.text})`, value: a.value || b.value })),
    ),
  })).tree;
  fc.assert(fc.property(tree, ({ text, value }) => asked(text) === value));
});
