// Volumes of RAID controllers: made, deleted and initialised, at once or at the next boot (schema Volume).
import type { RedfishBmc } from '../bmc.ts';
import { asObject, checkParameters, checkProperties, isAny, isOneOf, isText, isWhole } from '../http/checks.ts';
import { type Message, Problem, problem } from '../http/problem.ts';
import type { Drive, Model, StorageModel } from '../models/model.ts';
import { perBmc } from '../per-bmc.ts';
import type { Answer, At, Body, Call, Route } from '../types.ts';
import { dellDrivesOf, isDellRaid } from './dell-drives.ts';
import { action, collection, healthy, links, resource, systemPath } from './shape.ts';
import { startTask } from './tasks.ts';

interface Volume {
  readonly id: string;
  readonly storage: string;
  readonly raid: string;
  readonly drives: readonly string[];
  readonly bytes: number;
  name: string;
}

interface VolumeWish extends Omit<Volume, 'id' | 'name'> {
  readonly name: string | undefined;
}

class Volumes {
  readonly #volumes = new Map<string, Volume>();
  #next = 0;

  of(storage: string): readonly Volume[] {
    return [...this.#volumes.values()].filter((volume) => volume.storage === storage);
  }

  get(storage: string, id: string | undefined): Volume | undefined {
    return this.of(storage).find((volume) => volume.id === id);
  }

  add(wish: VolumeWish, dell: string | undefined): Volume {
    const number = this.#next++;
    const id = dell === undefined ? String(number) : `Disk.Virtual.${number}:${dell}`;
    const volume = { ...wish, id, name: wish.name ?? `Volume ${number}` };
    this.#volumes.set(id, volume);
    return volume;
  }

  remove(volume: Volume): void {
    this.#volumes.delete(volume.id);
  }
}

export const volumesOf = perBmc(() => new Volumes());

/** Least number of drives, and how many of n hold data. */
const raidKinds: Readonly<Record<string, { readonly least: number; readonly data: (drives: number) => number }>> = {
  RAID0: { least: 1, data: (drives) => drives },
  RAID1: { least: 2, data: (drives) => drives / 2 },
  RAID5: { least: 3, data: (drives) => drives - 1 },
  RAID6: { least: 4, data: (drives) => drives - 2 },
  RAID10: { least: 4, data: (drives) => drives / 2 },
  RAID50: { least: 6, data: (drives) => drives - 2 },
  RAID60: { least: 8, data: (drives) => drives - 4 },
};

/** What older services say in place of RAIDType. */
const volumeTypes: Readonly<Record<string, string>> = {
  NonRedundant: 'RAID0',
  Mirrored: 'RAID1',
  StripedWithParity: 'RAID5',
  SpannedMirrors: 'RAID10',
  SpannedStripesWithParity: 'RAID50',
};

export const storagePath = (model: Model, storage: StorageModel) => `${systemPath(model)}/Storage/${storage.id}`;
export const drivePath = (model: Model, storage: StorageModel, id: string) =>
  `${storagePath(model, storage)}/Drives/${id}`;

const inList = (value: string, name: string): Problem => {
  const message: Message = { key: 'PropertyValueNotInList', args: [value, name], related: [`#/${name}`] };
  return new Problem(400, [message]);
};

/** Drives that a body links to, in either of the places where clients put them. */
function drivesOf(bmc: RedfishBmc, storage: StorageModel, body: Body): readonly Drive[] {
  const given = body.Drives ?? asObject(body.Links)?.Drives;
  const free = (drive: Drive) =>
    !volumesOf(bmc)
      .of(storage.id)
      .some(({ drives }) => drives.includes(drive.id));
  if (given === undefined) throw problem(400, 'PropertyMissing', 'Links/Drives');
  if (!Array.isArray(given)) throw problem(400, 'PropertyValueTypeError', JSON.stringify(given), 'Drives');
  const drives = given.map((each: unknown): Drive => {
    const path = String(asObject(each)?.['@odata.id']);
    const drive = storage.drives.find(({ id }) => path.replace(/\/$/, '') === drivePath(bmc.model, storage, id));
    if (drive === undefined) throw inList(path, 'Drives');
    if (!free(drive)) throw problem(400, 'ResourceInUse');
    if (isDellRaid(bmc.model, storage) && dellDrivesOf(bmc).stateOf(storage, drive) !== 'Ready') {
      throw problem(400, 'ResourceInUse');
    }
    return drive;
  });
  if (new Set(drives).size !== drives.length) throw inList(JSON.stringify(given), 'Drives');
  return drives;
}

function wishOf({ bmc, body }: Call, storage: StorageModel): VolumeWish {
  const writable = {
    ...{
      RAIDType: isText,
      VolumeType: isText,
      Name: isText,
      DisplayName: isText,
      CapacityBytes: isWhole(1, Number.MAX_SAFE_INTEGER),
    },
    ...{
      Drives: isAny,
      Links: isAny,
      Encrypted: isAny,
      EncryptionTypes: isAny,
      OptimumIOSizeBytes: isAny,
      ReadCachePolicy: isAny,
    },
    ...{ WriteCachePolicy: isAny, InitializeMethod: isAny, Oem: isAny, StripSizeBytes: isAny },
  };
  checkProperties(body, writable, { Identifiers: true, Status: true });
  const raid = String(body.RAIDType ?? volumeTypes[String(body.VolumeType)] ?? 'RAID0');
  const kind = raidKinds[raid];
  if (kind === undefined || !storage.raid.includes(raid)) throw inList(raid, 'RAIDType');
  const drives = drivesOf(bmc, storage, body);
  const isEven = !['RAID1', 'RAID10', 'RAID50', 'RAID60'].includes(raid) || drives.length % 2 === 0;
  if (drives.length < kind.least || !isEven) throw problem(400, 'PropertyValueConflict', 'Drives', 'RAIDType');
  const most = kind.data(drives.length) * Math.min(...drives.map(({ bytes }) => bytes));
  const bytes = body.CapacityBytes === undefined ? most : Number(body.CapacityBytes);
  if (bytes > most) throw problem(400, 'PropertyValueOutOfRange', String(bytes), 'CapacityBytes');
  const name = body.DisplayName ?? body.Name;
  return {
    storage: storage.id,
    raid,
    drives: drives.map(({ id }) => id),
    bytes,
    name: name === undefined ? undefined : String(name),
  };
}

/** When a change is to be. @throws Problem 400 when the controller can not do it then */
function applyTimeOf({ body }: Call, storage: StorageModel): string {
  const given = asObject(body['@Redfish.OperationApplyTime'])?.ApplyTime ?? body['@Redfish.OperationApplyTime'];
  if (given === undefined) return storage.applyTimes[0] ?? 'Immediate';
  if (!storage.applyTimes.includes(String(given))) throw inList(String(given), '@Redfish.OperationApplyTime');
  return String(given);
}

/** Does a change now, as a task where the model has it so, or at the next boot. */
function applied(call: Call, storage: StorageModel, name: string, effect: () => void, now: () => Answer | undefined) {
  const { bmc } = call;
  const waitsForBoot = applyTimeOf(call, storage) !== 'Immediate';
  if (waitsForBoot || bmc.model.tasks.id === 'job') return startTask(bmc, { name, effect, waitsForBoot });
  return now();
}

function bodyOf(model: Model, storage: StorageModel, volume: Volume): Body {
  const path = `${storagePath(model, storage)}/Volumes/${volume.id}`;
  return {
    ...resource(model, 'Volume', volume.id, volume.name),
    DisplayName: volume.name,
    RAIDType: volume.raid,
    VolumeType: Object.entries(volumeTypes).find(([, raid]) => raid === volume.raid)?.[0] ?? null,
    CapacityBytes: volume.bytes,
    BlockSizeBytes: 512,
    Encrypted: false,
    Identifiers: [{ DurableNameFormat: 'NAA', DurableName: `6${idDigits(volume.id)}` }],
    Status: healthy,
    Operations: [],
    '@Redfish.OperationApplyTimeSupport': applyTimeSupport(storage),
    Links: { Drives: links(volume.drives.map((id) => drivePath(model, storage, id))) },
    Actions: action(path, 'Volume.Initialize', { InitializeType: ['Fast', 'Slow'] }),
  };
}

const idDigits = (id: string) => Buffer.from(id.padStart(8).slice(-8)).toString('hex').slice(0, 15);

export const applyTimeSupport = (storage: StorageModel): Body => ({
  '@odata.type': '#Settings.v1_3_3.OperationApplyTimeSupport',
  SupportedValues: storage.applyTimes,
});

export function volumeRoutes(model: Model, storage: StorageModel): readonly Route[] {
  if (storage.raid.length === 0) return [];
  const path = `${storagePath(model, storage)}/Volumes`;
  const dell = model.name === 'idrac' ? storage.id : undefined;
  const find = ({ bmc, parameters }: At) => volumesOf(bmc).get(storage.id, parameters.volume);
  return [
    {
      path,
      get: ({ bmc }) => ({
        ...collection(
          'Volume',
          'Volume Collection',
          volumesOf(bmc)
            .of(storage.id)
            .map(({ id }) => `${path}/${id}`),
        ),
        '@Redfish.OperationApplyTimeSupport': applyTimeSupport(storage),
      }),
      post: (call) => {
        const wish = wishOf(call, storage);
        const effect = () => void volumesOf(call.bmc).add(wish, dell);
        return applied(call, storage, 'Create volume', effect, () => {
          const volume = volumesOf(call.bmc).add(wish, dell);
          const own = `${path}/${volume.id}`;
          return {
            status: 201,
            body: { '@odata.id': own, ...bodyOf(model, storage, volume) },
            headers: { Location: own },
          };
        });
      },
    },
    {
      path: `${path}/{volume}`,
      get: (at) => {
        const volume = find(at);
        return volume === undefined ? undefined : bodyOf(model, storage, volume);
      },
      patch: (call) => {
        const volume = find(call);
        if (volume === undefined) return undefined;
        checkProperties(call.body, { Name: isText, DisplayName: isText }, bodyOf(model, storage, volume));
        volume.name = String(call.body.DisplayName ?? call.body.Name ?? volume.name);
        return undefined;
      },
      delete: (call) => {
        const volume = find(call);
        const effect = () => {
          if (volume !== undefined) volumesOf(call.bmc).remove(volume);
        };
        return applied(call, storage, 'Delete volume', effect, () => void effect() as undefined);
      },
    },
    {
      path: `${path}/{volume}/Actions/Volume.Initialize`,
      post: (call) => {
        if (find(call) === undefined) throw problem(404, 'ResourceNotFound', 'Volume', String(call.parameters.volume));
        checkParameters('Volume.Initialize', call.body, {
          InitializeType: isOneOf(['Fast', 'Slow']),
          InitializeMethod: isText,
        });
        return startTask(call.bmc, { name: 'Initialize volume', effect: () => {} });
      },
    },
  ];
}

/** A serial number of a drive that follows from its machine and place. */
export const driveSerial = (bmc: RedfishBmc, storage: StorageModel, index: number) =>
  `${bmc.serialNumber}${storage.id.length}${index}`;
