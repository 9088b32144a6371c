// Sensors: single commands, and a whole machine on OpenIPMI's simulator beside ipmitool and FreeIPMI.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type StandAloneBmc, startStandAloneBmc } from '@wrought/lab';
import fc from 'fast-check';
import {
  readSensor,
  readSensors,
  readThresholds,
  type Sensor,
  thresholdStatus,
} from '../../src/commands/read-sensor.ts';
import { encodeSdr } from '../../src/commands/sdr/record.ts';
import { getDeviceSdrInfo, getSdrRepositoryInfo, readSdrs } from '../../src/commands/sdr-repository.ts';
import { recordsOf, snapshotSdrs } from '../../src/commands/sdr-snapshot.ts';
import {
  encodeSensorReading,
  getSensorEventEnable,
  getSensorHysteresis,
  getSensorReading,
  getSensorThresholds,
  getSensorType,
  reArmSensorEvents,
  setSensorHysteresis,
  setSensorThresholds,
} from '../../src/commands/sensors.ts';
import type { Client, Session } from '../../src/index.ts';
import { fieldsOf } from '../support/peer-text.ts';
import { freeIpmiLogin, ipmitoolLogin, printedBy, sessionWith } from '../support/peers.ts';
import { fullSensor, sampleRecords, sampleSensors } from '../support/sample-records.ts';
import { scriptedConnection, scriptOf } from '../support/scripted-bmc.ts';

let bmc: StandAloneBmc;
let client: Client;
let session: Session;
const sensors = new Map<string, Sensor>();

before(async () => {
  bmc = await startStandAloneBmc({ emulated: { sdrs: sampleRecords.map(encodeSdr), sensors: sampleSensors } });
  ({ client, session } = sessionWith(bmc));
  for await (const sensor of readSensors(session)) sensors.set(sensor.name, sensor);
});
after(async () => {
  await client.close();
  await bmc.stop();
});

const ipmitool = (...args: string[]) => printedBy('ipmitool', [...ipmitoolLogin(bmc), ...args]);
const freeIpmi = (program: string, ...args: string[]) => printedBy(program, [...freeIpmiLogin(bmc), ...args]);
const address = { sensorNumber: 1, lun: 0 };

test('the records of the simulator are those that it was given', async () => {
  assert.deepEqual(await Array.fromAsync(readSdrs(session)), sampleRecords);
});

test('a snapshot has the same records, and is taken again only when the BMC says that something changed', async () => {
  const snapshot = await snapshotSdrs(session);
  assert.deepEqual([...recordsOf(snapshot)], sampleRecords);
  assert.equal(await snapshotSdrs(session, snapshot), snapshot);
  assert.notEqual(await snapshotSdrs(session, { ...snapshot, stamp: 'another' }), snapshot);
  const named = await Array.fromAsync(readSensors(session, { records: recordsOf(snapshot) }), ({ name }) => name);
  assert.deepEqual(named, [...sensors.keys()]);
});

test('what a BMC does not date is read each time, and so is what it can not read to its end', async () => {
  const [first, second] = sampleRecords.map(encodeSdr);
  assert.ok(first !== undefined && second !== undefined);
  const script = (addition: number, lastAnswer: Buffer | number) => {
    const info = Buffer.alloc(14);
    info.writeUInt8(0x51, 0);
    info.writeUInt32LE(addition, 5);
    return scriptedConnection(
      scriptOf({
        '06/01': () => Buffer.from('2001014202002912003c0b', 'hex'),
        '0a/20': () => info,
        '0a/22': () => Buffer.of(1, 0),
        '0a/23': (data) => {
          // Before a record comes the id of the next one.
          if (data.readUInt16LE(2) === 0) return Buffer.concat([second.subarray(0, 2), first]);
          return typeof lastAnswer === 'number' ? lastAnswer : Buffer.concat([Buffer.of(0xff, 0xff), lastAnswer]);
        },
      }),
    );
  };
  const whole = await snapshotSdrs(script(7, second));
  assert.notEqual(whole.stamp, undefined);
  assert.deepEqual([...recordsOf(whole)], sampleRecords.slice(0, 2));
  // Bytes behind the end of a record are none of it.
  const padded = await snapshotSdrs(script(7, Buffer.concat([second, Buffer.alloc(3)])));
  assert.deepEqual(padded.bytes, whole.bytes);
  for (const [undated, count] of [
    [script(0xffffffff, second), 2],
    [script(8, 0xc3), 1],
  ] as const) {
    const snapshot = await snapshotSdrs(undated, whole);
    assert.equal(snapshot.stamp, undefined);
    assert.equal([...recordsOf(snapshot)].length, count);
  }
});

test('the repository is as large as ipmitool says', async () => {
  const info = await getSdrRepositoryInfo(session);
  const theirs = fieldsOf(await ipmitool('sdr', 'info'));
  assert.equal(String(info.recordCount), theirs.get('Record Count'));
  assert.equal(info.supports.reserve, theirs.get('Reserve SDR repository supported') === 'yes');
  assert.equal(info.recordCount, sampleRecords.length);
});

const statusWords = { ok: 'ok', nc: 'non-critical', cr: 'critical', nr: 'non-recoverable' } as const;
/** ipmitool's columns of thresholds. */
const thresholdColumns = [
  ...(['lowerNonRecoverable', 'lowerCritical', 'lowerNonCritical'] as const),
  ...(['upperNonCritical', 'upperCritical', 'upperNonRecoverable'] as const),
];

test('values, status, thresholds and states are what ipmitool prints', async () => {
  const lines = (await ipmitool('sensor'))
    .trim()
    .split('\n')
    .map((line) => line.split('|').map((cell) => cell.trim()));
  // ipmitool knows a shared record by its bare name, and leaves out sensors that only make events.
  const compared = lines.filter(([name]) => name !== 'PSU');
  assert.equal(compared.length, sensors.size - 3);
  for (const [name = '', value = '', unit, status = '', ...thresholds] of compared) {
    const sensor = sensors.get(name);
    assert.ok(sensor !== undefined, name);
    if (value === 'na') {
      assert.equal(sensor.reading, undefined, name);
      continue;
    }
    assert.ok(sensor.reading !== undefined, `${name}: ${sensor.unreadable}`);
    if (unit === 'discrete') {
      const bits = sensor.reading.states.reduce((sum, { offset }) => sum | (1 << offset), 0);
      assert.equal(bits, Number(value), name);
      continue;
    }
    assert.equal(sensor.reading.value?.toFixed(3), value, name);
    assert.equal(sensor.reading.status, statusWords[status as keyof typeof statusWords], name);
    const ours = await readThresholds(session, sensor.record);
    assert.deepEqual(
      thresholdColumns.map((column) => ours[column]?.toFixed(3)),
      thresholds,
      name,
    );
  }
});

/** FreeIPMI's words for units. */
const freeIpmiUnits: Readonly<Record<string, string>> = { '°C': 'C' };

test('values, units and shared sensors are what ipmi-sensors prints', async () => {
  const args = ['--shared-sensors', '--entity-sensor-names', '--comma-separated-output', '--no-header-output'];
  const text = await freeIpmi(
    'ipmi-sensors',
    '--shared-sensors',
    '--quiet-cache',
    '--sdr-cache-recreate',
    ...args.slice(2),
  );
  let compared = 0;
  for (const line of text.trim().split('\n')) {
    const [, rawName = '', typeName = '', reading = '', unit = ''] = line.split(',');
    const name = rawName.replace(/ {2,}/g, ' ');
    const sensor = sensors.get(name);
    assert.ok(sensor !== undefined, name);
    assert.equal(sensor.typeName, typeNames[typeName] ?? typeName.toLowerCase(), name);
    if (reading === 'N/A') assert.equal(sensor.reading?.value, undefined, name);
    else {
      assert.equal(sensor.reading?.value?.toFixed(2), reading, name);
      assert.equal(freeIpmiUnits[sensor.reading?.unit ?? ''] ?? sensor.reading?.unit, unit, name);
    }
    compared += 1;
  }
  // It leaves out the sensor that only makes events.
  assert.equal(compared, sensors.size - 1);
});

/** FreeIPMI's names of sensor types where they differ. */
const typeNames: Readonly<Record<string, string>> = { 'Other Units Based Sensor': 'other units-based sensor' };

test('the entities are those of ipmitool', async () => {
  const lines = (await ipmitool('sdr', 'elist', 'all')).trim().split('\n');
  for (const line of lines) {
    const [name = '', number = '', , entity = ''] = line.split('|').map((cell) => cell.trim());
    const record = sampleRecords.find((candidate) => 'id' in candidate && candidate.id.text.trim() === name);
    assert.ok(record !== undefined && 'entityId' in record, name);
    assert.equal(`${record.entityId}.${record.entityInstance}`, entity);
    if ('sensorNumber' in record) assert.equal(record.sensorNumber, Number.parseInt(number, 16));
  }
});

test('thresholds and hysteresis are set and read back', async () => {
  const connection = session;
  const before = await getSensorThresholds(connection, address);
  await setSensorThresholds(connection, address, { upperCritical: 0x99, lowerCritical: 7 });
  assert.deepEqual(await getSensorThresholds(connection, address), {
    ...before,
    upperCritical: 0x99,
    lowerCritical: 7,
  });
  const line = (await ipmitool('sensor')).split('\n').find((text) => text.startsWith('Inlet Temp'));
  assert.match(line ?? '', /\| 7\.000 .*\| 153\.000 /);
  await setSensorThresholds(connection, address, before);
});

test('type, event enables and re-arming of a sensor', async () => {
  const connection = session;
  assert.deepEqual(await getSensorType(connection, { sensorNumber: 24, lun: 0 }), { sensorType: 4, eventType: 0x0b });
  const enabled = await getSensorEventEnable(connection, address);
  assert.equal(enabled.scanningEnabled, true);
  assert.equal(enabled.eventsEnabled, true);
  await reArmSensorEvents(connection, address);
});

test('hysteresis and device SDRs from a script', async () => {
  const connection = scriptedConnection(scriptOf({ '04/25': [3, 4], '04/24': [], '04/20': [5, 0x83, 1, 2, 3, 4] }));
  assert.deepEqual(await getSensorHysteresis(connection, address), { positive: 3, negative: 4 });
  await setSensorHysteresis(connection, address, { positive: 1, negative: 2 });
  assert.equal(connection.asked.at(-1), '042401ff0102');
  assert.deepEqual(await getDeviceSdrInfo(connection), {
    count: 5,
    isDynamic: true,
    lunsWithSensors: [0, 1],
    populationChange: 0x04030201,
  });
});

test('a non-linear sensor is converted with the factors of its reading', async () => {
  const connection = scriptedConnection(
    scriptOf({ '04/2d': [20, 0xc0, 0], '04/23': (data) => [30, data[1] ?? 0, 0, 5, 0, 0, 0] }),
  );
  const sensor = await readSensor(connection, fullSensor(9, 'Curve', { linearization: 0x70 }));
  assert.equal(sensor.reading?.value, 20 * 20 + 5);
});

test('sensors of other controllers are asked over the way that is given', async () => {
  const records = [fullSensor(1, 'Far', { ownerId: 0x2c }), fullSensor(2, 'Software', { ownerId: 0x41 })];
  const bytes = records.map((record, index) => encodeSdr({ ...record, recordId: index, version: '1.5' }));
  const script = scriptOf({
    '0a/22': [1, 0],
    '0a/23': (data) => [data[2] === 0 ? 1 : 0xff, data[2] === 0 ? 0 : 0xff, ...(bytes[data[2] ?? 0] ?? [])],
  });
  const near = scriptedConnection(script);
  const [unreachable, software] = await Array.fromAsync(readSensors(near));
  assert.match(unreachable?.unreadable ?? '', /controller 0x2c on channel 0/);
  assert.match(software?.unreadable ?? '', /software on the machine/);
  const far = scriptedConnection(scriptOf({ '04/2d': [33, 0xc0, 0] }));
  const [reached] = await Array.fromAsync(readSensors(near, { connectionTo: () => far }));
  assert.equal(reached?.reading?.value, 33);
});

test('readings that a BMC withholds say why', async () => {
  const unreadable = async (answer: readonly number[] | number) =>
    (await readSensor(scriptedConnection(scriptOf({ '04/2d': answer })), fullSensor(1, 's'))).unreadable;
  assert.match((await unreadable([1, 0xe0, 0])) ?? '', /no reading is available/);
  assert.match((await unreadable([1, 0x80, 0])) ?? '', /not scanned/);
  assert.match((await unreadable(0xcb)) ?? '', /0xcb/);
  assert.match((await unreadable([1])) ?? '', /state flags/);
});

test('the raw reading survives both directions', async () => {
  const reading = fc.record(
    {
      raw: fc.nat(0xff),
      eventsEnabled: fc.boolean(),
      scanningEnabled: fc.boolean(),
      unavailable: fc.boolean(),
      states: fc.nat(0x7fff),
    },
    { noNullPrototype: true },
  );
  await fc.assert(
    fc.asyncProperty(reading, async (value) => {
      const connection = scriptedConnection(scriptOf({ '04/2d': encodeSensorReading(value) }));
      assert.deepEqual(await getSensorReading(connection, address), value);
    }),
  );
  assert.deepEqual([0, 1, 2, 4, 8, 0x18, 0x3f].map(thresholdStatus), [
    ...['ok', 'non-critical', 'critical', 'non-recoverable', 'non-critical', 'critical', 'non-recoverable'],
  ]);
});
