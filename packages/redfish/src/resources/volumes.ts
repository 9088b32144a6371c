// Volumes of a storage, made and deleted the way each service wants it (Volume schema).
import type { Answer, CallOptions, Client } from '../client.ts';
import { UnsupportedError } from '../errors.ts';
import { isMissing, isUnknown } from '../refusal.ts';
import type { Resource } from '../resource.ts';
import { type ApplyTime, operationApplyTimes } from '../settings.ts';
import { readStatus, type Status } from './health.ts';
import type { Storage } from './storage.ts';

/** Volume schema, RAIDType; 'None' is a drive as it is. */
export type RaidType =
  | 'None'
  | 'RAID0'
  | 'RAID1'
  | 'RAID5'
  | 'RAID6'
  | 'RAID10'
  | 'RAID50'
  | 'RAID60'
  | 'RAID01'
  | 'RAID1E';

/** VolumeType, which older services have in place of RAIDType. */
const volumeTypes: Readonly<Partial<Record<RaidType, string>>> = {
  None: 'RawDevice',
  RAID0: 'NonRedundant',
  RAID1: 'Mirrored',
  RAID5: 'StripedWithParity',
  RAID10: 'SpannedMirrors',
  RAID50: 'SpannedStripesWithParity',
};

export interface Volume {
  readonly resource: Resource;
  readonly path: string;
  readonly id: string;
  readonly name: string | undefined;
  /** Such as `RAID1`; `None` for a drive that is no part of a RAID. */
  readonly raidType: string | undefined;
  readonly capacityBytes: number | undefined;
  readonly drivePaths: readonly string[];
  readonly identifiers: readonly string[];
  /** Operations that go on, such as a rebuild, with their percentage. */
  readonly operations: readonly { readonly name: string | undefined; readonly percent: number | undefined }[];
  readonly status: Status;
}

/** Reads one volume. */
export function readVolume(resource: Resource): Volume {
  const volumeType = resource.text('VolumeType');
  const fromType = Object.entries(volumeTypes).find(([, name]) => name === volumeType)?.[0];
  return {
    resource,
    path: resource.path,
    id: resource.id,
    name: resource.text('DisplayName') ?? resource.text('Name'),
    raidType: resource.text('RAIDType') ?? fromType,
    capacityBytes:
      resource.number('CapacityBytes') ?? resource.object('Capacity')?.object('Data')?.number('AllocatedBytes'),
    drivePaths: resource.object('Links')?.links('Drives') ?? [],
    identifiers: resource
      .objects('Identifiers')
      .map((each) => each.text('DurableName'))
      .filter((each) => each !== undefined),
    operations: resource.objects('Operations').map((each) => ({
      name: each.text('OperationName') ?? each.text('Operation'),
      percent: each.number('PercentageComplete'),
    })),
    status: readStatus(resource),
  };
}

/** Reads the volumes of a storage. */
export async function listVolumes(client: Client, storage: Storage, options: CallOptions = {}): Promise<Volume[]> {
  if (storage.volumesPath === undefined) return [];
  return (await client.members(storage.volumesPath, options)).map(readVolume);
}

/** When volumes of a storage can be made; empty where the service does not say. */
export async function volumeApplyTimes(
  client: Client,
  storage: Storage,
  options: CallOptions = {},
): Promise<readonly ApplyTime[]> {
  return storage.volumesPath === undefined ? [] : operationApplyTimes(await client.get(storage.volumesPath, options));
}

export interface NewVolume {
  readonly raidType: RaidType;
  readonly drivePaths: readonly string[];
  /** All that there is when absent. */
  readonly capacityBytes?: number;
  readonly name?: string;
}

const annotation = '@Redfish.OperationApplyTime';

/**
 * Makes a volume. Services of the newer schema want RAIDType and Links, those of the older one VolumeType and Drives: the
 * newer form is tried first.
 *
 * @param options.applyTime is sent where the service says that it supports it; its answer is a task mostly.
 * @throws UnsupportedError where volumes cannot be made, or not then.
 */
export async function createVolume(
  client: Client,
  storage: Storage,
  volume: NewVolume,
  { applyTime, ...options }: CallOptions & { readonly applyTime?: ApplyTime } = {},
): Promise<Answer> {
  const { volumesPath } = storage;
  if (volumesPath === undefined) {
    throw new UnsupportedError(storage.resource.named('POST'), 'the storage shows no volumes');
  }
  const supported = applyTime === undefined ? [] : await volumeApplyTimes(client, storage, options);
  if (applyTime !== undefined && supported.length > 0 && !supported.includes(applyTime)) {
    throw new UnsupportedError(storage.resource.named('POST'), `no volumes ${applyTime}`, supported);
  }
  const { raidType, drivePaths, capacityBytes, name } = volume;
  const drives = drivePaths.map((path) => ({ '@odata.id': path }));
  const rest = {
    ...(capacityBytes === undefined ? {} : { CapacityBytes: capacityBytes }),
    ...(name === undefined ? {} : { Name: name }),
    ...(applyTime === undefined || supported.length === 0 ? {} : { [annotation]: applyTime }),
  };
  try {
    return await client.post(volumesPath, { RAIDType: raidType, Links: { Drives: drives }, ...rest }, options);
  } catch (error) {
    const VolumeType = volumeTypes[raidType];
    const isOlder =
      ['Links', 'RAIDType'].some((each) => isUnknown(error, each)) ||
      ['VolumeType', 'Drives'].some((each) => isMissing(error, each));
    if (!isOlder || VolumeType === undefined) throw error;
    return client.post(volumesPath, { VolumeType, Drives: drives, ...rest }, options);
  }
}

/** Deletes a volume. An apply time is sent only where the volume says that it supports it. */
export async function deleteVolume(
  client: Client,
  volume: Volume,
  { applyTime, ...options }: CallOptions & { readonly applyTime?: ApplyTime } = {},
): Promise<Answer> {
  const isSupported = applyTime !== undefined && operationApplyTimes(volume.resource).includes(applyTime);
  const body = isSupported ? { body: { [annotation]: applyTime } } : {};
  try {
    return await client.send('DELETE', volume.path, { ...options, ...body });
  } catch (error) {
    // Services exist that offer the apply time and refuse it.
    if (!isSupported || !isUnknown(error, annotation)) throw error;
    return client.delete(volume.path, options);
  }
}

/** Erases the content of a volume. */
export const initializeVolume = (
  client: Client,
  volume: Volume,
  type: 'Fast' | 'Slow',
  options?: CallOptions,
): Promise<Answer> => client.action(volume.resource, 'Volume.Initialize', { InitializeType: type }, options);
