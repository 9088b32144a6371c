// Dell's RAID service: drives are given to RAID and taken from it, foreign ones cleared, and the mode of a controller changed.
import { asObject, checkParameters, checkProperties, isAny, isObject, isText, isTexts } from '../http/checks.ts';
import { Problem, problem } from '../http/problem.ts';
import type { Drive, Model, StorageModel } from '../models/model.ts';
import type { Answer, At, Body, Call, Route } from '../types.ts';
import { controllerModes, type DriveState, dellDrivesOf, isDellRaid } from './dell-drives.ts';
import { action, link, resource, systemPath } from './shape.ts';
import { startTask } from './tasks.ts';
import { storagePath, volumesOf } from './volumes.ts';

const service = 'DellRaidService';
const servicePath = (model: Model) => `${systemPath(model)}/Oem/Dell/${service}`;
const raidOf = (model: Model) => model.storage.filter((each) => isDellRaid(model, each));

/** Links of the system to it; none for others. */
export const dellSystemLinks = (model: Model): Body =>
  raidOf(model).length === 0 ? {} : { Oem: { Dell: { [service]: link(servicePath(model)) } } };

/** The drives that are named, all of one controller and in no volume. @throws Problem */
function namedDrives({ bmc, body }: Call, name: string): readonly [StorageModel, readonly Drive[]] {
  checkParameters(name, body, { PDArray: isTexts }, ['PDArray']);
  const ids = body.PDArray as readonly unknown[];
  for (const storage of raidOf(bmc.model)) {
    const drives = storage.drives.filter(({ id }) => ids.includes(id));
    if (drives.length === ids.length && drives.length > 0) {
      const volumes = volumesOf(bmc).of(storage.id);
      const used = drives.some(({ id }) => volumes.some((volume) => volume.drives.includes(id)));
      if (used || dellDrivesOf(bmc).mode === 'HBA') throw problem(400, 'ResourceInUse');
      return [storage, drives];
    }
  }
  throw problem(400, 'ActionParameterValueNotInList', JSON.stringify(ids), 'PDArray', name);
}

function convert(call: Call, name: string, from: DriveState, to: DriveState): Answer {
  const [storage, drives] = namedDrives(call, name);
  const state = dellDrivesOf(call.bmc);
  // What is so already is refused, as iDRACs do.
  if (drives.some((drive) => state.stateOf(storage, drive) !== from)) {
    throw problem(400, 'ActionParameterValueNotInList', drives.map(({ id }) => id).join(), 'PDArray', name);
  }
  const effect = () => {
    for (const drive of drives) state.set(drive, to);
  };
  return startTask(call.bmc, { name: `RAID: ${name}`, effect });
}

function clearForeign(call: Call, name: string): Answer {
  checkParameters(name, call.body, { TargetFQDD: isText }, ['TargetFQDD']);
  const state = dellDrivesOf(call.bmc);
  const storage = raidOf(call.bmc.model).find(({ id }) => id === call.body.TargetFQDD);
  const foreign = storage?.drives.filter((drive) => state.stateOf(storage, drive) === 'Foreign') ?? [];
  if (foreign.length === 0) {
    throw problem(400, 'ActionParameterValueNotInList', String(call.body.TargetFQDD), 'TargetFQDD', name);
  }
  const effect = () => {
    for (const drive of foreign) state.set(drive, 'Ready');
  };
  return startTask(call.bmc, { name: `RAID: ${name}`, effect });
}

const actions: Readonly<Record<string, (call: Call, name: string) => Answer>> = {
  'DellRaidService.ConvertToRAID': (call, name) => convert(call, name, 'NonRAID', 'Ready'),
  'DellRaidService.ConvertToNonRAID': (call, name) => convert(call, name, 'Ready', 'NonRAID'),
  'DellRaidService.ClearForeignConfig': clearForeign,
};

/** What a controller says besides; nothing by others. */
export function dellController({ bmc }: At, storage: StorageModel): Body {
  const { model } = bmc;
  if (!isDellRaid(model, storage)) return {};
  return {
    Oem: {
      Dell: {
        DellStorageController: {
          '@odata.type': '#DellStorageController.v1_1_0.DellStorageController',
          ControllerMode: dellDrivesOf(bmc).mode,
          SupportedControllerModes: controllerModes,
        },
      },
    },
    '@Redfish.Settings': {
      '@odata.type': '#Settings.v1_3_3.Settings',
      SettingsObject: link(`${storagePath(model, storage)}/Controllers/0/Settings`),
      SupportedApplyTimes: ['OnReset'],
    },
  };
}

function changeMode(call: Call, storage: StorageModel): Answer {
  checkProperties(call.body, { Oem: isObject }, { '@Redfish.SettingsApplyTime': isAny });
  const wanted = asObject(asObject(asObject(call.body.Oem)?.Dell)?.DellStorageController)?.ControllerMode;
  const mode = controllerModes.find((each) => each === wanted);
  if (mode === undefined) {
    throw new Problem(400, [{ key: 'PropertyValueNotInList', args: [String(wanted), 'ControllerMode'] }]);
  }
  if (volumesOf(call.bmc).of(storage.id).length > 0) throw problem(400, 'ResourceInUse');
  const effect = () => {
    dellDrivesOf(call.bmc).mode = mode;
  };
  return startTask(call.bmc, { name: `RAID: controller mode ${mode}`, waitsForBoot: true, effect });
}

export function dellRaidRoutes(model: Model): readonly Route[] {
  if (raidOf(model).length === 0) return [];
  const path = servicePath(model);
  const shown = Object.keys(actions).map((name) => action(path, name));
  return [
    {
      path,
      get: () => ({
        ...{ '@odata.type': '#DellRaidService.v1_3_0.DellRaidService', Id: service, Name: service },
        Actions: Object.assign({}, ...shown),
      }),
    },
    ...Object.entries(actions).map(
      ([name, run]): Route => ({ path: `${path}/Actions/${name}`, post: (call) => run(call, name) }),
    ),
    ...raidOf(model).map(
      (storage): Route => ({
        path: `${storagePath(model, storage)}/Controllers/0/Settings`,
        get: () => resource(model, 'StorageController', 'Settings', 'Controller settings'),
        patch: (call) => changeMode(call, storage),
      }),
    ),
  ];
}
