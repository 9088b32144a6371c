// Power and cooling in the newer resources (schemas PowerSubsystem, ThermalSubsystem, Sensor, EnvironmentMetrics).
import type { RedfishBmc } from '../bmc.ts';
import type { Model } from '../models/model.ts';
import type { At, Body, Route } from '../types.ts';
import {
  inletSensor,
  ofType,
  powerSensor,
  readingOf,
  type SensorFact,
  sensors,
  stateOf,
  supplies,
  supplyWatts,
} from './sensors.ts';
import { chassisPath, collectionRoute, healthy, healthyWithRollup, link, resource } from './shape.ts';

const excerpt = (bmc: RedfishBmc, sensor: SensorFact): Body => ({
  DataSourceUri: `${chassisPath(bmc.model)}/Sensors/${sensor.id}`,
  Reading: readingOf(bmc, sensor),
});

/** The newer ones. */
export function newRoutes(model: Model): readonly Route[] {
  const path = chassisPath(model);
  const cooling = `${path}/ThermalSubsystem`;
  const supply = `${path}/PowerSubsystem`;
  const temperatures = ofType('Temperature');
  return [
    {
      path: cooling,
      get: () => ({
        ...resource(model, 'ThermalSubsystem', 'ThermalSubsystem', 'Thermal Subsystem'),
        Fans: link(`${cooling}/Fans`),
        ThermalMetrics: link(`${cooling}/ThermalMetrics`),
        Status: healthyWithRollup,
      }),
    },
    collectionRoute(
      `${cooling}/Fans`,
      'Fan',
      'Fans',
      ofType('Rotational').map(({ id }) => id),
    ),
    ...ofType('Rotational').map((sensor) => ({
      path: `${cooling}/Fans/${sensor.id}`,
      get: ({ bmc }: At) => ({
        ...resource(model, 'Fan', sensor.id, sensor.name),
        SpeedPercent: {
          DataSourceUri: `${path}/Sensors/${sensor.id}`,
          Reading: Math.round((100 * (readingOf(bmc, sensor) ?? 0)) / sensor.limits[2]),
          SpeedRPM: readingOf(bmc, sensor),
        },
        PhysicalContext: sensor.context,
        Status: healthy,
      }),
    })),
    {
      path: `${cooling}/ThermalMetrics`,
      get: ({ bmc }) => ({
        ...resource(model, 'ThermalMetrics', 'ThermalMetrics', 'Thermal Metrics'),
        TemperatureReadingsCelsius: temperatures.map((sensor) => ({
          ...excerpt(bmc, sensor),
          DeviceName: sensor.name,
        })),
      }),
    },
    {
      path: supply,
      get: () => ({
        ...resource(model, 'PowerSubsystem', 'PowerSubsystem', 'Power Subsystem'),
        CapacityWatts: supplyWatts * supplies.length,
        PowerSupplies: link(`${supply}/PowerSupplies`),
        Status: healthyWithRollup,
      }),
    },
    collectionRoute(`${supply}/PowerSupplies`, 'PowerSupply', 'Power Supplies', supplies),
    ...supplies.map((id, index) => ({
      path: `${supply}/PowerSupplies/${id}`,
      get: ({ bmc }: At) => ({
        ...resource(model, 'PowerSupply', id, id),
        PowerSupplyType: 'AC',
        PowerCapacityWatts: supplyWatts,
        Model: 'EX-800P',
        Manufacturer: 'Example Power',
        SerialNumber: `${bmc.serialNumber}-P${index}`,
        FirmwareVersion: '1.00',
        LineInputStatus: 'Normal',
        Status: healthy,
      }),
    })),
    collectionRoute(
      `${path}/Sensors`,
      'Sensor',
      'Sensors',
      sensors.map(({ id }) => id),
    ),
    ...sensors.map((sensor) => ({
      path: `${path}/Sensors/${sensor.id}`,
      get: ({ bmc }: At) => ({
        ...resource(model, 'Sensor', sensor.id, sensor.name),
        Reading: readingOf(bmc, sensor),
        ReadingType: sensor.type,
        ReadingUnits: sensor.units,
        PhysicalContext: sensor.context,
        Thresholds: {
          LowerCritical: { Reading: sensor.limits[0] },
          UpperCaution: { Reading: sensor.limits[1] },
          UpperCritical: { Reading: sensor.limits[2] },
        },
        Status: stateOf(bmc, sensor),
      }),
    })),
    {
      path: `${path}/EnvironmentMetrics`,
      get: ({ bmc }) => ({
        ...resource(model, 'EnvironmentMetrics', 'EnvironmentMetrics', 'Environment Metrics'),
        PowerWatts: excerpt(bmc, powerSensor),
        TemperatureCelsius: excerpt(bmc, inletSensor),
        FanSpeedsPercent: ofType('Rotational').map((sensor) => ({ ...excerpt(bmc, sensor), DeviceName: sensor.name })),
      }),
    },
  ];
}
