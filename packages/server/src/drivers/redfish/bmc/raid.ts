// The volumes of a machine's RAID controllers as its Redfish service has them: read, made, deleted.

import {
  type Answer,
  type ApplyTime,
  clearDellForeignConfiguration,
  convertDellDrives,
  createVolume,
  type Drive,
  deleteVolume,
  hasDellRaidService,
  listStorage,
  listVolumes,
  operationApplyTimes,
  readDellControllers,
  readDellRaidStatus,
  readDrives,
  type Storage,
  setDellControllerMode,
  taskPath,
  UnsupportedError,
  type Volume,
  volumeApplyTimes,
} from '@wrought/redfish';
import type { Task } from '../../kit/index.ts';
import type { Change } from '../raid-change.ts';
import { levels, type RaidDrive, type VolumePlan } from '../raid-plan.ts';
import type { Bmc, RedfishCalls } from './calls.ts';
import { diskOf } from './disk.ts';
import { findTask, lookAtTask, type TaskState } from './tasks.ts';

/** A volume as steps see it. */
export interface RaidVolume {
  readonly path: string;
  readonly id: string;
  readonly name: string | null;
  readonly storage: string;
  /** As Ironic names it; null: another one than those. */
  readonly level: string | null;
  readonly bytes: number | null;
  readonly drivePaths: readonly string[];
  /** Hexadecimal, as hints for root devices have it; null: the BMC tells none. */
  readonly wwn: string | null;
}

/** A controller that can have several modes. */
export interface RaidController {
  readonly storage: string;
  /** "RAID", "EnhancedHBA" (volumes beside drives as they are) or "HBA" (drives as they are alone). */
  readonly mode: string;
  readonly modes: readonly string[];
}

export interface RaidArrays {
  readonly drives: readonly RaidDrive[];
  readonly volumes: readonly RaidVolume[];
  /** Empty where the BMC tells of no modes. */
  readonly controllers: readonly RaidController[];
}

/** What a controller was asked for. */
export interface Asked {
  /** Where the BMC tells of it; null: it was over with the answer, or is told nowhere. */
  readonly taskPath: string | null;
  /** It is done when the machine starts anew. */
  readonly waitsForStart: boolean;
}

export interface RedfishRaid {
  readArrays(task: Task): Promise<RaidArrays>;
  ask(task: Task, change: Change): Promise<Asked>;
  look(task: Task, path: string | null): Promise<TaskState>;
  /** Where the BMC tells of such work that runs, other than at these paths; null when it does not. */
  find(task: Task, except: readonly (string | null)[]): Promise<string | null>;
}

/** The first that a service takes; undefined where it does not say. */
const best = (times: readonly ApplyTime[]) => (['Immediate', 'OnReset'] as const).find((each) => times.includes(each));

const levelOf = (raidType: string | undefined) =>
  Object.entries(levels).find(([, level]) => level.raidType === raidType)?.[0] ?? null;

function wwnOf({ identifiers }: Volume): string | null {
  const plain = identifiers.map((each) =>
    each
      .toLowerCase()
      .replace(/^(0x|naa\.)/, '')
      .replaceAll(':', ''),
  );
  const found = plain.find((each) => /^([0-9a-f]{16}|[0-9a-f]{32})$/.test(each));
  return found === undefined ? null : `0x${found}`;
}

function volumeOf(storage: Storage, volume: Volume): RaidVolume {
  return {
    path: volume.path,
    id: volume.id,
    name: volume.name ?? null,
    storage: storage.id,
    level: levelOf(volume.raidType),
    bytes: volume.capacityBytes ?? null,
    drivePaths: volume.drivePaths,
    wwn: wwnOf(volume),
  };
}

/** Bytes of a drive that volumes lie on. */
function usedOf(drive: Drive, volumes: readonly RaidVolume[]): number {
  const uses = volumes
    .filter(({ drivePaths }) => drivePaths.includes(drive.path))
    .map(({ level, bytes, drivePaths }) => {
      const data = levels[level ?? '']?.data(drivePaths.length);
      // All of it where it is not known how much.
      return data === undefined || bytes === null ? (drive.capacityBytes ?? 0) : Math.ceil(bytes / data);
    });
  return uses.reduce((sum, each) => sum + each, 0);
}

/** Why no volume is laid on a drive; null: one can be. */
function unfitness({ capacityBytes, hotspareType = 'None', status, isFailurePredicted }: Drive): string | null {
  if (hotspareType !== 'None') {
    return 'a hot spare';
  }
  if (isFailurePredicted === true || status.health === 'Critical') {
    return 'failing';
  }
  return capacityBytes === undefined ? 'of unknown size' : null;
}

function driveOf(storage: Storage, drive: Drive, volumes: readonly RaidVolume[]): RaidDrive {
  const bytes = drive.capacityBytes ?? 0;
  const raidStatus = readDellRaidStatus(drive);
  const unfit = unfitness(drive);
  const names = storage.controllers.flatMap(({ name, model }) => [name, model]);
  return {
    path: drive.path,
    id: drive.id,
    name: drive.name ?? null,
    storage: storage.id,
    storageNames: [storage.name, ...names].filter((each) => each !== undefined),
    raidTypes: [...new Set(storage.controllers.flatMap(({ raidTypes }) => raidTypes))],
    diskType: (drive.mediaType ?? 'unknown').toLowerCase(),
    interfaceType: (drive.protocol ?? 'unknown').toLowerCase(),
    device: diskOf(drive),
    bytes,
    freeBytes: unfit === null ? Math.max(0, bytes - usedOf(drive, volumes)) : 0,
    isOutOfRaid: raidStatus === 'NonRAID',
    isForeign: raidStatus === 'Foreign',
    unfit,
  };
}

/** Storage whose controllers make volumes. */
async function storages({ client, system, signal }: Bmc): Promise<Storage[]> {
  return (await listStorage(client, await system(), { signal })).filter(({ volumesPath }) => volumesPath !== undefined);
}

async function arraysOf(bmc: Bmc): Promise<RaidArrays> {
  const { client, signal, system } = bmc;
  const isDell = hasDellRaidService(await system());
  const drives: RaidDrive[] = [];
  const volumes: RaidVolume[] = [];
  const controllers: RaidController[] = [];
  for (const storage of await storages(bmc)) {
    const here = (await listVolumes(client, storage, { signal }))
      .filter(({ raidType }) => raidType !== 'None')
      .map((each) => volumeOf(storage, each));
    const present = (await readDrives(client, storage, { signal })).filter(({ status }) => status.state !== 'Absent');
    volumes.push(...here);
    drives.push(...present.map((each) => driveOf(storage, each, here)));
    const modes = isDell ? await readDellControllers(client, storage, { signal }) : [];
    controllers.push(...modes.map((each) => ({ storage: storage.id, mode: each.mode, modes: each.modes })));
  }
  return { drives, volumes, controllers };
}

async function storageOf(bmc: Bmc, id: string): Promise<Storage> {
  const storage = (await storages(bmc)).find((each) => each.id === id);
  if (storage === undefined) {
    throw new UnsupportedError((await bmc.system()).named(), `the BMC no longer has the storage ${id}`);
  }
  return storage;
}

const asked = (answer: Answer, waitsForStart = false): Asked => ({ taskPath: taskPath(answer) ?? null, waitsForStart });

async function create(bmc: Bmc, plan: VolumePlan): Promise<Asked> {
  const { client, signal, system } = bmc;
  const storage = await storageOf(bmc, plan.storage);
  const level = levels[plan.level];
  if (level === undefined) {
    throw new UnsupportedError((await system()).named(), `no volume has the level ${plan.level}`);
  }
  const applyTime = best(await volumeApplyTimes(client, storage, { signal }));
  const { bytes, name, drivePaths } = plan;
  const wish = {
    raidType: level.raidType,
    drivePaths,
    ...(bytes === null ? {} : { capacityBytes: bytes }),
    ...(name === null ? {} : { name }),
  };
  const options = { signal, ...(applyTime === undefined ? {} : { applyTime }) };
  return asked(await createVolume(client, storage, wish, options), applyTime === 'OnReset');
}

async function remove(bmc: Bmc, path: string): Promise<Asked> {
  const { client, signal } = bmc;
  for (const storage of await storages(bmc)) {
    const volume = (await listVolumes(client, storage, { signal })).find((each) => each.path === path);
    if (volume !== undefined) {
      const applyTime = best(operationApplyTimes(volume.resource));
      const options = { signal, ...(applyTime === undefined ? {} : { applyTime }) };
      return asked(await deleteVolume(client, volume, options), applyTime === 'OnReset');
    }
  }
  return { taskPath: null, waitsForStart: false };
}

async function changeMode(bmc: Bmc, storageId: string, mode: string): Promise<Asked> {
  const { client, signal } = bmc;
  const controllers = await readDellControllers(client, await storageOf(bmc, storageId), { signal });
  const other = controllers.find((each) => each.mode !== mode);
  if (other === undefined) {
    return { taskPath: null, waitsForStart: false };
  }
  return asked(await setDellControllerMode(client, other, mode, { signal }), true);
}

async function ask(bmc: Bmc, change: Change): Promise<Asked> {
  const { client, signal, system } = bmc;
  switch (change.kind) {
    case 'create':
      return create(bmc, change.plan);
    case 'delete':
      return remove(bmc, change.path);
    case 'controller mode':
      return changeMode(bmc, change.storage, change.mode);
    case 'convert':
      return asked(await convertDellDrives(client, await system(), change.drives, change.to, { signal }));
    case 'clear foreign':
      return asked(await clearDellForeignConfiguration(client, await system(), change.storage, { signal }));
  }
}

/** What a change is called in measurements. */
const operations: Readonly<Record<Change['kind'], string>> = {
  create: 'create volume',
  delete: 'delete volume',
  'controller mode': 'change controller mode',
  convert: 'convert drives',
  'clear foreign': 'clear foreign configuration',
};

/** The RAID controllers of a machine. */
export function redfishRaid({ perform }: RedfishCalls): RedfishRaid {
  return {
    readArrays: (task) => perform(task, 'read volumes', arraysOf),
    ask: (task, change) => perform(task, operations[change.kind], (bmc) => ask(bmc, change)),
    look: (task, path) => perform(task, 'look at volumes', ({ client, signal }) => lookAtTask(client, path, signal)),
    find: (task, except) =>
      perform(task, 'find volume task', ({ client, signal }) =>
        findTask(client, /volume|virtual|raid/i, signal, except),
      ),
  };
}
