// The chassis: who it is, its lights, and what is in it (schema Chassis).
import { checkParameters, checkProperties, isOneOf, isText } from '../http/checks.ts';
import type { Model } from '../models/model.ts';
import type { At, Body, Route } from '../types.ts';
import { newRoutes } from './environment-new.ts';
import { oldRoutes } from './environment-old.ts';
import {
  action,
  chassisPath,
  collectionRoute,
  healthyWithRollup,
  link,
  links,
  managerPath,
  resource,
  root,
  systemPath,
} from './shape.ts';
import { store, withStored } from './stored.ts';
import { indicatorFields, indicatorsOf, storeIndicators } from './system.ts';

function chassisBody(at: At): Body {
  const { bmc } = at;
  const { model } = bmc;
  const path = chassisPath(model);
  const below = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, link(`${path}/${name}`)]));
  return {
    ...resource(model, 'Chassis', model.ids.chassis, 'Chassis'),
    ChassisType: 'RackMount',
    Manufacturer: model.manufacturer,
    Model: model.systemModel,
    SKU: model.sku,
    SerialNumber: bmc.serialNumber,
    PartNumber: `${model.sku}-P`,
    AssetTag: '',
    UUID: bmc.uuid,
    PowerState: bmc.machine.power,
    Status: healthyWithRollup,
    ...(model.environment === 'new' ? {} : below(['Power', 'Thermal'])),
    ...(model.environment === 'old'
      ? {}
      : below(['PowerSubsystem', 'ThermalSubsystem', 'Sensors', 'EnvironmentMetrics'])),
    ...below(['PCIeDevices']),
    Links: {
      ComputerSystems: links([systemPath(model)]),
      ManagedBy: links([managerPath(model)]),
      Drives: links(
        model.storage.flatMap(({ id, drives }) =>
          drives.map((drive) => `${systemPath(model)}/Storage/${id}/Drives/${drive.id}`),
        ),
      ),
    },
    Actions: action(path, 'Chassis.Reset', { ResetType: ['On', 'ForceOff'] }),
  };
}

export function chassisRoutes(model: Model): readonly Route[] {
  const path = chassisPath(model);
  const read = (at: At) => ({ ...withStored(at, chassisBody(at)), ...indicatorsOf(at) });
  return [
    collectionRoute(`${root}/Chassis`, 'Chassis', 'Chassis Collection', [model.ids.chassis]),
    {
      path,
      get: read,
      patch: (call) => {
        checkProperties(call.body, { AssetTag: isText, ...indicatorFields(model) }, read(call));
        const others = storeIndicators(call, call.body);
        if (Object.keys(others).length > 0) store(call, others);
        return undefined;
      },
    },
    {
      path: `${path}/Actions/Chassis.Reset`,
      post: async ({ bmc, body }) => {
        checkParameters('Chassis.Reset', body, { ResetType: isOneOf(['On', 'ForceOff']) });
        await bmc.machine.change(body.ResetType === 'On' ? 'on' : 'off');
        return undefined;
      },
    },
    ...(model.environment === 'new' ? [] : oldRoutes(model)),
    ...(model.environment === 'old' ? [] : newRoutes(model)),
  ];
}
