// The version log and how version headers are read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  discoveredResources,
  interfaceKinds,
  MAXIMUM_MINOR,
  MINIMUM_MINOR,
  microversionLog,
  nodeResource,
  readVersion,
  requestedVersionText,
  resources,
  verbs,
  versionPage,
  versionText,
} from '../src/index.ts';

test('the log has an entry for every version from 1.1 to 1.115', () => {
  assert.equal(MAXIMUM_MINOR, 115);
  assert.equal(microversionLog[0], '');
  for (let minor = MINIMUM_MINOR; minor <= MAXIMUM_MINOR; minor += 1) {
    assert.notEqual(microversionLog[minor], '', versionText(minor));
  }
});

test('every declared version exists, and the log speaks of the field that it brought', () => {
  for (const { name, fields, since } of resources) {
    for (const [field, declared] of Object.entries(fields)) {
      assert.ok(declared.since >= since && declared.since <= MAXIMUM_MINOR, `${name}.${field}`);
    }
  }
  const spelledOut = [
    'instance_name',
    'parent_node',
    'shard',
    'disable_power_off',
    'network_data',
    'owner',
    'lessee',
  ] as const;
  for (const field of spelledOut) {
    assert.match(microversionLog[nodeResource.fields[field].since] ?? '', new RegExp(field), field);
  }
  for (const { since } of [...Object.values(verbs), ...Object.values(interfaceKinds)]) {
    assert.ok(since <= MAXIMUM_MINOR);
  }
  assert.ok(Object.values(discoveredResources).every((since) => since >= 1 && since <= MAXIMUM_MINOR));
});

test('a version header is read leniently where that is unambiguous', () => {
  const minorOf = (text: string | undefined) => {
    const read = readVersion(text);
    return read.kind === 'minor' ? read.minor : read.kind;
  };
  assert.equal(minorOf(undefined), 1);
  for (const text of ['latest', 'LATEST', ' Latest ']) {
    assert.equal(minorOf(text), MAXIMUM_MINOR);
  }
  for (const text of ['1.10', ' 1.10 ', '01.010', '1.010']) {
    assert.equal(minorOf(text), 10, text);
  }
  for (const text of ['1.0', '1.116', '2.0', '0.9', '-1.1', '1.-1']) {
    assert.equal(minorOf(text), 'out of range', text);
  }
  for (const text of ['', 'abc', '1', '1.', '.1', '1.1.1', '1.a', '1,1']) {
    assert.equal(minorOf(text), 'malformed', text);
  }
});

test('every version survives being written and read', () => {
  fc.assert(
    fc.property(fc.integer({ min: MINIMUM_MINOR, max: MAXIMUM_MINOR }), (minor) => {
      assert.deepEqual(readVersion(versionText(minor)), { kind: 'minor', minor });
    }),
  );
});

test('the common header goes before the own one, and its last entry for the service counts', () => {
  const own = { 'x-openstack-ironic-api-version': '1.20' };
  assert.equal(requestedVersionText(own), '1.20');
  assert.equal(requestedVersionText({ ...own, 'openstack-api-version': 'baremetal 1.50' }), '1.50');
  assert.equal(requestedVersionText({ 'openstack-api-version': 'baremetal 1.2, compute 2.1, baremetal 1.9' }), '1.9');
  assert.equal(requestedVersionText({ ...own, 'openstack-api-version': 'compute 2.1' }), '1.20');
  assert.equal(requestedVersionText({}), undefined);
});

test('the version page has a row for each version, and every field and verb once', () => {
  const page = versionPage();
  assert.equal(page.match(/^\| 1\.\d+ \|/gm)?.length, MAXIMUM_MINOR);
  for (const { name, fields } of resources) {
    for (const [field, { since }] of Object.entries(fields)) {
      if (since > MINIMUM_MINOR) {
        assert.match(
          page,
          new RegExp(`^\\| ${versionText(since).replace('.', '\\.')} \\|.*\`${name}\\.${field}\``, 'm'),
        );
      }
    }
  }
});
