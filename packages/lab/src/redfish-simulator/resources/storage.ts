// Storage controllers and their drives (schemas Storage, StorageController, Drive).
import type { RedfishBmc } from '../bmc.ts';
import { isBoolean } from '../http/checks.ts';
import type { Drive, Model, StorageModel } from '../models/model.ts';
import type { At, Body, Route } from '../types.ts';
import { dellDrive } from './dell-drives.ts';
import { dellController } from './dell-raid.ts';
import {
  action,
  chassisPath,
  collectionRoute,
  healthy,
  healthyWithRollup,
  link,
  links,
  resource,
  systemPath,
} from './shape.ts';
import { storedRoute } from './stored.ts';
import { startTask } from './tasks.ts';
import { drivePath, driveSerial, storagePath, volumeRoutes, volumesOf } from './volumes.ts';

const rpmOfDisks = 7200;
const gbps = { SAS: 12, SATA: 6, NVMe: 64 } as const;

/** What a controller is, in both places where it may be told. */
const controllerBody = (model: Model, storage: StorageModel): Body => ({
  Manufacturer: model.manufacturer,
  Model: storage.controller,
  FirmwareVersion: '52.16.1',
  SpeedGbps: 12,
  SupportedControllerProtocols: ['PCIe'],
  SupportedDeviceProtocols: [...new Set(storage.drives.map(({ protocol }) => protocol))],
  SupportedRAIDTypes: storage.raid,
  Status: healthy,
});

function storageBody(model: Model, storage: StorageModel): Body {
  const path = storagePath(model, storage);
  const { controllers } = storage;
  return {
    ...resource(model, 'Storage', storage.id, storage.name),
    Status: healthyWithRollup,
    Drives: links(storage.drives.map(({ id }) => drivePath(model, storage, id))),
    'Drives@odata.count': storage.drives.length,
    ...(storage.raid.length === 0 ? {} : { Volumes: link(`${path}/Volumes`) }),
    ...(controllers === 'array' ? {} : { Controllers: link(`${path}/Controllers`) }),
    ...(controllers === 'collection'
      ? {}
      : {
          StorageControllers: [
            {
              '@odata.id': `${path}#/StorageControllers/0`,
              MemberId: '0',
              Name: storage.controller,
              ...controllerBody(model, storage),
            },
          ],
        }),
    Links: { Enclosures: links([chassisPath(model)]) },
  };
}

function driveBody(bmc: RedfishBmc, storage: StorageModel, drive: Drive, index: number): Body {
  const { model } = bmc;
  const path = drivePath(model, storage, drive.id);
  const volumes = volumesOf(bmc)
    .of(storage.id)
    .filter(({ drives }) => drives.includes(drive.id))
    .map(({ id }) => `${storagePath(model, storage)}/Volumes/${id}`);
  return {
    ...resource(model, 'Drive', drive.id, drive.name),
    Manufacturer: 'Example Drives',
    Model: `EX-${drive.media}-${drive.protocol}`,
    SerialNumber: driveSerial(bmc, storage, index),
    Revision: 'A1',
    CapacityBytes: drive.bytes,
    BlockSizeBytes: 512,
    MediaType: drive.media,
    Protocol: drive.protocol,
    NegotiatedSpeedGbs: gbps[drive.protocol],
    CapableSpeedGbs: gbps[drive.protocol],
    ...(drive.media === 'HDD' ? { RotationSpeedRPM: rpmOfDisks } : { PredictedMediaLifeLeftPercent: 100 }),
    FailurePredicted: false,
    HotspareType: bmc.settings.hotSpares.includes(drive.id) ? 'Global' : 'None',
    EncryptionAbility: 'None',
    Identifiers: [{ DurableNameFormat: 'NAA', DurableName: `5000c500${String(index).padStart(8, '0')}` }],
    PhysicalLocation: { PartLocation: { LocationType: 'Bay', LocationOrdinalValue: index, ServiceLabel: drive.name } },
    Status: healthy,
    LocationIndicatorActive: false,
    Links: { Volumes: links(volumes), Chassis: link(chassisPath(model)) },
    ...dellDrive(bmc, storage, drive, volumes.length > 0),
    Actions: action(path, 'Drive.SecureErase'),
  };
}

function oneStorage(model: Model, storage: StorageModel): readonly Route[] {
  const path = storagePath(model, storage);
  return [
    { path, get: () => storageBody(model, storage) },
    ...(storage.controllers === 'array'
      ? []
      : [
          collectionRoute(`${path}/Controllers`, 'StorageController', 'Controllers', ['0']),
          {
            path: `${path}/Controllers/0`,
            get: (at: At) => ({
              ...resource(model, 'StorageController', '0', storage.controller),
              ...controllerBody(model, storage),
              ...dellController(at, storage),
            }),
          },
        ]),
    ...storage.drives.flatMap((drive, index): Route[] => {
      const own = drivePath(model, storage, drive.id);
      return [
        storedRoute(own, { LocationIndicatorActive: isBoolean }, ({ bmc }) => driveBody(bmc, storage, drive, index)),
        {
          path: `${own}/Actions/Drive.SecureErase`,
          post: ({ bmc }) => startTask(bmc, { name: 'Secure erase', effect: () => {} }),
        },
      ];
    }),
    ...volumeRoutes(model, storage),
  ];
}

export const storageRoutes = (model: Model): readonly Route[] => [
  collectionRoute(
    `${systemPath(model)}/Storage`,
    'Storage',
    'Storage Collection',
    model.storage.map(({ id }) => id),
  ),
  ...model.storage.flatMap((storage) => oneStorage(model, storage)),
];
