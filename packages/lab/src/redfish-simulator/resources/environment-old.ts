// Power and cooling in the resources of old (schemas Power, Thermal).
import type { Model } from '../models/model.ts';
import type { At, Body, Route } from '../types.ts';
import { ofType, readingOf, stateOf, supplies, supplyWatts, watts } from './sensors.ts';
import { chassisPath, healthy, resource } from './shape.ts';

function thermal({ bmc, path }: At): Body {
  const { model } = bmc;
  return {
    ...resource(model, 'Thermal', 'Thermal', 'Thermal'),
    Temperatures: ofType('Temperature').map((sensor, index) => ({
      '@odata.id': `${path}#/Temperatures/${index}`,
      MemberId: String(index),
      Name: sensor.name,
      SensorNumber: index + 1,
      ReadingCelsius: readingOf(bmc, sensor),
      LowerThresholdCritical: sensor.limits[0],
      UpperThresholdNonCritical: sensor.limits[1],
      UpperThresholdCritical: sensor.limits[2],
      MinReadingRangeTemp: -20,
      MaxReadingRangeTemp: 125,
      PhysicalContext: sensor.context,
      Status: stateOf(bmc, sensor),
    })),
    Fans: ofType('Rotational').map((sensor, index) => ({
      '@odata.id': `${path}#/Fans/${index}`,
      MemberId: String(index),
      Name: sensor.name,
      FanName: sensor.name,
      Reading: readingOf(bmc, sensor),
      ReadingUnits: 'RPM',
      LowerThresholdCritical: sensor.limits[0],
      UpperThresholdCritical: sensor.limits[2],
      PhysicalContext: sensor.context,
      Status: healthy,
    })),
    Redundancy: [],
  };
}

function power({ bmc, path }: At): Body {
  const { model } = bmc;
  return {
    ...resource(model, 'Power', 'Power', 'Power'),
    PowerControl: [
      {
        '@odata.id': `${path}#/PowerControl/0`,
        MemberId: '0',
        Name: 'System Power Control',
        PowerConsumedWatts: watts(bmc),
        PowerCapacityWatts: supplyWatts * supplies.length,
        PowerLimit: { LimitInWatts: null },
        PowerMetrics: {
          IntervalInMin: 1,
          MinConsumedWatts: 12,
          MaxConsumedWatts: 240,
          AverageConsumedWatts: watts(bmc),
        },
        Status: healthy,
      },
    ],
    Voltages: ofType('Voltage').map((sensor, index) => ({
      '@odata.id': `${path}#/Voltages/${index}`,
      MemberId: String(index),
      Name: sensor.name,
      ReadingVolts: readingOf(bmc, sensor),
      LowerThresholdCritical: sensor.limits[0],
      UpperThresholdCritical: sensor.limits[2],
      PhysicalContext: sensor.context,
      Status: stateOf(bmc, sensor),
    })),
    PowerSupplies: supplies.map((name, index) => ({
      '@odata.id': `${path}#/PowerSupplies/${index}`,
      MemberId: String(index),
      Name: name,
      PowerSupplyType: 'AC',
      LineInputVoltage: 230,
      LineInputVoltageType: 'ACHighLine',
      PowerCapacityWatts: supplyWatts,
      LastPowerOutputWatts: (watts(bmc) ?? 0) / supplies.length,
      Model: 'EX-800P',
      Manufacturer: 'Example Power',
      SerialNumber: `${bmc.serialNumber}-P${index}`,
      FirmwareVersion: '1.00',
      Status: healthy,
    })),
    Redundancy: [],
  };
}

/** The resources of old. */
export const oldRoutes = (model: Model): readonly Route[] => [
  { path: `${chassisPath(model)}/Power`, get: power },
  { path: `${chassisPath(model)}/Thermal`, get: thermal },
];
