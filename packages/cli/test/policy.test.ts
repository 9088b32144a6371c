// Tests `wrought policy`: the rules in force, what is doubtful about a file, and explanations.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { wrought } from './fake-api.ts';

function policyFile(context: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'wrought-policy-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'policy.yaml');
  writeFileSync(path, text);
  return `api.policy_file=${path}`;
}

test('the rules in force are listed, those of the operator marked', async (context) => {
  const set = policyFile(context, '"baremetal:node:get": "role:auditor"\n');
  const all = await wrought(['policy', 'list', '--format', 'json', '--set', set]);
  assert.equal(all.exitCode, 0, all.err);
  const rules = JSON.parse(all.out);
  assert.ok(rules.length > 130);
  const changed = await wrought(['policy', 'list', '--changed', '--set', set]);
  assert.match(changed.out, /^baremetal:node:get +yes +role:auditor$/m);
  assert.equal(changed.out.trim().split('\n').length, 2);
});

test('a file that means nothing is warned of, one that can not be read is refused', async (context) => {
  const odd = policyFile(context, 'mine: "@"\n"baremetal:node:get": "rule:missing"\n');
  const checked = await wrought(['policy', 'check', '--set', odd]);
  assert.equal(checked.exitCode, 0);
  assert.match(checked.err, /nothing asks the rule "mine"/);
  assert.match(checked.err, /"baremetal:node:get" refers to "rule:missing", which does not exist/);
  const broken = await wrought(['policy', 'check', '--set', policyFile(context, '"a": "role:x or"\n')]);
  assert.equal(broken.exitCode, 1);
  assert.match(broken.err, /rule "a" of the policy file .* is wrong at its end/);
});

test('an answer is explained part by part', async () => {
  const explain = (as: string, on: string, rule = 'baremetal:node:set_power_state') =>
    wrought(['policy', 'explain', rule, '--as', as, '--on', on]);
  const lessee = await explain('member@project:p1', 'node.owner=p2,node.lessee=p1');
  assert.match(lessee.out, /^allowed: baremetal:node:set_power_state\n/);
  assert.match(lessee.out, /^yes +project_id:%\(node\.lessee\)s$/m);
  const reader = await explain('reader@project:p1', 'node.owner=p1');
  assert.match(reader.out, /^denied: /);
  assert.match(reader.out, /^no +role:member$/m);
  const domain = await explain('admin@domain:d', 'node.owner=d');
  assert.match(domain.out, /not meant for tokens of the scope "domain"/);
  assert.equal((await explain('admin', 'node.owner=x')).exitCode, 2);
  assert.equal((await explain('admin@system', 'color=x')).exitCode, 2);
  const unknown = await explain('admin@system', 'node.owner=x', 'nothing');
  assert.match(unknown.err, /there is no rule "nothing"/);
});
