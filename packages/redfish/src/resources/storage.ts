// Storage of a system: controllers and drives, in the old place and the new (Storage, StorageController, Drive, SimpleStorage schemas).
import { hasAction } from '../action.ts';
import type { Answer, CallOptions, Client } from '../client.ts';
import { UnsupportedError } from '../errors.ts';
import type { Fields } from '../fields.ts';
import { Resource } from '../resource.ts';
import { readStatus, type Status } from './health.ts';
import { getIfThere } from './if-there.ts';

export interface StorageController {
  readonly id: string;
  readonly name: string | undefined;
  readonly manufacturer: string | undefined;
  readonly model: string | undefined;
  readonly serialNumber: string | undefined;
  readonly firmwareVersion: string | undefined;
  readonly speedGbps: number | undefined;
  /** RAID types that it can make, such as `RAID1`; empty when it does not say. */
  readonly raidTypes: readonly string[];
  readonly deviceProtocols: readonly string[];
  /** What is written about it, with what manufacturers add; undefined for those inside of Storage. */
  readonly resource: Resource | undefined;
  readonly status: Status;
}

export interface Storage {
  readonly resource: Resource;
  readonly path: string;
  readonly id: string;
  readonly name: string | undefined;
  readonly controllers: readonly StorageController[];
  readonly drivePaths: readonly string[];
  /** Undefined where volumes cannot be seen. */
  readonly volumesPath: string | undefined;
  readonly status: Status;
}

export interface Drive {
  readonly resource: Resource;
  readonly path: string;
  readonly id: string;
  readonly name: string | undefined;
  readonly manufacturer: string | undefined;
  readonly model: string | undefined;
  readonly serialNumber: string | undefined;
  readonly partNumber: string | undefined;
  readonly revision: string | undefined;
  readonly capacityBytes: number | undefined;
  /** `HDD`, `SSD` and so on. */
  readonly mediaType: string | undefined;
  /** `SATA`, `SAS`, `NVMe` and so on. */
  readonly protocol: string | undefined;
  readonly rotationSpeedRpm: number | undefined;
  readonly isFailurePredicted: boolean | undefined;
  readonly lifeLeftPercent: number | undefined;
  readonly hotspareType: string | undefined;
  /** Name of an identifier by its format: `NAA`, `EUI`, `UUID`, `NGUID`. */
  readonly identifiers: Readonly<Record<string, string>>;
  readonly volumePaths: readonly string[];
  readonly status: Status;
}

function controllerOf(fields: Fields): StorageController {
  return {
    id: fields.text('MemberId') ?? fields.text('Id') ?? fields.pointer.split('/').at(-1) ?? '',
    name: fields.text('Name'),
    manufacturer: fields.text('Manufacturer'),
    model: fields.text('Model'),
    serialNumber: fields.text('SerialNumber'),
    firmwareVersion: fields.text('FirmwareVersion'),
    speedGbps: fields.number('SpeedGbps'),
    raidTypes: [...fields.strings('SupportedRAIDTypes')],
    deviceProtocols: fields.strings('SupportedDeviceProtocols'),
    resource: fields instanceof Resource ? fields : undefined,
    status: readStatus(fields),
  };
}

async function controllersOf(client: Client, storage: Resource, options: CallOptions): Promise<StorageController[]> {
  const inside = storage.objects('StorageControllers');
  const collection = inside.length > 0 ? undefined : storage.link('Controllers');
  const found = collection === undefined ? inside : await client.members(collection, options);
  return found.map((fields) => {
    const controller = controllerOf(fields);
    // Since Storage v1.9 RAID types are that of all the storage, or in an object of the controller.
    const raidTypes =
      [controller.raidTypes, storage.strings('SupportedRAIDTypes')].find((each) => each.length > 0) ?? [];
    return { ...controller, raidTypes };
  });
}

/** Reads all storage of a system with its controllers; none where the service shows none. */
export async function listStorage(client: Client, system: Resource, options: CallOptions = {}): Promise<Storage[]> {
  const collection = system.link('Storage');
  const found: Storage[] = [];
  for (const resource of collection === undefined ? [] : await client.members(collection, options)) {
    found.push({
      resource,
      path: resource.path,
      id: resource.id,
      name: resource.text('Name'),
      controllers: await controllersOf(client, resource, options),
      drivePaths: resource.links('Drives'),
      volumesPath: resource.link('Volumes'),
      status: readStatus(resource),
    });
  }
  return found;
}

/** Reads one drive. */
export function readDrive(resource: Resource): Drive {
  const identifiers: Record<string, string> = {};
  for (const each of resource.objects('Identifiers')) {
    const name = each.text('DurableName');
    if (name !== undefined) identifiers[each.text('DurableNameFormat') ?? 'unknown'] = name;
  }
  return {
    resource,
    path: resource.path,
    id: resource.id,
    name: resource.text('Name'),
    manufacturer: resource.text('Manufacturer'),
    model: resource.text('Model'),
    serialNumber: resource.text('SerialNumber'),
    partNumber: resource.text('PartNumber'),
    revision: resource.text('Revision') ?? resource.text('FirmwareVersion'),
    capacityBytes: resource.number('CapacityBytes'),
    mediaType: resource.text('MediaType'),
    protocol: resource.text('Protocol'),
    rotationSpeedRpm: resource.number('RotationSpeedRPM'),
    isFailurePredicted: resource.boolean('FailurePredicted'),
    lifeLeftPercent: resource.number('PredictedMediaLifeLeftPercent'),
    hotspareType: resource.text('HotspareType'),
    identifiers,
    volumePaths: resource.object('Links')?.links('Volumes') ?? [],
    status: readStatus(resource),
  };
}

/** Reads the drives of a storage; those that are gone are reported and left out. */
export async function readDrives(client: Client, storage: Storage, options: CallOptions = {}): Promise<Drive[]> {
  const found: Drive[] = [];
  for (const path of storage.drivePaths) {
    const drive = await getIfThere(client, path, options);
    if (drive !== undefined) found.push(readDrive(drive));
  }
  return found;
}

/** A device of SimpleStorage, which has no more than this. */
export interface SimpleDevice {
  readonly name: string | undefined;
  readonly manufacturer: string | undefined;
  readonly model: string | undefined;
  readonly capacityBytes: number | undefined;
  readonly status: Status;
}

/** Reads the devices of SimpleStorage, for services that have no Storage. */
export async function readSimpleStorage(
  client: Client,
  system: Resource,
  options: CallOptions = {},
): Promise<SimpleDevice[]> {
  const collection = system.link('SimpleStorage');
  const controllers = collection === undefined ? [] : await client.members(collection, options);
  return controllers.flatMap((controller) =>
    controller.objects('Devices').map((device) => ({
      name: device.text('Name'),
      manufacturer: device.text('Manufacturer'),
      model: device.text('Model'),
      capacityBytes: device.number('CapacityBytes'),
      status: readStatus(device),
    })),
  );
}

/** Erases a drive so that nobody can read it again. */
export const secureErase = (client: Client, drive: Resource, options?: CallOptions): Promise<Answer> =>
  client.action(drive, 'Drive.SecureErase', {}, options);

/**
 * Sets a storage back to what the factory set: `ResetAll` deletes its volumes too.
 *
 * @throws UnsupportedError when the storage does not offer it.
 */
export function resetStorage(
  client: Client,
  storage: Storage,
  type: 'ResetAll' | 'PreserveVolumes',
  options: CallOptions = {},
): Promise<Answer> {
  if (!hasAction(storage.resource, 'Storage.ResetToDefaults')) {
    throw new UnsupportedError(storage.resource.named('POST'), 'the storage cannot be reset');
  }
  return client.action(storage.resource, 'Storage.ResetToDefaults', { ResetType: type }, options);
}
