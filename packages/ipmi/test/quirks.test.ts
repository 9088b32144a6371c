// Quirks are data that can be trusted: each says what, what is done, and where it is reported.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { behaviourOf, bootDevices, quirks, quirksOf, retryableCompletionCodes } from '../src/index.ts';

test('each quirk has a name of its own, a sentence and public sources', () => {
  assert.equal(new Set(quirks.map(({ id }) => id)).size, quirks.length);
  for (const { id, what, sources, remedy, devices } of quirks) {
    assert.match(id, /^[a-z0-9-]+$/);
    assert.ok(what.length > 20, id);
    assert.ok(sources.length > 0, id);
    for (const source of sources) assert.equal(new URL(source).protocol, 'https:', id);
    // What changes the behaviour must be found by the ids of a device.
    if (typeof remedy !== 'string') assert.ok(devices.length > 0, id);
  }
});

test('a BMC without quirks behaves as usual', () => {
  assert.deepEqual(quirksOf({ manufacturerId: 0, productId: 0 }), []);
  const { uefiHardDrive, hasSolPayloadSizes } = behaviourOf({ manufacturerId: 0, productId: 0 });
  assert.deepEqual([uefiHardDrive, hasSolPayloadSizes], ['hard drive', true]);
});

test('quirks belong to all products of a manufacturer, or to the named ones', () => {
  const anySupermicro = behaviourOf({ manufacturerId: 10876, productId: 2201 });
  assert.equal(anySupermicro.uefiHardDrive, 'primary remote media');
  assert.equal(bootDevices.encode(anySupermicro.uefiHardDrive) << 2, 0x24);
  assert.equal(anySupermicro.hasSolPayloadSizes, true);
  const x8dt = behaviourOf({ manufacturerId: 10876, productId: 43707 });
  assert.deepEqual([x8dt.uefiHardDrive, x8dt.hasSolPayloadSizes], ['primary remote media', false]);
  assert.equal(behaviourOf({ manufacturerId: 343, productId: 2818 }).passwordToEnableUser, true);
  assert.equal(behaviourOf({ manufacturerId: 343, productId: 1 }).passwordToEnableUser, false);
});

test('busy is tried again, an unknown command is not', () => {
  assert.deepEqual(
    [0xc0, 0xd2, 0xc1, 0xd4].map((code) => retryableCompletionCodes.has(code)),
    [true, true, false, false],
  );
});
