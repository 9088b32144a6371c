// Readings of a chassis from each of the resources that services have for them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chassisOf, readChassis, readChassisReadings, readPowerMetrics } from '../../src/index.ts';
import { clientOf, root, startService, type Table } from '../support/service.ts';

const path = '/redfish/v1/Chassis/1';
const link = (name: string) => ({ '@odata.id': `${path}/${name}` });
const members = (name: string, ...ids: readonly string[]) => ({ Members: ids.map((id) => link(`${name}/${id}`)) });

async function readingsOf(table: Table) {
  const service = await startService({ 'GET /redfish/v1/': root(), ...table });
  const client = clientOf(service);
  const chassis = await client.get(path);
  return {
    client,
    readings: await readChassisReadings(client, chassis),
    power: await readPowerMetrics(client, chassis),
    async [Symbol.asyncDispose]() {
      await client.close();
      await service[Symbol.asyncDispose]();
    },
  };
}

test('Thermal and Power', async () => {
  await using it = await readingsOf({
    [`GET ${path}`]: { Thermal: link('Thermal'), Power: link('Power') },
    [`GET ${path}/Thermal`]: {
      Temperatures: [
        {
          MemberId: '0',
          Name: 'Inlet',
          ReadingCelsius: 21.5,
          UpperThresholdCritical: 42,
          Status: { State: 'Enabled', Health: 'OK' },
        },
        null,
      ],
      Fans: [
        { MemberId: '0', FanName: 'Fan 1', Reading: 30, ReadingUnits: 'Percent' },
        { Name: 'Fan 2', ReadingRPM: 4200 },
      ],
    },
    [`GET ${path}/Power`]: {
      PowerControl: [
        {
          PowerConsumedWatts: 210,
          PowerCapacityWatts: 800,
          PowerLimit: { LimitInWatts: null },
          PowerMetrics: { IntervalInMin: 20, MinConsumedWatts: 180, AverageConsumedWatts: 200, MaxConsumedWatts: 260 },
        },
      ],
      PowerSupplies: [
        {
          MemberId: '1',
          Name: 'PSU 1',
          LastPowerOutputWatts: 105,
          LineInputVoltage: 230,
          Status: { Health: 'Critical' },
        },
      ],
      Voltages: [{ MemberId: '0', Name: '12V', ReadingVolts: 12.1 }],
    },
  });
  const { sensors, powerSupplies } = it.readings;
  assert.deepEqual(it.readings.power, it.power, 'read along with the rest');
  assert.deepEqual(
    sensors.map(({ kind, name, reading, unit }) => [kind, name, reading, unit]),
    [
      ['temperature', 'Inlet', 21.5, 'Cel'],
      ['fan', 'Fan 1', 30, '%'],
      ['fan', 'Fan 2', 4200, 'RPM'],
      ['voltage', '12V', 12.1, 'V'],
    ],
  );
  assert.equal(sensors[0]?.thresholds.upperCritical, 42);
  assert.equal(sensors[2]?.id, '1');
  assert.equal(powerSupplies[0]?.outputWatts, 105);
  assert.equal(powerSupplies[0]?.status.health, 'Critical');
  assert.deepEqual(it.power, {
    consumedWatts: 210,
    capacityWatts: 800,
    limitWatts: undefined,
    minimumWatts: 180,
    averageWatts: 200,
    maximumWatts: 260,
    intervalMinutes: 20,
    energyKWh: undefined,
  });
});

test('Sensors, PowerSubsystem and EnvironmentMetrics', async () => {
  await using it = await readingsOf({
    [`GET ${path}`]: {
      Sensors: link('Sensors'),
      PowerSubsystem: link('PowerSubsystem'),
      EnvironmentMetrics: link('EnvironmentMetrics'),
    },
    [`GET ${path}/Sensors`]: members('Sensors', 'cpu', 'fan'),
    [`GET ${path}/Sensors/cpu`]: {
      Id: 'cpu',
      Name: 'CPU',
      ReadingType: 'Temperature',
      Reading: 55,
      ReadingUnits: 'Cel',
      Thresholds: { UpperCritical: { Reading: 95 } },
    },
    [`GET ${path}/Sensors/fan`]: {
      Id: 'fan',
      Name: 'Fan',
      ReadingType: 'Percent',
      PhysicalContext: 'Fan',
      Reading: 40,
      ReadingUnits: '%',
    },
    [`GET ${path}/PowerSubsystem`]: { PowerSupplies: link('PowerSubsystem/PowerSupplies') },
    [`GET ${path}/PowerSubsystem/PowerSupplies`]: members('PowerSubsystem/PowerSupplies', '0'),
    [`GET ${path}/PowerSubsystem/PowerSupplies/0`]: {
      Id: '0',
      Name: 'PSU',
      Metrics: link('PowerSubsystem/PowerSupplies/0/Metrics'),
    },
    [`GET ${path}/PowerSubsystem/PowerSupplies/0/Metrics`]: {
      InputPowerWatts: { Reading: 120 },
      InputVoltage: { Reading: 231 },
    },
    [`GET ${path}/EnvironmentMetrics`]: {
      PowerWatts: { Reading: 118 },
      PowerLimitWatts: { SetPoint: 500, ControlMode: 'Automatic' },
    },
  });
  assert.deepEqual(
    it.readings.sensors.map(({ kind, id, reading }) => [kind, id, reading]),
    [
      ['temperature', 'cpu', 55],
      ['fan', 'fan', 40],
    ],
  );
  assert.equal(it.readings.sensors[0]?.thresholds.upperCritical, 95);
  assert.equal(it.readings.powerSupplies[0]?.inputWatts, 120);
  assert.deepEqual(it.readings.power, it.power);
  assert.equal(it.power?.consumedWatts, 118);
  assert.equal(it.power?.limitWatts, 500);
});

test('ThermalSubsystem alone, and links that lead nowhere', async () => {
  await using it = await readingsOf({
    [`GET ${path}`]: { Power: link('Power'), ThermalSubsystem: link('ThermalSubsystem') },
    [`GET ${path}/ThermalSubsystem`]: {
      Fans: link('ThermalSubsystem/Fans'),
      ThermalMetrics: link('ThermalSubsystem/ThermalMetrics'),
    },
    [`GET ${path}/ThermalSubsystem/Fans`]: members('ThermalSubsystem/Fans', '1'),
    [`GET ${path}/ThermalSubsystem/Fans/1`]: { Id: '1', Name: 'Fan 1', SpeedPercent: { Reading: 45, SpeedRPM: 3200 } },
    [`GET ${path}/ThermalSubsystem/ThermalMetrics`]: {
      TemperatureReadingsCelsius: [{ Reading: 33, DeviceName: 'Board', DataSourceUri: `${path}/Sensors/Board` }],
    },
  });
  assert.deepEqual(
    it.readings.sensors.map(({ kind, id, name, reading, unit }) => [kind, id, name, reading, unit]),
    [
      ['fan', '1', 'Fan 1', 3200, 'RPM'],
      ['temperature', 'Board', 'Board', 33, 'Cel'],
    ],
  );
  assert.equal(it.power, undefined);
  assert.ok(it.client.oddities.some((oddity) => oddity.path === `${path}/Power`));
});

test('a chassis without a meter has no power', async () => {
  await using it = await readingsOf({
    [`GET ${path}`]: { Power: link('Power') },
    [`GET ${path}/Power`]: { PowerControl: [{ MemberId: '0', PowerConsumedWatts: null }] },
  });
  assert.equal(it.power, undefined);
});

test('the chassis of a system', async () => {
  const table: Table = {
    'GET /redfish/v1/': root({ Chassis: { '@odata.id': '/redfish/v1/Chassis' } }),
    'GET /redfish/v1/Chassis': { Members: [{ '@odata.id': path }, { '@odata.id': '/redfish/v1/Chassis/2' }] },
    [`GET ${path}`]: { Id: '1', ChassisType: 'RackMount', SerialNumber: 'S1', Status: { HealthRollup: 'OK' } },
    'GET /redfish/v1/Chassis/2': { Id: '2' },
    'GET /redfish/v1/Systems/1': { Links: { Chassis: [{ '@odata.id': path }] } },
    'GET /redfish/v1/Systems/2': {},
  };
  await using service = await startService(table);
  await using client = clientOf(service);
  const [chassis] = await chassisOf(client, await client.get('/redfish/v1/Systems/1'));
  assert.ok(chassis !== undefined);
  const { chassisType, serialNumber, status } = readChassis(chassis);
  assert.deepEqual([chassisType, serialNumber, status.healthRollup], ['RackMount', 'S1', 'OK']);
  assert.equal((await chassisOf(client, await client.get('/redfish/v1/Systems/2'))).length, 2);
});
