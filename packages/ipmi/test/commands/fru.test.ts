// FRU inventories: both directions, damage as data, reading in parts, and the same content as ipmitool and FreeIPMI print.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type StandAloneBmc, startStandAloneBmc } from '@wrought/lab';
import fc from 'fast-check';
import {
  areaFields,
  decodeFruArea,
  encodeFruArea,
  type FruArea,
  type FruAreaName,
} from '../../src/commands/fru/areas.ts';
import { decodeFruInventory, encodeFruInventory, fruExtent } from '../../src/commands/fru/inventory.ts';
import { decodeMultiRecords, encodeMultiRecords } from '../../src/commands/fru/multi-record.ts';
import { getFruInventoryAreaInfo, readFru, readFruBytes } from '../../src/commands/fru.ts';
import { encodeSdr } from '../../src/commands/sdr/record.ts';
import type { Client, Session } from '../../src/index.ts';
import { fieldsOf } from '../support/peer-text.ts';
import { freeIpmiLogin, ipmitoolLogin, printedBy, sessionWith } from '../support/peers.ts';
import { sampleFruContents, sampleFrus } from '../support/sample-fru.ts';
import { sampleRecords } from '../support/sample-records.ts';
import { scriptedConnection, scriptOf } from '../support/scripted-bmc.ts';

let bmc: StandAloneBmc;
let client: Client;
let session: Session;
before(async () => {
  bmc = await startStandAloneBmc({ emulated: { sdrs: sampleRecords.map(encodeSdr), frus: sampleFrus } });
  ({ client, session } = sessionWith(bmc));
});
after(async () => {
  await client.close();
  await bmc.stop();
});

const textField = fc
  .string({ unit: fc.integer({ min: 0x21, max: 0xff }).map((code) => String.fromCharCode(code)), maxLength: 40 })
  .map((text) => ({ text, encoding: 'text' as const }));
const binaryField = fc
  .uint8Array({ maxLength: 40 })
  .map((bytes) => ({ text: Buffer.from(bytes).toString('hex'), encoding: 'binary' as const }));
const field = fc.oneof(textField, binaryField);

function arbitraryArea<Name extends FruAreaName>(name: Name): fc.Arbitrary<FruArea<Name>> {
  const fields = Object.fromEntries(areaFields[name].map((key) => [key, field]));
  const arbitrary = fc.record(
    {
      language: name === 'chassis' ? fc.constant(0) : fc.constantFrom(0, 25, 7),
      chassisType: name === 'chassis' ? fc.nat(0xff) : fc.constant(undefined),
      manufactured:
        name === 'board'
          ? fc.integer({ min: 1, max: 0xffffff }).map((minutes) => new Date(Date.UTC(1996, 0, 1) + minutes * 60_000))
          : fc.constant(undefined),
      fields: fc.record(fields, { noNullPrototype: true }),
      custom: fc.array(field, { maxLength: 3 }),
    },
    { noNullPrototype: true },
  );
  return arbitrary as unknown as fc.Arbitrary<FruArea<Name>>;
}

/** Texts of languages other than English have two bytes a character and hold half as many. */
const fits = (area: FruArea<FruAreaName>) =>
  [...Object.values(area.fields), ...area.custom].every(
    ({ text, encoding }) => encoding === 'binary' || text.length < 32,
  );

test('areas survive both directions', () => {
  for (const name of ['chassis', 'board', 'product'] as const) {
    fc.assert(
      fc.property(arbitraryArea(name).filter(fits), (area) => {
        assert.deepEqual(decodeFruArea(name, encodeFruArea(name, area)), { area, problems: [] });
      }),
      { numRuns: 300 },
    );
  }
});

test('multirecords of unknown types survive both directions', () => {
  const record = fc.record(
    {
      recordType: fc.integer({ min: 4, max: 0xbf }),
      data: fc.uint8Array({ maxLength: 255 }).map((data) => Buffer.from(data)),
    },
    { noNullPrototype: true },
  );
  fc.assert(
    fc.property(fc.array(record, { minLength: 1, maxLength: 5 }), (records) => {
      const expected = records.map((given) => ({ type: 'other' as const, ...given }));
      assert.deepEqual(decodeMultiRecords(encodeMultiRecords(records)), { records: expected, problems: [] });
    }),
  );
});

test('a damaged inventory tells what is wrong and what can be read all the same', () => {
  const whole = sampleFrus[0] ?? Buffer.alloc(0);
  const damaged = Buffer.from(whole);
  // A letter of the chassis part number.
  damaged[12] = 0x58;
  const inventory = decodeFruInventory(damaged);
  assert.deepEqual(inventory.problems, ['chassis area: checksum is wrong']);
  assert.equal(inventory.chassis?.fields.serialNumber?.text, 'CHS0012345');
  assert.deepEqual(inventory.product, decodeFruInventory(whole).product);
  assert.deepEqual(decodeFruInventory(Buffer.alloc(0)).problems, ['common header: cut off']);
  assert.deepEqual(decodeFruInventory(Buffer.alloc(8)).problems, ['common header: format version 0 instead of 1']);
  assert.deepEqual(decodeFruInventory(Buffer.from([1, 0, 0, 0, 0, 0, 0, 0])).problems, [
    'common header: checksum is wrong',
  ]);
  const cut = decodeFruInventory(whole.subarray(0, whole.length - 8));
  assert.match(cut.problems[0] ?? '', /^product area: \d+ bytes at byte \d+ do not fit$/);
});

test('no damage makes decoding fail, and no extent leads beyond the largest device', () => {
  const mutation = fc.array(fc.tuple(fc.nat(400), fc.nat(0xff)), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(fc.constantFrom(0, 1), mutation, fc.nat(400), (id, changes, length) => {
      const bytes = Buffer.from(sampleFrus[id] ?? Buffer.alloc(0)).subarray(0, length);
      for (const [at, value] of changes) if (at < bytes.length) bytes[at] = value;
      decodeFruInventory(bytes);
      assert.ok(fruExtent(bytes) <= 0xff * 8 + 0xff * 8 + bytes.length + 260);
    }),
    { numRuns: 20_000 },
  );
});

test('a device is read in parts, and only as far as its content reaches', async () => {
  const content = sampleFrus[1] ?? Buffer.alloc(0);
  const device = Buffer.concat([content, Buffer.alloc(4096, 0xff)]);
  for (const [most, unit] of [
    [255, 1],
    [32, 1],
    [10, 1],
    [32, 2],
  ] as const) {
    const script = scriptOf({
      '0a/10': [device.length & 0xff, device.length >> 8, unit - 1],
      '0a/11': (data) => {
        const offset = data.readUInt16LE(1) * unit;
        const count = (data[3] ?? 0) * unit;
        if (count > most) return 0xca;
        return [count / unit, ...device.subarray(offset, offset + count)];
      },
    });
    const connection = scriptedConnection(script);
    assert.deepEqual((await readFruBytes(connection, 1)).subarray(0, content.length), content);
    assert.ok(connection.asked.length < 5 + content.length / Math.min(most / 2, 64), String(connection.asked.length));
    assert.equal((await readFruBytes(connection, 1, { whole: true })).length, device.length);
  }
});

/** ipmitool's names of the fields. */
const ipmitoolNames = {
  chassis: { partNumber: 'Chassis Part Number', serialNumber: 'Chassis Serial' },
  board: {
    manufacturer: 'Board Mfg',
    productName: 'Board Product',
    serialNumber: 'Board Serial',
    partNumber: 'Board Part Number',
  },
  product: {
    manufacturer: 'Product Manufacturer',
    productName: 'Product Name',
    partNumber: 'Product Part Number',
    version: 'Product Version',
    serialNumber: 'Product Serial',
    assetTag: 'Product Asset Tag',
  },
} as const;

test('the inventory is what ipmitool prints', async () => {
  const connection = session;
  for (const id of [0, 1]) {
    const inventory = await readFru(connection, id);
    assert.deepEqual(inventory.problems, []);
    const theirs = fieldsOf(await printedBy('ipmitool', [...ipmitoolLogin(bmc), 'fru', 'print', String(id)]));
    for (const [area, names] of Object.entries(ipmitoolNames)) {
      const fields: Partial<Record<string, { text: string }>> | undefined =
        inventory[area as keyof typeof ipmitoolNames]?.fields;
      for (const [name, label] of Object.entries(names)) {
        assert.equal(fields?.[name]?.text ?? '', theirs.get(label) ?? '', `${id}: ${label}`);
      }
    }
    if (id === 0)
      assert.equal(new Date(theirs.get('Board Mfg Date') ?? '').getTime(), inventory.board?.manufactured?.getTime());
    assert.equal(inventory.product?.custom[0]?.text, theirs.get('Product Extra'));
  }
});

test('the inventory is what ipmi-fru prints, power supply records too', async () => {
  const text = await printedBy('ipmi-fru', [
    ...freeIpmiLogin(bmc),
    '--quiet-cache',
    '--sdr-cache-recreate',
    '--device-id=1',
  ]);
  const theirs = fieldsOf(text);
  const inventory = await readFru(session, 1);
  assert.equal(inventory.product?.fields.productName?.text, theirs.get('FRU Product Name'));
  const [supply, output, load, access, oem] = inventory.multiRecords;
  assert.ok(supply?.type === 'power supply' && output?.type === 'DC output' && load?.type === 'DC load');
  assert.ok(access?.type === 'management access' && oem?.type === 'OEM');
  assert.equal(`${supply.capacity} Watts`, theirs.get('FRU Power Supply Overall Capacity'));
  assert.equal(`${supply.peakVoltAmperes} VA`, theirs.get('FRU Power Supply Peak VA'));
  const [first, second] = supply.inputRanges;
  assert.equal(millivolts(first?.lowest), theirs.get('FRU Power Supply Low End Input Voltage 1'));
  assert.equal(millivolts(first?.highest), theirs.get('FRU Power Supply High End Input Voltage 1'));
  assert.equal(millivolts(second?.lowest), theirs.get('FRU Power Supply Low End Input Voltage 2'));
  assert.equal(millivolts(second?.highest), theirs.get('FRU Power Supply High End Input Voltage 2'));
  assert.equal(`${supply.inputFrequency.lowest} Hz`, theirs.get('FRU Power Supply Low End Acceptable Frequency'));
  assert.equal(supply.hotSwap, theirs.get('FRU Power Supply Hot Swap Support') === 'Yes');
  assert.equal(supply.autoswitch, theirs.get('FRU Power Supply AutoSwitch Supprt') === 'Yes');
  assert.equal(`${supply.peak.watts} Watts`, theirs.get('FRU Power Supply Peak Capacity'));
  assert.equal(`${supply.peak.seconds} s`, theirs.get('FRU Power Supply Hold Up Time'));
  assert.equal(millivolts(output.nominalVoltage), theirs.get('FRU DC Output Nominal Voltage'));
  assert.equal(
    millivolts(output.maximumNegativeDeviation),
    theirs.get('FRU DC Output Maximum Negative Voltage Deviation'),
  );
  assert.equal(`${output.highestCurrent * 1000} mA`, theirs.get('FRU DC Output Maximum Current Draw'));
  assert.equal(millivolts(load.highestVoltage), theirs.get("FRU DC Load Spec'd Maximum Voltage"));
  assert.equal(access.value, theirs.get('FRU Management Access System Management URL'));
  assert.match(theirs.get('FRU OEM Manufacturer ID') ?? '', new RegExp(`\\(${oem.manufacturerId.toString(16)}h\\)`));
});

const millivolts = (volts = 0) => `${Math.round(volts * 1000)} mV`;

test('the device of the simulator is as large as its content, and others are not there', async () => {
  const connection = session;
  const { size, byWords } = await getFruInventoryAreaInfo(connection, 0);
  assert.deepEqual({ size, byWords }, { size: sampleFrus[0]?.length, byWords: false });
  assert.deepEqual(await readFruBytes(connection, 0), sampleFrus[0]);
  // ipmi_sim answers so where the specification has 0xcb.
  await assert.rejects(readFru(connection, 9), /0xcc/);
  assert.deepEqual(encodeFruInventory(sampleFruContents[0] ?? {}), sampleFrus[0]);
});
