// The arrow rules catch what they forbid: a violation of each is planted in a copy of the tree and must be reported.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Rule, the file that breaks it, and the import with which it does. */
const violations: readonly (readonly [string, string, string])[] = [
  ['config-arrows', 'packages/server/src/config/planted.ts', '../store/store.ts'],
  ['store-arrows', 'packages/server/src/store/planted.ts', '../flows/index.ts'],
  ['doctor-arrows', 'packages/server/src/doctor/planted.ts', '../api/app.ts'],
  ['metrics-arrows', 'packages/server/src/metrics/planted.ts', '../flows/engine/engine.ts'],
  ['database-arrows', 'packages/server/src/database/planted.ts', '../flows/index.ts'],
  ['flows-arrows', 'packages/server/src/flows/planted.ts', '../drivers/fake/index.ts'],
  ['api-arrows', 'packages/server/src/api/planted.ts', '../flows/engine/engine.ts'],
  ['periodic-arrows', 'packages/server/src/periodic/planted.ts', '../drivers/fake/index.ts'],
  ['cluster-arrows', 'packages/server/src/cluster/planted.ts', '../flows/engine/engine.ts'],
  ['inspection-arrows', 'packages/server/src/inspection/planted.ts', '../flows/index.ts'],
  ['boot-arrows', 'packages/server/src/boot/planted.ts', '../store/store.ts'],
  ['network-arrows', 'packages/server/src/network/planted.ts', '../flows/index.ts'],
  ['openstack-arrows', 'packages/server/src/openstack/planted.ts', '../store/store.ts'],
  ['notify-arrows', 'packages/server/src/notify/planted.ts', '../flows/index.ts'],
  ['drivers-arrows', 'packages/server/src/drivers/fake/planted.ts', '../noop/index.ts'],
  ['drivers-arrows', 'packages/server/src/drivers/fake/planted.ts', '../../store/store.ts'],
  ['kit-arrows', 'packages/server/src/drivers/kit/planted.ts', '../fake/index.ts'],
  ['contract-imports-nothing', 'packages/contract/src/planted.ts', '../../server/src/store/store.ts'],
  ['contract-has-no-io', 'packages/contract/src/planted.ts', 'node:fs'],
  ['ipmi-imports-nothing', 'packages/ipmi/src/planted.ts', '@wrought/contract'],
  ['ipmi-imports-nothing', 'packages/ipmi/src/planted.ts', '../../contract/src/index.ts'],
  ['ipmi-is-for-server-and-lab', 'packages/agent/src/planted.ts', '@wrought/ipmi'],
  ['redfish-imports-undici-alone', 'packages/redfish/src/planted.ts', '@wrought/contract'],
  ['redfish-imports-undici-alone', 'packages/redfish/src/planted.ts', '../../ipmi/src/index.ts'],
  ['redfish-is-for-server-and-lab', 'packages/agent/src/planted.ts', '@wrought/redfish'],
  ['lab-is-not-production', 'packages/server/src/planted.ts', '@wrought/lab'],
  ['agent-and-lab-know-the-contract-only', 'packages/agent/src/planted.ts', '@wrought/server'],
  ['resolvable', 'packages/server/src/planted.ts', './nowhere.ts'],
];

function cruise(folder: string, files: readonly string[]) {
  const program = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const given = [program, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', ...files];
  const { stdout, stderr } = spawnSync(process.execPath, given, { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 28 });
  assert.notEqual(stdout, '', stderr);
  const report = JSON.parse(stdout) as {
    summary: { violations: { from: string; rule: { name: string } }[] };
  };
  return report.summary;
}

/** A copy of the tree in which things can be planted; packages find each other by name in it. */
function copyTree(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'wrought-arrows-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ['package.json', 'tsconfig.json', '.dependency-cruiser.cjs']) {
    cpSync(join(root, name), join(folder, name));
  }
  cpSync(join(root, 'packages'), join(folder, 'packages'), {
    recursive: true,
    filter: (source) => !source.includes('node_modules'),
  });
  mkdirSync(join(folder, 'node_modules/@wrought'), { recursive: true });
  for (const name of readdirSync(join(folder, 'packages'))) {
    symlinkSync(join(folder, 'packages', name), join(folder, 'node_modules/@wrought', name));
  }
  return folder;
}

test('a planted violation of each arrow is caught', (t) => {
  const folder = copyTree(t);
  const planted = violations.map(([rule, file, target], index) => ({
    rule,
    target,
    file: file.replace('planted', `planted-${index}`),
  }));
  for (const { file, target } of planted) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), `import * as planted from '${target}';\nexport default planted;\n`);
  }
  const { violations: found } = cruise(
    folder,
    planted.map(({ file }) => file),
  );
  for (const { rule, file, target } of planted) {
    const ofFile = found.filter(({ from }) => from === file);
    assert.ok(
      ofFile.some((each) => each.rule.name === rule),
      `${file} importing ${target} should break ${rule}; found: ${JSON.stringify(ofFile.slice(0, 5))}`,
    );
  }
});

test('a cycle is caught', (t) => {
  const folder = copyTree(t);
  const source = join(folder, 'packages/contract/src');
  writeFileSync(join(source, 'a.ts'), "import { b } from './b.ts';\nexport const a = () => b;\n");
  writeFileSync(join(source, 'b.ts'), "import { a } from './a.ts';\nexport const b = () => a;\n");
  const { violations: found } = cruise(folder, ['packages/contract/src/a.ts']);
  assert.ok(found.some((each) => each.rule.name === 'no-cycles'));
});
