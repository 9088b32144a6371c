// Chooses drives for the logical disks that are wanted: plain arithmetic, without a BMC.
import {
  type HintableDevice,
  type JsonObject,
  matchesRootDeviceHints,
  parseRootDeviceHints,
  RootDeviceHintError,
  registeredError,
} from '@wrought/contract';

const GIB = 1024 ** 3;
const MIB = 1024 ** 2;
/** Most combinations of drives that are tried. */
const MOST_TRIES = 20_000;

interface Level {
  readonly raidType: 'RAID0' | 'RAID1' | 'RAID5' | 'RAID6' | 'RAID10' | 'RAID50' | 'RAID60';
  readonly least: number;
  readonly most: number;
  readonly isEven: boolean;
  /** How many of n drives hold data. */
  data(drives: number): number;
}

/** The levels that Redfish controllers make, by their names in Ironic. */
export const levels: Readonly<Record<string, Level>> = {
  '0': { raidType: 'RAID0', least: 1, most: Infinity, isEven: false, data: (n) => n },
  '1': { raidType: 'RAID1', least: 2, most: 2, isEven: true, data: () => 1 },
  '5': { raidType: 'RAID5', least: 3, most: Infinity, isEven: false, data: (n) => n - 1 },
  '6': { raidType: 'RAID6', least: 4, most: Infinity, isEven: false, data: (n) => n - 2 },
  '1+0': { raidType: 'RAID10', least: 4, most: Infinity, isEven: true, data: (n) => n / 2 },
  '5+0': { raidType: 'RAID50', least: 6, most: Infinity, isEven: true, data: (n) => n - 2 },
  '6+0': { raidType: 'RAID60', least: 8, most: Infinity, isEven: true, data: (n) => n - 4 },
};

/** A drive that volumes can lie on. */
export interface RaidDrive {
  readonly path: string;
  readonly id: string;
  readonly name: string | null;
  /** Id of the storage that it belongs to, and how that and its controllers are called. */
  readonly storage: string;
  readonly storageNames: readonly string[];
  /** What the controller makes; empty where it does not say. */
  readonly raidTypes: readonly string[];
  /** "hdd", "ssd", "sas", "sata" and so on, in lower case. */
  readonly diskType: string;
  readonly interfaceType: string;
  readonly bytes: number;
  readonly freeBytes: number;
  /** What hints are compared with. */
  readonly device: HintableDevice;
  /** Its controller shows it to the machine as it is; volumes can not lie on it as long as that is so. */
  readonly isOutOfRaid: boolean;
  /** It has part of a volume of another controller, which has to be cleared first. */
  readonly isForeign: boolean;
  /** Why no volume is laid on it whatever is done, such as "a hot spare"; it has no room then. Null: one can be. */
  readonly unfit: string | null;
}

export interface VolumePlan {
  readonly storage: string;
  readonly drivePaths: readonly string[];
  readonly level: string;
  /** null: all that there is. */
  readonly bytes: number | null;
  readonly name: string | null;
  readonly isRoot: boolean;
}

interface Choice {
  readonly plan: VolumePlan;
  /** Bytes that it takes of each of its drives. */
  readonly each: number;
}

const invalid = (reason: string) => registeredError('InvalidParameterValue', { reason });
/** Whether one of these names is the one that is wanted, whatever its case; so it is when none is wanted. */
export const matches = (wanted: unknown, found: readonly (string | null)[]) =>
  wanted === undefined || found.some((each) => each !== null && each.toLowerCase() === String(wanted).toLowerCase());

/** A logical disk in words. */
export function describe(disk: JsonObject): string {
  const size = disk.size_gb === 'MAX' ? 'MAX' : `${disk.size_gb} GiB`;
  const rest = Object.entries(disk).filter(([name]) => !['raid_level', 'size_gb', 'is_root_volume'].includes(name));
  return `RAID ${disk.raid_level}, ${size}${rest.length === 0 ? '' : `, ${JSON.stringify(Object.fromEntries(rest))}`}`;
}

/** Drives in words, with what is free of each. */
export function shownDrives(drives: readonly RaidDrive[]): string {
  const shown = drives.map((each) => {
    const use = each.unfit ?? (each.isForeign ? 'foreign' : each.isOutOfRaid ? 'not for RAID' : null);
    return `${each.id} (${each.storage}, ${each.diskType} ${each.interfaceType}, ${Math.floor(each.freeBytes / GIB)} of ${Math.floor(each.bytes / GIB)} GiB free${use === null ? '' : `, ${use}`})`;
  });
  return shown.join('; ') || 'none';
}

function levelOf(disk: JsonObject): Level {
  const level = levels[String(disk.raid_level)];
  if (level === undefined) {
    throw invalid(
      `The RAID level ${disk.raid_level} can not be made through Redfish; allowed: ${Object.keys(levels).join(', ')}.`,
    );
  }
  if (disk.interface_type === 'scsi') {
    throw invalid('The interface_type "scsi" is not one of Redfish; allowed: sata, sas.');
  }
  return level;
}

/** What one logical disk takes when it lies on these drives; undefined: it does not fit. */
function choiceOf(disk: JsonObject, level: Level, drives: readonly RaidDrive[]): Choice | undefined {
  const data = level.data(drives.length);
  const least = Math.min(...drives.map(({ freeBytes }) => freeBytes));
  const isMax = disk.size_gb === 'MAX';
  const each = isMax ? Math.floor(least / MIB) * MIB : Math.ceil((Number(disk.size_gb) * GIB) / data);
  const [first] = drives;
  if (first === undefined || each > least || each === 0) {
    return undefined;
  }
  const areWhole = drives.every(({ bytes, freeBytes }) => bytes === freeBytes);
  const bytes = isMax ? (areWhole ? null : each * data) : Number(disk.size_gb) * GIB;
  return {
    each: isMax ? least : each,
    plan: {
      storage: first.storage,
      drivePaths: drives.map(({ path }) => path),
      level: String(disk.raid_level),
      bytes,
      name: typeof disk.volume_name === 'string' ? disk.volume_name : null,
      isRoot: disk.is_root_volume === true,
    },
  };
}

function countsOf(disk: JsonObject, level: Level, there: number): readonly number[] {
  const most = Math.min(level.most, there);
  const all = Array.from({ length: Math.max(0, most - level.least + 1) }, (_, index) => level.least + index);
  const wanted = disk.number_of_physical_disks;
  const fitting = all.filter((n) => (!level.isEven || n % 2 === 0) && (wanted === undefined || n === wanted));
  // All the space that is left is that of as many drives as can be.
  return disk.size_gb === 'MAX' ? fitting.reverse() : fitting;
}

type DriveTest = (drive: RaidDrive) => boolean;

/** What a member of physical_disks means: a name, or hints as those for root devices. @throws InvalidParameterValue */
function testOf(described: string | JsonObject): DriveTest {
  if (typeof described === 'string') {
    return ({ id, name, path }) => matches(described, [id, name, path]);
  }
  try {
    const hints = parseRootDeviceHints(described);
    return ({ device }) => matchesRootDeviceHints(device, hints);
  } catch (error) {
    if (!(error instanceof RootDeviceHintError)) throw error;
    throw invalid(`physical_disks has ${JSON.stringify(described)}: ${error.message}.`);
  }
}

/** Ways to find a drive of its own for each description, all of one storage; `budget` bounds the search among many drives. */
function* describedDrives(
  tests: readonly DriveTest[],
  drives: readonly RaidDrive[],
  budget = { left: MOST_TRIES },
  chosen: readonly RaidDrive[] = [],
): Generator<readonly RaidDrive[]> {
  const [test, ...others] = tests;
  if (test === undefined) {
    yield drives.filter((each) => chosen.includes(each));
    return;
  }
  const storage = chosen[0]?.storage;
  for (const drive of drives) {
    const isFree = !chosen.includes(drive) && (storage === undefined || drive.storage === storage);
    if (isFree && budget.left > 0 && test(drive)) {
      budget.left -= 1;
      yield* describedDrives(others, drives, budget, [...chosen, drive]);
    }
  }
}

/** A drive for each member of physical_disks, all of one controller; undefined where there are none. @throws InvalidParameterValue */
export function drivesOf(
  physicalDisks: readonly (string | JsonObject)[],
  drives: readonly RaidDrive[],
): readonly RaidDrive[] | undefined {
  const [found] = describedDrives(physicalDisks.map(testOf), drives);
  return found;
}

/** Every way to lay a logical disk onto drives, best first. */
function* choicesOf(disk: JsonObject, drives: readonly RaidDrive[]): Generator<Choice> {
  const level = levelOf(disk);
  const fitting = drives.filter(
    (each) =>
      each.freeBytes > 0 &&
      matches(disk.controller, [each.storage, ...each.storageNames]) &&
      (each.raidTypes.length === 0 || each.raidTypes.includes(level.raidType)),
  );
  const named = disk.physical_disks as readonly (string | JsonObject)[] | undefined;
  if (named !== undefined) {
    const isRight = countsOf({ ...disk, number_of_physical_disks: named.length }, level, named.length).length === 1;
    for (const chosen of isRight ? describedDrives(named.map(testOf), fitting) : []) {
      const choice = choiceOf(disk, level, chosen);
      if (choice !== undefined) {
        yield choice;
      }
    }
    return;
  }
  const kinds = Map.groupBy(
    fitting.filter(
      (each) =>
        matches(disk.disk_type, [each.diskType]) &&
        matches(disk.interface_type, [each.interfaceType]) &&
        (disk.share_physical_disks === true || each.freeBytes === each.bytes),
    ),
    ({ storage, diskType, interfaceType, bytes }) => JSON.stringify([storage, diskType, interfaceType, bytes]),
  );
  for (const kind of kinds.values()) {
    const byFree = kind.toSorted((a, b) => a.freeBytes - b.freeBytes);
    for (const count of countsOf(disk, level, kind.length)) {
      for (let from = 0; from + count <= byFree.length; from += 1) {
        const choice = choiceOf(disk, level, byFree.slice(from, from + count));
        if (choice !== undefined) {
          yield choice;
          break;
        }
      }
    }
  }
}

/** Named drives first, then sizes, then what takes the rest. */
function rankOf(disk: JsonObject): number {
  return (disk.size_gb === 'MAX' ? 2 : 0) + (disk.physical_disks === undefined ? 1 : 0);
}

/**
 * Chooses drives for all logical disks.
 * @throws InvalidParameterValue that names the logical disk for which there are none, and the drives that there are
 */
export function planVolumes(logicalDisks: readonly JsonObject[], drives: readonly RaidDrive[]): readonly VolumePlan[] {
  const wanted = logicalDisks.toSorted((a, b) => rankOf(a) - rankOf(b));
  let tries = 0;
  let furthest = 0;

  function place(index: number, left: readonly RaidDrive[]): readonly VolumePlan[] | undefined {
    const disk = wanted[index];
    if (disk === undefined) {
      return [];
    }
    furthest = Math.max(furthest, index);
    for (const { plan, each } of choicesOf(disk, left)) {
      tries += 1;
      const isShared = disk.share_physical_disks === true;
      const after = left.map((drive) =>
        plan.drivePaths.includes(drive.path) ? { ...drive, freeBytes: isShared ? drive.freeBytes - each : 0 } : drive,
      );
      const rest = tries > MOST_TRIES ? undefined : place(index + 1, after);
      if (rest !== undefined) {
        return [plan, ...rest];
      }
    }
    return undefined;
  }

  const found = place(0, drives);
  if (found === undefined) {
    const disk = wanted[furthest] as JsonObject;
    throw invalid(`There are no drives for the logical disk ${describe(disk)}. Drives: ${shownDrives(drives)}.`);
  }
  return found;
}
