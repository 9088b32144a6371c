// Device id, self test, GUIDs and the watchdog: both directions, and the same values as ipmitool.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  coldReset,
  getDeviceGuid,
  getDeviceId,
  getSelfTestResults,
  getSystemGuid,
  warmReset,
} from '../../src/commands/device.ts';
import { decodeDeviceId, encodeDeviceId } from '../../src/commands/device-id.ts';
import { decodeGuid, formatGuid, guidByteOrders, parseGuid } from '../../src/commands/guid.ts';
import { raw } from '../../src/commands/raw.ts';
import {
  decodeWatchdogTimer,
  encodeWatchdogSettings,
  getWatchdogTimer,
  resetWatchdogTimer,
  setWatchdogTimer,
} from '../../src/commands/watchdog.ts';
import { ProtocolError } from '../../src/errors.ts';
import { fieldsOf } from '../support/peer-text.ts';
import { ipmitoolSays, scriptedConnection, scriptOf } from '../support/scripted-bmc.ts';

const digits = fc.tuple(fc.nat(9), fc.nat(9)).map(([tens, units]) => (tens << 4) | units);

/** Get Device ID with every defined bit; the manufacturer has 20 bits. */
const deviceIdBytes = fc
  .tuple(
    fc.tuple(fc.nat(0xff), fc.nat(0x0f), fc.nat(0xff)),
    digits,
    fc.constantFrom(0x51, 0x02, 0x01),
    fc.uint8Array({ minLength: 3, maxLength: 3 }),
    fc.nat(0x0f),
    fc.uint8Array({ minLength: 2, maxLength: 2 }),
    fc.option(fc.uint8Array({ minLength: 4, maxLength: 4 }), { nil: new Uint8Array() }),
  )
  .map(([[id, revision, major], minor, version, [support = 0, low = 0, middle = 0], high, product, auxiliary]) =>
    Buffer.from([id, revision, major, minor, version, support, low, middle, high, ...product, ...auxiliary]),
  );

test('the device id survives both directions', () => {
  fc.assert(fc.property(deviceIdBytes, (bytes) => assert.deepEqual(encodeDeviceId(decodeDeviceId(bytes)), bytes)));
});

test('the device id is what ipmitool prints', async () => {
  await fc.assert(
    fc.asyncProperty(deviceIdBytes, async (bytes) => {
      const script = scriptOf({ '06/01': bytes });
      const ours = await getDeviceId(scriptedConnection(script));
      const text = await ipmitoolSays(script, ['mc', 'info']);
      const theirs = fieldsOf(text);
      assert.equal(String(ours.deviceId), theirs.get('Device ID'));
      assert.equal(String(ours.deviceRevision), theirs.get('Device Revision'));
      const minor = String(ours.firmwareMinor).padStart(2, '0');
      assert.equal(`${ours.firmwareMajor}.${minor}`, theirs.get('Firmware Revision'));
      assert.equal(ours.ipmiVersion, theirs.get('IPMI Version'));
      assert.equal(String(ours.manufacturerId), theirs.get('Manufacturer ID'));
      assert.match(theirs.get('Product ID') ?? '', new RegExp(`^${ours.productId} `));
      assert.equal(ours.updateInProgress, theirs.get('Device Available') === 'no');
      assert.equal(ours.providesDeviceSdrs, theirs.get('Provides Device SDRs') === 'yes');
      const names = {
        sensor: 'Sensor Device',
        sdrRepository: 'SDR Repository Device',
        sel: 'SEL Device',
        fruInventory: 'FRU Inventory Device',
        ipmbEventReceiver: 'IPMB Event Receiver',
        ipmbEventGenerator: 'IPMB Event Generator',
        bridge: 'Bridge',
        chassis: 'Chassis Device',
      };
      const listed = text.split('\n').map((line) => line.trim());
      for (const [name, word] of Object.entries(names)) {
        assert.equal(ours.supports[name as keyof typeof names], listed.includes(word), word);
      }
      const auxiliary = listed.filter((line) => /^0x[0-9a-f]{2}$/.test(line)).map(Number);
      assert.deepEqual([...(ours.auxiliaryFirmwareRevision ?? [])], auxiliary);
    }),
    { numRuns: 20 },
  );
});

test('a device id without the product is an error that says so', () => {
  assert.throws(
    () => decodeDeviceId(Buffer.alloc(9)),
    (error: unknown) => error instanceof ProtocolError && /Get Device ID: product id at byte 9/.test(error.message),
  );
});

test('the self test says what is broken', async () => {
  const cases = [
    [[0x55, 0], { result: 'passed' }, /passed/],
    [[0x56, 0], { result: 'not implemented' }, /not implemented/],
    [[0x58, 7], { result: 'fatal hardware error', code: 7 }, /fatal error/],
    [[0x60, 7], { result: 'device-specific failure', code: 0x6007 }, /device specific/i],
  ] as const;
  for (const [bytes, result, word] of cases) {
    const script = scriptOf({ '06/04': bytes });
    assert.deepEqual(await getSelfTestResults(scriptedConnection(script)), result);
    assert.match(await ipmitoolSays(script, ['mc', 'selftest']), word);
  }
  const corrupted = await getSelfTestResults(scriptedConnection(scriptOf({ '06/04': [0x57, 0x81] })));
  assert.ok(corrupted.result === 'corrupted or inaccessible');
  assert.deepEqual(
    Object.entries(corrupted.failures).filter(([, failed]) => failed),
    [
      ['operationalFirmwareCorrupted', true],
      ['selInaccessible', true],
    ],
  );
});

test('GUIDs survive each order of their bytes', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.constantFrom(...guidByteOrders), (uuid, order) => {
      assert.equal(formatGuid(parseGuid(uuid, order), order), uuid);
    }),
  );
  assert.throws(() => parseGuid('no uuid', 'ipmi'), RangeError);
});

test('the right order of a GUID is always among the plausible ones', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.constantFrom(...guidByteOrders), (uuid, order) => {
      const guid = decodeGuid(parseGuid(uuid, order));
      assert.ok(guid.plausible.includes(order));
      assert.equal(guid.as[order], uuid);
    }),
  );
});

test('a GUID is in each order what ipmitool prints for that order', async () => {
  const sent = parseGuid('c0ffee00-1234-4abc-8def-0123456789ab', 'smbios');
  const script = scriptOf({ '06/37': sent, '06/08': sent });
  const ours = await getSystemGuid(scriptedConnection(script));
  assert.deepEqual(await getDeviceGuid(scriptedConnection(script)), ours);
  for (const order of ['ipmi', 'smbios'] as const) {
    const theirs = fieldsOf(await ipmitoolSays(script, ['mc', 'guid', order])).get('System GUID');
    assert.equal(ours.as[order], theirs);
  }
  assert.deepEqual(ours.plausible, ['smbios']);
});

test('resets are sent', async () => {
  const connection = scriptedConnection(scriptOf({ '06/02': [], '06/03': [] }));
  await coldReset(connection);
  await warmReset(connection);
  assert.deepEqual(connection.asked, ['0602', '0603']);
});

const watchdogBytes = fc
  .tuple(fc.nat(0xff), fc.nat(7), fc.nat(7), fc.nat(0xff), fc.nat(0x1f), fc.nat(0xffff), fc.nat(0xffff))
  .map(([use, interrupt, action, interval, expired, initial, present]) => {
    const bytes = Buffer.from([use & ~0x38, (interrupt << 4) | action, interval, expired << 1, 0, 0, 0, 0]);
    bytes.writeUInt16LE(initial, 4);
    bytes.writeUInt16LE(present, 6);
    return bytes;
  });

test('the watchdog survives both directions', () => {
  fc.assert(
    fc.property(watchdogBytes, (bytes) => {
      assert.deepEqual(encodeWatchdogSettings(decodeWatchdogTimer(bytes)), bytes.subarray(0, 6));
    }),
  );
});

test('the watchdog is what ipmitool prints', async () => {
  await fc.assert(
    fc.asyncProperty(watchdogBytes, async (bytes) => {
      const script = scriptOf({ '06/25': bytes });
      const ours = await getWatchdogTimer(scriptedConnection(script));
      const text = await ipmitoolSays(script, ['mc', 'watchdog', 'get']);
      const theirs = fieldsOf(text);
      assert.equal(ours.running, /Started/.test(theirs.get('Watchdog Timer Is') ?? ''));
      assert.equal(ours.doNotLog, theirs.get('Watchdog Timer Logging') === 'Off');
      assert.equal(`${ours.preTimeoutSeconds} seconds`, theirs.get('Pre-timeout interval'));
      assert.equal(`${(ours.initialCountdown / 10).toFixed(1)} sec`, theirs.get('Initial Countdown'));
      assert.equal(`${((ours.presentCountdown ?? 0) / 10).toFixed(1)} sec`, theirs.get('Present Countdown'));
      const action = (theirs.get('Watchdog Timer Action') ?? '').replace(/ \(.*/, '').toLowerCase();
      if (typeof ours.action === 'string')
        assert.ok(action.startsWith(ours.action === 'none' ? 'no action' : ours.action), text);
      const expired = Object.values(ours.expired).filter(Boolean).length;
      assert.equal(text.split('\n').filter((line) => /^\s+\* /.test(line)).length, expired, text);
    }),
    { numRuns: 20 },
  );
});

test('the watchdog is set and started', async () => {
  const connection = scriptedConnection(scriptOf({ '06/22': [], '06/24': [] }));
  await setWatchdogTimer(connection, {
    use: 'SMS/OS',
    doNotLog: false,
    running: false,
    action: 'power cycle',
    preTimeoutInterrupt: 'NMI',
    preTimeoutSeconds: 10,
    expired: { smsOs: true },
    initialCountdown: 3000,
  });
  await resetWatchdogTimer(connection);
  assert.deepEqual(connection.asked, ['062404230a10b80b', '0622']);
});

test('raw answers completion codes instead of failing', async () => {
  const connection = scriptedConnection(scriptOf({ '06/01': [1, 2], '06/02': 0xd4 }));
  const answered = await raw(connection, { netFn: 6, command: 1 });
  assert.deepEqual(answered, { completionCode: 0, data: Buffer.from([1, 2]) });
  assert.equal((await raw(connection, { netFn: 6, command: 2 })).completionCode, 0xd4);
});
