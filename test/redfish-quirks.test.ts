// Everything that is known of the habits of Redfish services is used: by the library, or by the driver.
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { quirks, usualBehaviour } from '@wrought/redfish';

const house = join(import.meta.dirname, '..');
const users = ['packages/redfish/src/**/*.ts', 'packages/server/src/drivers/**/*.ts'];

test('every behaviour is asked for where a request depends on it, and some make has another one than usual', () => {
  const sources = globSync(users, { cwd: house, exclude: ['packages/redfish/src/quirks/**'] }).map((path) =>
    readFileSync(join(house, path), 'utf8'),
  );
  assert.ok(sources.length > 50);
  const remedies = quirks.flatMap(({ remedy }) => (typeof remedy === 'object' ? Object.keys(remedy) : []));
  const unused = Object.keys(usualBehaviour).filter(
    (name) => !sources.some((source) => new RegExp(`\\bbehaviour\\.${name}\\b`).test(source)),
  );
  assert.deepEqual(unused, [], 'behaviours that nothing depends on');
  const unneeded = Object.keys(usualBehaviour).filter((name) => !remedies.includes(name));
  assert.deepEqual(unneeded, ['etags'], 'behaviours that no make needs; ETags are learnt from each answer');
});
