// The system event log: records in both directions, events in words, and the same log as ipmitool and FreeIPMI read.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type StandAloneBmc, startStandAloneBmc } from '@wrought/lab';
import fc from 'fast-check';
import { expandSharedRecord } from '../../src/commands/sdr/compact-sensor.ts';
import { encodeSdr, isSensorRecord, type SensorRecord } from '../../src/commands/sdr/record.ts';
import { sensorTypes } from '../../src/commands/sdr/sensor-types.ts';
import { describeEvent, isSensorOfEvent, selTime } from '../../src/commands/sel/describe.ts';
import { decodeSelRecord, encodeSelRecord, type SelRecord } from '../../src/commands/sel/record.ts';
import {
  addSelEntry,
  clearSel,
  deleteSelEntry,
  getSelInfo,
  getSelTime,
  getSelTimeUtcOffset,
  readSel,
  reserveSel,
  setSelTime,
  setSelTimeUtcOffset,
} from '../../src/commands/sel.ts';
import { ProtocolError } from '../../src/errors.ts';
import type { Client, Session } from '../../src/index.ts';
import { fieldsOf } from '../support/peer-text.ts';
import { freeIpmiLogin, ipmitoolLogin, printedBy, sessionWith } from '../support/peers.ts';
import { sampleEvents } from '../support/sample-events.ts';
import { sampleRecords, sampleSensors } from '../support/sample-records.ts';
import { ipmitoolSays, type ScriptedAnswer, scriptedConnection, scriptOf } from '../support/scripted-bmc.ts';

let bmc: StandAloneBmc;
let client: Client;
let session: Session;
let log: SelRecord[];

before(async () => {
  bmc = await startStandAloneBmc({
    emulated: {
      sdrs: sampleRecords.map(encodeSdr),
      sensors: sampleSensors,
      events: sampleEvents.map(encodeSelRecord),
    },
  });
  ({ client, session } = sessionWith(bmc));
  log = await Array.fromAsync(readSel(session));
});
after(async () => {
  await client.close();
  await bmc.stop();
});

const sensors = sampleRecords
  .filter(isSensorRecord)
  .flatMap((sensor): SensorRecord[] => (sensor.type === 'full sensor' ? [sensor] : expandSharedRecord(sensor)));

const ipmitool = (...args: string[]) => printedBy('ipmitool', [...ipmitoolLogin(bmc), ...args]);
const freeIpmi = (program: string, ...args: string[]) => printedBy(program, [...freeIpmiLogin(bmc), ...args]);

const recordBytes = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes));

/** Without the bits that the specification reserves. */
function defined(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  if (copy[2] === 0x02) copy[8] = (copy[8] ?? 0) & 0xf3;
  return copy;
}

test('records of every type survive both directions', () => {
  const type = fc.constantFrom(0x02, 0xc0, 0xdf, 0xe0, 0xff, 0x55);
  fc.assert(
    fc.property(recordBytes, type, (bytes, recordType) => {
      const given = defined(Buffer.from([...bytes.subarray(0, 2), recordType, ...bytes.subarray(3)]));
      assert.deepEqual(encodeSelRecord(decodeSelRecord(given)), given);
    }),
    { numRuns: 1000 },
  );
});

test('records that are no 16 bytes are errors', () => {
  for (const length of [0, 2, 15, 17]) {
    for (const recordType of [0x02, 0xc0, 0xe0]) {
      const bytes = Buffer.alloc(length, recordType);
      assert.throws(() => decodeSelRecord(bytes), ProtocolError);
    }
  }
});

test('the log of the simulator is what it was given, but for the time', () => {
  // ipmi_sim writes the time of its own clock into each record that has one.
  const untimed = (record: SelRecord) => ('timestamp' in record ? { ...record, timestamp: 0 } : record);
  assert.deepEqual(log.map(untimed), sampleEvents.map(untimed));
});

test('the state of the log is what ipmitool and ipmi-sel print', async () => {
  const info = await getSelInfo(session);
  const theirs = fieldsOf(await ipmitool('sel', 'info'));
  assert.equal(String(info.entryCount), theirs.get('Entries'));
  assert.equal(`${info.freeSpace} bytes`, theirs.get('Free Space'));
  assert.match(theirs.get('Version') ?? '', new RegExp(`^${info.version} `));
  assert.equal(String(info.supports.overflow), theirs.get('Overflow'));
  const others = fieldsOf(await freeIpmi('ipmi-sel', '--info'));
  assert.equal(String(info.entryCount), others.get('Number of log entries'));
  assert.equal(`${info.freeSpace} bytes`, others.get('Free space remaining'));
  assert.equal(`Post-Init ${info.lastAddition} s`, others.get('Recent addition timestamp'));
  assert.equal(info.supports.delete, others.get('Delete SEL Command') === 'supported');
});

/** "a: b : c" of `ipmitool -v sel list`, a block a record. */
const verboseBlocks = (text: string) =>
  text
    .trim()
    .split(/\n\n+/)
    .map(fieldsOf)
    .filter((fields) => fields.has('SEL Record ID'));

test('events are field by field what ipmitool prints', async () => {
  const script = scriptOf(logScript(sampleEvents));
  const blocks = verboseBlocks(await ipmitoolSays(script, ['-v', 'sel', 'list']));
  // With -v it prints the date twice and no time of day.
  const lines = (await ipmitoolSays(script, ['-c', 'sel', 'list'])).trim().split('\n');
  const times = lines.map((line) => line.split(',').slice(1, 3).join(' ').trim());
  const ours = await Array.fromAsync(readSel(scriptedConnection(script)));
  assert.equal(blocks.length, ours.length);
  for (const [index, record] of ours.entries()) {
    const theirs = blocks[index] ?? new Map<string, string>();
    assert.equal(record.recordId, Number.parseInt(theirs.get('SEL Record ID') ?? '', 16));
    if (record.type === 'OEM') continue;
    assert.equal(ipmitoolTime(record.timestamp), times[index], String(record.recordId));
    if (record.type === 'OEM timestamped') {
      assert.equal(record.manufacturerId, Number.parseInt(theirs.get('Manufactacturer ID') ?? '', 16));
      continue;
    }
    assert.equal(record.sensorNumber, Number.parseInt(theirs.get('Sensor Number') ?? '', 16));
    assert.equal(record.messageRevision, Number(theirs.get('EvM Revision')));
    assert.match(theirs.get('Event Direction') ?? '', new RegExp(`^${record.direction} event$`, 'i'));
    assert.equal(Buffer.from(record.data).toString('hex'), theirs.get('Event Data'));
  }
});

/** How ipmitool writes a timestamp. */
function ipmitoolTime(timestamp: number): string {
  const time = selTime(timestamp);
  if (time === undefined) return 'Unspecified Unspecified';
  if ('secondsSinceStart' in time) return `Pre-Init  ${String(timestamp).padStart(10, '0')}`;
  const [year, month, rest = ''] = time.date.toISOString().split('-');
  const [day, clock = ''] = rest.split('T');
  return `${month}/${day}/${year?.slice(2)} ${clock.slice(0, 8)} UTC`;
}

function logScript(records: readonly SelRecord[]): Record<string, ScriptedAnswer | ((data: Buffer) => ScriptedAnswer)> {
  const count = Buffer.alloc(2);
  count.writeUInt16LE(records.length);
  return {
    '0a/40': [0x51, ...count, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x0a],
    '0a/42': [1, 0],
    '0a/43': (data) => {
      const index = Math.max(0, data.readUInt16LE(2) - 1);
      const record = records[index];
      if (record === undefined) return 0xcb;
      const next = index + 1 < records.length ? index + 2 : 0xffff;
      return [next & 0xff, next >> 8, ...encodeSelRecord(record)];
    },
  };
}

test('readings and thresholds of events are what ipmi-sel prints', async () => {
  const cache = ['--quiet-cache', '--sdr-cache-recreate'];
  const text = await freeIpmi('ipmi-sel', ...cache, '--comma-separated-output', '--no-header-output');
  const lines = text
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  assert.equal(lines.length, log.length);
  for (const [index, record] of log.entries()) {
    if (record.type !== 'system event') continue;
    const [, , , name = '', typeName = '', ...rest] = lines[index] ?? [];
    const text = rest.join(',');
    const sensor = sensors.find((candidate) => isSensorOfEvent(candidate, record));
    const ours = describeEvent(record, sensor);
    assert.equal(ours.sensor ?? `Sensor #${record.sensorNumber}`, name.replace(/ {2,}/g, ' '));
    if (record.sensorType < 0xc0) assert.equal(ours.sensorType.toLowerCase(), typeName.toLowerCase());
    const { triggerReading, triggerThreshold } = ours;
    if (triggerReading?.value !== undefined) {
      assert.match(text, new RegExp(`Sensor Reading = ${triggerReading.value.toFixed(2)} `));
      assert.match(text, new RegExp(`Threshold = ${triggerThreshold?.value?.toFixed(2)} `));
    }
    for (const detail of ours.details) assert.match(text, detailWords[detail] ?? new RegExp(detail, 'i'));
    assert.equal(/OEM Event Data2 code = 12h/.test(text), ours.oemData.data2 === 0x12);
  }
});

/** FreeIPMI's words for details where they are not ours. */
const detailWords: Readonly<Record<string, RegExp>> = {
  'memory module 7': /Event Data3 = 07h/,
  'firmware ROM corrupted': /ROM corruption detected/,
  'starting OS boot': /Starting operating system boot/,
  '90 % full': /90% full/,
  'second of two': /second of pair/,
  'SEL clock': /SEL Timestamp Clock/,
  'channel 1': /(#|= )1\b/,
  'user 2': /Event Data2 = 02h/,
  'by Close Session': /by Close Session/,
};

test('the states of the table are those that ipmitool knows', async () => {
  // One event for each sensor type and offset, and for each generic event type and offset.
  const specific = sensorTypes.flatMap((_, sensorType) => offsets.map((offset) => [sensorType, 0x6f, offset] as const));
  const generic = Array.from({ length: 11 }, (_, index) => index + 2).flatMap((eventType) =>
    offsets.map((offset) => [0x15, eventType, offset] as const),
  );
  const events = [...specific, ...generic].map(
    ([sensorType, eventType, offset], index): SelRecord => ({
      type: 'system event',
      recordId: index + 1,
      timestamp: 0xffffffff,
      generator: { kind: 'controller', address: 0x20, channel: 0, lun: 0 },
      messageRevision: 4,
      sensorType,
      sensorNumber: 1,
      direction: 'assertion',
      eventType,
      data: [offset, 0xff, 0xff],
    }),
  );
  const blocks = verboseBlocks(await ipmitoolSays(scriptOf(logScript(events)), ['-v', 'sel', 'list']));
  assert.equal(blocks.length, events.length);
  const differences: string[] = [];
  for (const [index, event] of events.entries()) {
    if (event.type !== 'system event') continue;
    const { state, offset } = describeEvent(event);
    const isKnown = state !== `state ${offset}`;
    const theirs = blocks[index]?.get('Description') ?? '';
    if (isKnown !== (theirs !== ''))
      differences.push(`${event.sensorType}/${event.eventType}/${offset}: ${state}, ${theirs}`);
  }
  assert.deepEqual(differences, knownDifferences);
});
const offsets = Array.from({ length: 15 }, (_, offset) => offset);
/** In the specification, and unknown to ipmitool 1.8.19. */
const knownDifferences: readonly string[] = [
  '16/111/6: correctable machine check error logging disabled, ',
  '34/111/13: reserved, ',
  '42/111/0: session activated, ',
  '42/111/1: session deactivated, ',
  '42/111/2: invalid user name or password, ',
  '42/111/3: invalid password disable, ',
  '43/111/1: firmware or software change, ',
  '43/111/7: firmware or software change successful, ',
];

test('events are added, deleted and cleared', async () => {
  const own = await startStandAloneBmc({});
  const { client: ownClient, session: ownSession } = sessionWith(own);
  try {
    const connection = ownSession;
    assert.deepEqual(await Array.fromAsync(readSel(connection)), []);
    const [first, second] = sampleEvents;
    assert.ok(first !== undefined && second !== undefined);
    const id = await addSelEntry(connection, first);
    await addSelEntry(connection, second);
    assert.equal((await getSelInfo(connection)).entryCount, 2);
    await deleteSelEntry(connection, id);
    const left = await Array.fromAsync(readSel(connection));
    assert.deepEqual(
      left.map((record) => record.type === 'system event' && record.data),
      [[0x59, 0x8f, 0x90]],
    );
    await clearSel(connection);
    assert.equal((await getSelInfo(connection)).entryCount, 0);
    assert.match(await printedBy('ipmitool', [...ipmitoolLogin(own), 'sel', 'info']), /Entries +: 0/);
  } finally {
    await ownClient.close();
    await own.stop();
  }
});

test('the clock of the log is set and read', async () => {
  const connection = session;
  await setSelTime(connection, 1_767_225_600);
  const time = await getSelTime(connection);
  assert.ok(time >= 1_767_225_600 && time < 1_767_225_600 + 60, String(time));
  assert.match(await ipmitool('sel', 'time', 'get'), /^01\/01\/26 00:0/);
});

test('clearing waits for the erasure, and takes a new reservation when its own was cancelled', async () => {
  const answers: ScriptedAnswer[] = [0xc5, [0], [0], [1]];
  const connection = scriptedConnection(scriptOf({ '0a/42': [7, 0], '0a/47': () => answers.shift() ?? 0xff }));
  await clearSel(connection, { pollMilliseconds: 1 });
  const operations = connection.asked.filter((asked) => asked.startsWith('0a47'));
  assert.deepEqual(operations, [...['0a470700434c52aa', '0a470700434c52aa', '0a470700434c5200', '0a470700434c5200']]);
  const never = scriptedConnection(scriptOf({ '0a/42': [7, 0], '0a/47': [0] }));
  await assert.rejects(clearSel(never, { timeoutMilliseconds: 5, pollMilliseconds: 1 }), /still erases after 5 ms/);
});

test('BMCs without reservations, and the UTC offset', async () => {
  const connection = scriptedConnection(scriptOf({ '0a/42': 0xc1, '0a/5c': [0xc4, 0xff], '0a/5d': [] }));
  assert.equal(await reserveSel(connection), 0);
  assert.equal(await getSelTimeUtcOffset(connection), -60);
  await setSelTimeUtcOffset(connection, 120);
  assert.equal(connection.asked.at(-1), '0a5d7800');
  assert.equal(await getSelTimeUtcOffset(scriptedConnection(scriptOf({ '0a/5c': [0xff, 0x07] }))), undefined);
});
