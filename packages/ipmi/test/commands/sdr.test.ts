// Sensor data records: both directions, texts, conversion of readings, and reading a repository that makes trouble.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  convertHysteresis,
  convertReading,
  convertTolerance,
  rawNumber,
  rawOfValue,
} from '../../src/commands/sdr/conversion.ts';
import { entityName } from '../../src/commands/sdr/entities.ts';
import { eventTypeClass, stateName } from '../../src/commands/sdr/event-types.ts';
import { decodeSdr, encodeSdr } from '../../src/commands/sdr/record.ts';
import { sensorTypeName } from '../../src/commands/sdr/sensor-types.ts';
import { formatUnits } from '../../src/commands/sdr/units.ts';
import { readSdrs } from '../../src/commands/sdr-repository.ts';
import { decodeBcdPlus, decodeSixBitAscii, encodeBcdPlus, encodeSixBitAscii } from '../../src/commands/type-length.ts';
import { CompletionCodeError, ProtocolError } from '../../src/errors.ts';
import { fullSensor, sampleRecords } from '../support/sample-records.ts';
import { type Script, type ScriptedAnswer, scriptedConnection, scriptOf } from '../support/scripted-bmc.ts';

/** Records of random content that are long enough, with a text of at most 16 bytes. */
const recordBytes = fc
  .tuple(
    fc.constantFrom(
      ...([
        [0x01, 42],
        [0x02, 26],
        [0x03, 11],
        [0x10, 10],
        [0x11, 10],
        [0x12, 10],
        [0xc0, 3],
        [0x08, 11],
      ] as const),
    ),
    fc.uint8Array({ minLength: 64, maxLength: 64 }),
    fc.tuple(fc.nat(3), fc.nat(16)),
  )
  .map(([[type, fixed], random, [encoding, length]]) => {
    const body = [...random.subarray(0, fixed), (encoding << 6) | length, ...random.subarray(fixed, fixed + length)];
    return Buffer.from([0x34, 0x12, 0x51, type, body.length, ...body]);
  });

test('records of every type survive both directions', () => {
  fc.assert(
    fc.property(recordBytes, (bytes) => {
      const record = decodeSdr(bytes);
      assert.equal(record.recordId, 0x1234);
      assert.deepEqual(decodeSdr(encodeSdr(record)), record);
    }),
    { numRuns: 2000 },
  );
  for (const record of sampleRecords) assert.deepEqual(decodeSdr(encodeSdr(record)), record);
});

test('a record that is cut anywhere is a ProtocolError, or its text is shorter', () => {
  fc.assert(
    fc.property(recordBytes, fc.nat(70), (bytes, cut) => {
      const cutBytes = bytes.subarray(0, cut);
      if (cut >= bytes.length) return;
      assert.throws(() => decodeSdr(cutBytes), ProtocolError);
    }),
  );
});

test('packed texts survive both directions', () => {
  const sixBit = fc.string({ unit: fc.integer({ min: 0x20, max: 0x5f }).map((code) => String.fromCharCode(code)) });
  fc.assert(
    fc.property(sixBit, (text) => {
      const decoded = decodeSixBitAscii(encodeSixBitAscii(text));
      // Of a length that leaves six bits of the last byte over, one more character is there.
      assert.ok(decoded === text || decoded === `${text} `, decoded);
    }),
  );
  const bcd = fc.string({ unit: fc.constantFrom(...'0123456789 -.') });
  fc.assert(
    fc.property(bcd, (text) => {
      assert.equal(decodeBcdPlus(encodeBcdPlus(text)), text.length % 2 === 0 ? text : `${text} `);
    }),
  );
  assert.throws(() => encodeSixBitAscii('lower case'), RangeError);
  assert.throws(() => encodeBcdPlus('12a'), RangeError);
});

test('"IPMI" in 6-bit ASCII is the example of the FRU specification', () => {
  // Platform Management FRU Information Storage Definition 1.0, 13.3.
  assert.deepEqual(encodeSixBitAscii('IPMI'), Buffer.from([0x29, 0xdc, 0xa6]));
  assert.equal(decodeSixBitAscii(Uint8Array.of(0x29, 0xdc, 0xa6)), 'IPMI');
});

test('readings are converted by format, factors and function', () => {
  const sensor = (differing: Parameters<typeof fullSensor>[2]) => fullSensor(1, 's', differing);
  const cases = [
    [sensor({ factors: { m: 59, rExponent: -3 } }), 0x7f, 7.493],
    [sensor({ factors: { m: 2, b: 5, bExponent: 1, rExponent: -1 } }), 10, 7],
    [sensor({ factors: { m: -1, b: 100 } }), 30, 70],
    [sensor({ factors: { m: 1, b: 25, bExponent: -2 } }), 1, 1.25],
    [sensor({ units: { format: "2's complement" } }), 0xf6, -10],
    [sensor({ units: { format: "1's complement" } }), 0xf5, -10],
    [sensor({ units: { format: 'none' } }), 1, undefined],
    [sensor({ linearization: 1 }), 1, 0],
    [sensor({ linearization: 1 }), 0, undefined],
    [sensor({ linearization: 2 }), 100, 2],
    [sensor({ linearization: 3 }), 8, 3],
    [sensor({ linearization: 4 }), 0, 1],
    [sensor({ linearization: 5 }), 3, 1000],
    [sensor({ linearization: 6 }), 4, 16],
    [sensor({ linearization: 7 }), 4, 0.25],
    [sensor({ linearization: 7 }), 0, undefined],
    [sensor({ linearization: 8 }), 9, 81],
    [sensor({ linearization: 9 }), 3, 27],
    [sensor({ linearization: 0x0a }), 81, 9],
    [sensor({ linearization: 0x0b }), 27, 3],
    [sensor({ linearization: 0x0c }), 1, undefined],
  ] as const;
  for (const [converted, raw, value] of cases) assert.equal(convertReading(converted, raw), value);
  const nonLinear = sensor({ linearization: 0x70 });
  assert.equal(convertReading(nonLinear, 2, { ...nonLinear.factors, m: 7 }), 14);
  assert.equal(convertTolerance(sensor({ factors: { m: 4, tolerance: 3 } })), 6);
  assert.equal(convertHysteresis(sensor({ factors: { m: 4, b: 100, rExponent: -1 } }), 5), 2);
});

test('the raw byte of a value is that of the nearest reading', () => {
  const linear = fc.record({
    m: fc.integer({ min: -511, max: 511 }).filter((m) => m !== 0),
    b: fc.integer({ min: -512, max: 511 }),
  });
  fc.assert(
    fc.property(linear, fc.nat(0xff), (factors, raw) => {
      const sensor = fullSensor(1, 's', { factors });
      const value = convertReading(sensor, raw);
      assert.ok(value !== undefined);
      assert.equal(rawOfValue(sensor, value), raw);
      assert.equal(rawOfValue(sensor, value + Math.abs(factors.m) / 4), raw);
    }),
  );
  assert.equal(rawOfValue(fullSensor(1, 's'), 1000), 255);
  assert.equal(rawOfValue(fullSensor(1, 's', { linearization: 0x70 }), 1), undefined);
  assert.equal(rawNumber("1's complement", 0xff), 0);
});

test('names of the tables, and numbers where they end', () => {
  assert.deepEqual([0, 10, 53, 54, 0x40, 0x90, 0xb0, 0xff].map(entityName), [
    ...['unspecified', 'power supply', 'real-time clock', 'reserved entity 0x36', 'air inlet'],
    ...['chassis-specific entity 0x90', 'board-set-specific entity 0xb0', 'OEM entity 0xff'],
  ]);
  assert.deepEqual([1, 0x2c, 0x2d, 0xc0].map(sensorTypeName), [
    ...['temperature', 'FRU state', 'reserved sensor type 0x2d', 'OEM sensor type 0xc0'],
  ]);
  assert.equal(stateName(0x23, 0x6f, 8), 'timer interrupt');
  assert.equal(stateName(0x08, 0x0b, 1), 'redundancy lost');
  assert.equal(stateName(0x08, 0x70, 1), 'state 1');
  assert.deepEqual([0, 1, 3, 0x6f, 0x70].map(eventTypeClass), [
    ...['unspecified', 'threshold', 'discrete', 'sensor-specific', 'OEM'],
  ]);
  const { units } = fullSensor(1, 's');
  assert.equal(formatUnits({ ...units, base: 6, modifierUse: 'divide', modifier: 24 }), 'W/h');
  assert.equal(formatUnits({ ...units, base: 88, rate: 'per day' }), 'errors/d');
  assert.equal(formatUnits({ ...units, base: 18, percentage: true }), '% RPM');
  assert.equal(formatUnits({ ...units, base: 200 }), 'unit 200');
});

interface RepositoryOptions {
  /** More bytes than this at once are refused with 0xca. */
  readonly most?: number;
  /** The reservation is cancelled at these requests, counted from 1. */
  readonly cancelledAt?: readonly number[];
  readonly hasReservations?: boolean;
  readonly records?: readonly Buffer[];
}

/** A repository as a script. */
function repository({
  most = 255,
  cancelledAt = [],
  hasReservations = true,
  records = encoded,
}: RepositoryOptions = {}) {
  let reservation = 0;
  let requests = 0;
  return scriptOf({
    '0a/22': () => {
      if (!hasReservations) return 0xc1;
      reservation += 1;
      return [reservation, 0];
    },
    '0a/23': (data): ScriptedAnswer => {
      requests += 1;
      if (hasReservations && data.readUInt16LE(0) !== reservation) return 0xc5;
      if (cancelledAt.includes(requests)) {
        reservation += 1;
        return 0xc5;
      }
      const index = Math.max(0, data.readUInt16LE(2) - 1);
      const record = records[index];
      if (record === undefined) return 0xcb;
      const offset = data[4] ?? 0;
      const count = data[5] === 0xff ? record.length - offset : (data[5] ?? 0);
      if (count > most || offset + count > record.length) return 0xca;
      const next = index + 1 < records.length ? index + 2 : 0xffff;
      return [next & 0xff, next >> 8, ...record.subarray(offset, offset + count)];
    },
  });
}
const encoded = sampleRecords.map(encodeSdr);

async function readAll(script: Script) {
  const connection = scriptedConnection(script);
  const records = await Array.fromAsync(readSdrs(connection));
  return { records, requests: connection.asked.filter((asked) => asked.startsWith('0a23')).length };
}

test('a repository is read with one request a record', async () => {
  const { records, requests } = await readAll(repository());
  assert.deepEqual(records, sampleRecords);
  assert.equal(requests, sampleRecords.length);
});

test('a BMC with small answers is read in parts, and the size is kept', async () => {
  for (const most of [33, 20, 8]) {
    const { records, requests } = await readAll(repository({ most }));
    assert.deepEqual(records, sampleRecords, `at most ${most} bytes`);
    // The search for the size is done once: at most three refusals, header and parts for each record.
    const parts = encoded.reduce((sum, record) => sum + 1 + Math.ceil((record.length - 5) / 8), 0);
    assert.ok(requests <= parts + 4, `${requests} requests`);
  }
});

test('a cancelled reservation begins the record again', async () => {
  assert.deepEqual((await readAll(repository({ most: 16, cancelledAt: [4, 9, 30] }))).records, sampleRecords);
});

test('a reservation that is cancelled each time is an error in the end', async () => {
  const cancelledAt = Array.from({ length: 1000 }, (_, index) => index + 1);
  await assert.rejects(readAll(repository({ cancelledAt })), /reservation cancelled/);
});

test('BMCs without reservations, and empty repositories', async () => {
  assert.deepEqual((await readAll(repository({ hasReservations: false }))).records, sampleRecords);
  assert.deepEqual((await readAll(repository({ records: [] }))).records, []);
});

test('a record that breaks its format is read past', async () => {
  const broken = Buffer.from([2, 0, 0x51, 0x01, 3, 1, 2, 3]);
  const records = [encoded[0], broken, encoded[2]].map((record) => record ?? Buffer.alloc(0));
  const [, error, third] = (await readAll(repository({ records }))).records;
  assert.ok(error instanceof ProtocolError);
  assert.match(error.message, /sensor data record 2: entity id/);
  assert.deepEqual(third, sampleRecords[2]);
});

test('a last record that never comes is an error beside the others', async () => {
  const whole = repository();
  const script: Script = (netFn, command, data) =>
    command === 0x23 && data.readUInt16LE(2) === encoded.length ? 0xc3 : whole(netFn, command, data);
  const { records } = await readAll(script);
  assert.deepEqual(records.slice(0, -1), sampleRecords.slice(0, -1));
  assert.ok(records.at(-1) instanceof CompletionCodeError);
});

test('a repository that leads in a circle is an error', async () => {
  const script = scriptOf({ '0a/22': [1, 0], '0a/23': [1, 0, ...(encoded[0] ?? [])] });
  await assert.rejects(readAll(script), /record 1 comes twice/);
});
