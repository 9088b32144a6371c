// DCMI, PICMG and the configuration of serial over LAN: the same values as ipmitool, and what is sent.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startStandAloneBmc } from '@wrought/lab';
import fc from 'fast-check';
import {
  dcmiTemperatureEntities,
  getAssetTag,
  getDcmiSensorRecords,
  getManagementControllerIdentifier,
  getTemperatureReadings,
  setAssetTag,
  setManagementControllerIdentifier,
} from '../../src/commands/dcmi.ts';
import { dcmiCapabilities, decodePeriod, getDcmiCapabilities } from '../../src/commands/dcmi-capabilities.ts';
import { activatePowerLimit, getPowerLimit, getPowerReading, setPowerLimit } from '../../src/commands/dcmi-power.ts';
import { getPicmgProperties } from '../../src/commands/picmg.ts';
import { getSolParameter, setSolParameter, solParameters } from '../../src/commands/sol-configuration.ts';
import { CompletionCodeError, ProtocolError } from '../../src/errors.ts';
import { fieldsOf } from '../support/peer-text.ts';
import { ipmitoolLogin, printedBy, sessionWith } from '../support/peers.ts';
import { ipmitoolSays, type ScriptedAnswer, scriptedConnection, scriptOf } from '../support/scripted-bmc.ts';

const group = 0xdc;

test('power readings are what ipmitool prints', async () => {
  const watts = fc.nat(0xffff);
  await fc.assert(
    fc.asyncProperty(watts, watts, watts, watts, fc.boolean(), async (current, minimum, maximum, average, active) => {
      const answer = Buffer.alloc(18, 0);
      answer[0] = group;
      for (const [index, value] of [current, minimum, maximum, average].entries())
        answer.writeUInt16LE(value, 1 + 2 * index);
      answer.writeUInt32LE(1_767_225_600, 9);
      answer.writeUInt32LE(60_000, 13);
      answer[17] = active ? 0x40 : 0;
      const script = scriptOf({ '2c/02': answer });
      const ours = await getPowerReading(scriptedConnection(script));
      const theirs = fieldsOf(await ipmitoolSays(script, ['dcmi', 'power', 'reading']));
      assert.equal(`${ours.current} Watts`, theirs.get('Instantaneous power reading'));
      assert.equal(`${ours.minimum} Watts`, theirs.get('Minimum during sampling period'));
      assert.equal(`${ours.maximum} Watts`, theirs.get('Maximum during sampling period'));
      assert.equal(`${ours.average} Watts`, theirs.get('Average power reading over sample period'));
      assert.match(theirs.get('IPMI timestamp') ?? '', /^01\/01\/26 00:00:00/);
      assert.match(theirs.get('IPMI timestamp') ?? '', new RegExp(`0*${ours.periodMilliseconds / 1000} Seconds`));
      assert.equal(ours.timestamp, 1_767_225_600);
      assert.equal(ours.active ? 'activated' : 'deactivated', theirs.get('Power reading state is'));
    }),
    { numRuns: 10 },
  );
});

test('averages over a period are asked for with its byte', async () => {
  const connection = scriptedConnection(scriptOf({ '2c/02': [group, ...Array.from({ length: 17 }, () => 0)] }));
  await getPowerReading(connection);
  await getPowerReading(connection, 0x45);
  assert.deepEqual(connection.asked, ['2c02dc010000', '2c02dc024500']);
  assert.deepEqual([0x05, 0x45, 0x85, 0xc5].map(decodePeriod), [5, 300, 18_000, 432_000]);
});

test('power limits are read, set and activated', async () => {
  const limit = { exceptionAction: 'log', watts: 300, correctionMilliseconds: 1000, samplingSeconds: 5 } as const;
  const script = scriptOf({
    '2c/03': [group, 0, 0, 0x11, 0x2c, 1, 0xe8, 3, 0, 0, 0, 0, 5, 0],
    '2c/04': [group],
    '2c/05': [group],
  });
  const connection = scriptedConnection(script);
  assert.deepEqual(await getPowerLimit(connection), limit);
  const theirs = fieldsOf(await ipmitoolSays(script, ['dcmi', 'power', 'get_limit']));
  assert.equal(theirs.get('Power Limit'), '300 Watts');
  assert.equal(theirs.get('Correction time'), '1000 milliseconds');
  assert.equal(theirs.get('Sampling period'), '5 seconds');
  await setPowerLimit(connection, limit);
  await activatePowerLimit(connection, true);
  assert.deepEqual(connection.asked.slice(1), ['2c04dc000000112c01e803000000000500', '2c05dc010000']);
  assert.equal(await getPowerLimit(scriptedConnection(scriptOf({ '2c/03': 0x80 }))), undefined);
});

/** A BMC that keeps texts in pieces of at most 16 bytes, and refuses to read past their end. */
function textBmc() {
  const texts = { '06': Buffer.alloc(0), '09': Buffer.from([0]) };
  const get =
    (key: keyof typeof texts) =>
    (data: Buffer): ScriptedAnswer => {
      const [, offset = 0, count = 0] = data;
      const text = texts[key];
      if (count > 16 || offset > text.length) return 0xc9;
      return [group, text.length, ...text.subarray(offset, offset + count)];
    };
  const set =
    (key: keyof typeof texts) =>
    (data: Buffer): ScriptedAnswer => {
      const [, offset = 0, count = 0] = data;
      if (count > 16 || data.length !== 3 + count) return 0xc7;
      texts[key] = Buffer.concat([texts[key].subarray(0, offset), data.subarray(3)]);
      return [group, texts[key].length];
    };
  return scriptOf({ '2c/06': get('06'), '2c/08': set('06'), '2c/09': get('09'), '2c/0a': set('09') });
}

test('asset tags and identifiers of every length survive, and ipmitool reads them', async () => {
  const script = textBmc();
  const connection = scriptedConnection(script);
  for (const length of [0, 1, 15, 16, 17, 32, 62, 63]) {
    const text = 'rack-4-unit-12-'.repeat(5).slice(0, length);
    await setAssetTag(connection, text);
    await setManagementControllerIdentifier(connection, text);
    assert.equal(await getAssetTag(connection), text);
    assert.equal(await getManagementControllerIdentifier(connection), text);
    if (length > 0) {
      assert.equal(fieldsOf(await ipmitoolSays(script, ['dcmi', 'asset_tag'])).get('Asset tag'), text);
    }
  }
  const written = await ipmitoolSays(script, ['dcmi', 'set_asset_tag', 'written-by-ipmitool']);
  assert.match(written, /written-by-ipmitool/);
  assert.equal(await getAssetTag(connection), 'written-by-ipmitool');
  await assert.rejects(setAssetTag(connection, 'x'.repeat(64)), /has 64 bytes; 63 are allowed/);
  const marked = scriptOf({ '2c/06': [group, 6, 0xef, 0xbb, 0xbf, 0xc3, 0xbc, 0x31] });
  assert.equal(await getAssetTag(scriptedConnection(marked)), 'ü1');
});

test('temperatures are what ipmitool prints, also those that need several answers', async () => {
  const temperatures = Array.from({ length: 11 }, (_, index) => ({ celsius: index * 5 - 20, instance: index + 1 }));
  const script = scriptOf({
    '2c/10': (data) => {
      const start = (data[4] || 1) - 1;
      const some = temperatures.slice(start, start + 8);
      const bytes = some.flatMap(({ celsius, instance }) => [celsius < 0 ? 0x80 | -celsius : celsius, instance]);
      return [group, temperatures.length, some.length, ...bytes];
    },
    '2c/07': [group, 1, 1, 5, 0],
  });
  const connection = scriptedConnection(script);
  assert.deepEqual(await getTemperatureReadings(connection, dcmiTemperatureEntities.inlet), temperatures);
  assert.deepEqual(await getDcmiSensorRecords(connection, dcmiTemperatureEntities.inlet), [5]);
  const few = scriptOf({ '2c/10': [group, 2, 2, 25, 1, 0x85, 2] });
  const ours = await getTemperatureReadings(scriptedConnection(few), dcmiTemperatureEntities.inlet);
  const theirs = await ipmitoolSays(few, ['dcmi', 'get_temp_reading']);
  for (const { celsius, instance } of ours) {
    assert.match(theirs, new RegExp(`Inlet.*\\t${instance}\\t\\t\\${celsius < 0 ? '-' : '+'}${Math.abs(celsius)} C`));
  }
});

test('the capabilities are what ipmitool prints', async () => {
  const data: Readonly<Record<number, readonly number[]>> = {
    1: [0, 1, 7],
    2: [0xe8, 0x83, 0, 0, 5],
    3: [0x20, 0x01],
    4: [1, 0xff, 2],
    5: [2, 0x05, 0x41],
  };
  const script = scriptOf({ '2c/01': (request) => [group, 1, 5, 2, ...(data[request[1] ?? 0] ?? [])] });
  const connection = scriptedConnection(script);
  const text = await ipmitoolSays(script, ['dcmi', 'discover']);
  const { version, value } = await getDcmiCapabilities(connection, dcmiCapabilities.supported);
  assert.equal(version, '1.5');
  assert.equal(value.powerManagement, /Power management available/.test(text));
  assert.equal(value.access.secondaryLan, /secondary LAN channel available/.test(text));
  const mandatory = await getDcmiCapabilities(connection, dcmiCapabilities.mandatory);
  assert.match(text, new RegExp(`${mandatory.value.selEntries} SEL entries`));
  assert.equal(mandatory.value.selRollover, /rollover is enabled/.test(text));
  assert.equal(mandatory.value.temperatureSamplingSeconds, 5);
  const power = await getDcmiCapabilities(connection, dcmiCapabilities.powerManagement);
  assert.deepEqual(power.value, { address: 0x20, channel: 0, revision: 1 });
  const channels = await getDcmiCapabilities(connection, dcmiCapabilities.channels);
  assert.deepEqual(channels.value, { primaryLan: 1, secondaryLan: undefined, serial: 2 });
  const statistics = await getDcmiCapabilities(connection, dcmiCapabilities.powerStatistics);
  assert.deepEqual(
    statistics.value.map(({ seconds }) => seconds),
    [5, 60],
  );
});

test('the PICMG properties are what ipmitool prints, also of the simulator', async (t) => {
  const script = scriptOf({ '2c/00': [0, 0x32, 4, 1] });
  const ours = await getPicmgProperties(scriptedConnection(script));
  assert.deepEqual(ours, { version: '2.3', highestFruDeviceId: 4, controllerFruDeviceId: 1 });
  assert.match(await ipmitoolSays(script, ['picmg', 'properties']), /Version : 2\.3/);
  const bmc = await startStandAloneBmc({ emulated: { atca: true } });
  t.after(() => bmc.stop());
  const { client, session } = sessionWith(bmc);
  t.after(() => client.close());
  const simulated = await getPicmgProperties(session);
  const theirs = fieldsOf(await printedBy('ipmitool', [...ipmitoolLogin(bmc), 'picmg', 'properties']));
  assert.equal(simulated.version, theirs.get('PICMG Ext. Version'));
  assert.equal(simulated.highestFruDeviceId, Number(theirs.get('Max FRU Device ID')));
});

test('an answer for another group is an error', async () => {
  const connection = scriptedConnection(scriptOf({ '2c/02': [0x00, 1, 2], '2c/06': 0xc1 }));
  await assert.rejects(getPowerReading(connection), (error: unknown) => error instanceof ProtocolError);
  await assert.rejects(getAssetTag(connection), (error: unknown) => error instanceof CompletionCodeError);
});

test('the configuration of serial over LAN is what ipmitool prints, and is set', async () => {
  const values: Record<number, readonly number[]> = {
    0: [0],
    1: [1],
    2: [0xc4],
    3: [12, 96],
    4: [6, 20],
    5: [0x0a],
    6: [9],
    7: [1],
    8: [0x6f, 2],
  };
  const script = scriptOf({
    '06/42': [1, 4, 1, 0x80, 0xf2, 0x1b, 0, 0, 0],
    '0c/22': (data) => [0x11, ...(values[data[1] ?? 0] ?? [])],
    '0c/21': (data) => {
      values[data[1] ?? 0] = [...data.subarray(2)];
      return [];
    },
  });
  const connection = scriptedConnection(script);
  const theirs = fieldsOf(await ipmitoolSays(script, ['sol', 'info', '1']));
  assert.equal(String(await getSolParameter(connection, 1, solParameters.enable)), theirs.get('Enabled'));
  const authentication = await getSolParameter(connection, 1, solParameters.authentication);
  assert.equal(String(authentication.forceEncryption), theirs.get('Force Encryption'));
  assert.equal(String(authentication.privilege).toUpperCase(), theirs.get('Privilege Level'));
  const accumulation = await getSolParameter(connection, 1, solParameters.accumulation);
  assert.equal(String(accumulation.intervalMilliseconds), theirs.get('Character Accumulate Level (ms)'));
  assert.equal(String(accumulation.threshold), theirs.get('Character Send Threshold'));
  const retry = await getSolParameter(connection, 1, solParameters.retry);
  assert.equal(String(retry.count), theirs.get('Retry Count'));
  assert.equal(String(retry.intervalMilliseconds), theirs.get('Retry Interval (ms)'));
  const rate = await getSolParameter(connection, 1, solParameters.nonVolatileBitRate);
  assert.equal(Number(rate) / 1000, Number(theirs.get('Non-Volatile Bit Rate (kbps)')));
  assert.equal(String(await getSolParameter(connection, 1, solParameters.payloadPort)), theirs.get('Payload Port'));
  await setSolParameter(connection, 1, solParameters.volatileBitRate, '115200');
  await setSolParameter(connection, 1, solParameters.retry, { count: 3, intervalMilliseconds: 500 });
  const changed = fieldsOf(await ipmitoolSays(script, ['sol', 'info', '1']));
  assert.equal(changed.get('Volatile Bit Rate (kbps)'), '115.2');
  assert.equal(changed.get('Retry Interval (ms)'), '500');
});
