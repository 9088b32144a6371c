// The volumes of a machine's RAID controllers as its Redfish service has them: read, made, deleted.

import {
  type ApplyTime,
  createVolume,
  type Drive,
  deleteVolume,
  listStorage,
  listVolumes,
  operationApplyTimes,
  readDrives,
  type Storage,
  taskPath,
  UnsupportedError,
  type Volume,
  volumeApplyTimes,
} from '@wrought/redfish';
import type { Task } from '../../kit/index.ts';
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

export interface RaidArrays {
  readonly drives: readonly RaidDrive[];
  readonly volumes: readonly RaidVolume[];
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
  create(task: Task, plan: VolumePlan): Promise<Asked>;
  remove(task: Task, path: string): Promise<Asked>;
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

const isUsable = ({ capacityBytes, hotspareType = 'None', status, isFailurePredicted }: Drive) =>
  capacityBytes !== undefined &&
  hotspareType === 'None' &&
  isFailurePredicted !== true &&
  status.health !== 'Critical' &&
  status.state !== 'Absent';

function driveOf(storage: Storage, drive: Drive, volumes: readonly RaidVolume[]): RaidDrive {
  const bytes = drive.capacityBytes ?? 0;
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
    freeBytes: Math.max(0, bytes - usedOf(drive, volumes)),
  };
}

/** Storage whose controllers make volumes. */
async function storages({ client, system, signal }: Bmc): Promise<Storage[]> {
  return (await listStorage(client, await system(), { signal })).filter(({ volumesPath }) => volumesPath !== undefined);
}

async function arraysOf(bmc: Bmc): Promise<RaidArrays> {
  const { client, signal } = bmc;
  const drives: RaidDrive[] = [];
  const volumes: RaidVolume[] = [];
  for (const storage of await storages(bmc)) {
    const here = (await listVolumes(client, storage, { signal }))
      .filter(({ raidType }) => raidType !== 'None')
      .map((each) => volumeOf(storage, each));
    const usable = (await readDrives(client, storage, { signal })).filter(isUsable);
    volumes.push(...here);
    drives.push(...usable.map((each) => driveOf(storage, each, here)));
  }
  return { drives, volumes };
}

/** The RAID controllers of a machine. */
export function redfishRaid({ perform }: RedfishCalls): RedfishRaid {
  return {
    readArrays: (task) => perform(task, 'read volumes', arraysOf),
    create: (task, plan) =>
      perform(task, 'create volume', async (bmc) => {
        const { client, signal, system } = bmc;
        const storage = (await storages(bmc)).find(({ id }) => id === plan.storage);
        const level = levels[plan.level];
        if (storage === undefined || level === undefined) {
          throw new UnsupportedError((await system()).named(), `the BMC no longer has the storage ${plan.storage}`);
        }
        const applyTime = best(await volumeApplyTimes(client, storage, { signal }));
        const { bytes, name, drivePaths } = plan;
        const answer = await createVolume(
          client,
          storage,
          {
            raidType: level.raidType,
            drivePaths,
            ...(bytes === null ? {} : { capacityBytes: bytes }),
            ...(name === null ? {} : { name }),
          },
          { signal, ...(applyTime === undefined ? {} : { applyTime }) },
        );
        return { taskPath: taskPath(answer) ?? null, waitsForStart: applyTime === 'OnReset' };
      }),
    remove: (task, path) =>
      perform(task, 'delete volume', async (bmc) => {
        const { client, signal } = bmc;
        for (const storage of await storages(bmc)) {
          const volume = (await listVolumes(client, storage, { signal })).find((each) => each.path === path);
          if (volume !== undefined) {
            const applyTime = best(operationApplyTimes(volume.resource));
            const options = { signal, ...(applyTime === undefined ? {} : { applyTime }) };
            const answer = await deleteVolume(client, volume, options);
            return { taskPath: taskPath(answer) ?? null, waitsForStart: applyTime === 'OnReset' };
          }
        }
        return { taskPath: null, waitsForStart: false };
      }),
    look: (task, path) => perform(task, 'look at volumes', ({ client, signal }) => lookAtTask(client, path, signal)),
    find: (task, except) =>
      perform(task, 'find volume task', ({ client, signal }) =>
        findTask(client, /volume|virtual|raid/i, signal, except),
      ),
  };
}
