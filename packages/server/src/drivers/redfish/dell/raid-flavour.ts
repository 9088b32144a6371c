// RAID on controllers of Dell: they have modes, drives are given to RAID or shown to the machine as they are, and foreign ones cleared.
import { type JsonObject, registeredError } from '@wrought/contract';
import type { RaidArrays } from '../bmc/raid.ts';
import type { Change } from '../raid-change.ts';
import type { RaidFlavour } from '../raid-flavour.ts';
import {
  describe,
  drivesOf,
  matches,
  planVolumes,
  type RaidDrive,
  shownDrives,
  type VolumePlan,
} from '../raid-plan.ts';

const GIB = 1024 ** 3;
const isJbod = ({ raid_level: level }: JsonObject) => level === 'JBOD';

/** By so much of its size a drive that is not for RAID may be larger than the same one that is. */
const MOST_COERCION = 0.01;

/** As drives will be when they are for RAID: those that are already come first, and foreign ones have no room. */
function asForRaid(drives: readonly RaidDrive[]): readonly RaidDrive[] {
  const ready = drives.filter(({ isOutOfRaid }) => !isOutOfRaid);
  const others = drives
    .filter(({ isOutOfRaid, unfit }) => isOutOfRaid && unfit === null)
    .map((drive) => {
      const isLike = (each: RaidDrive) =>
        each.storage === drive.storage &&
        each.diskType === drive.diskType &&
        each.interfaceType === drive.interfaceType &&
        Math.abs(each.bytes - drive.bytes) <= drive.bytes * MOST_COERCION;
      const bytes = ready.find(isLike)?.bytes ?? drive.bytes;
      return { ...drive, bytes, freeBytes: bytes };
    });
  return [...ready, ...others].map((each) => (each.isForeign ? { ...each, freeBytes: 0 } : each));
}

/** The plan of the volumes, on drives that are for RAID already where they do. @throws InvalidParameterValue */
function volumesOf(logicalDisks: readonly JsonObject[], drives: readonly RaidDrive[]): readonly VolumePlan[] {
  const volumes = logicalDisks.filter((disk) => !isJbod(disk));
  const usable = asForRaid(drives);
  try {
    return planVolumes(
      volumes,
      usable.filter(({ isOutOfRaid }) => !isOutOfRaid),
    );
  } catch {
    // The words are those about all drives.
    return planVolumes(volumes, usable);
  }
}

/** Drives for a logical disk of level JBOD: the described ones, or so many as are wanted, or all that are whole. @throws InvalidParameterValue */
function jbodDrives(disk: JsonObject, drives: readonly RaidDrive[]): readonly RaidDrive[] {
  const least = disk.size_gb === 'MAX' ? 0 : Number(disk.size_gb) * GIB;
  const fitting = drives.filter(
    (each) =>
      each.freeBytes === each.bytes &&
      each.bytes >= least &&
      !each.isForeign &&
      matches(disk.controller, [each.storage, ...each.storageNames]) &&
      matches(disk.disk_type, [each.diskType]) &&
      matches(disk.interface_type, [each.interfaceType]),
  );
  const described = disk.physical_disks as readonly (string | JsonObject)[] | undefined;
  const count = (disk.number_of_physical_disks as number | undefined) ?? Math.max(1, fitting.length);
  const chosen =
    described === undefined
      ? fitting.length < count
        ? undefined
        : fitting.slice(0, count)
      : drivesOf(described, fitting);
  if (chosen === undefined) {
    throw registeredError('InvalidParameterValue', {
      reason: `There are no drives for the logical disk ${describe(disk)}. Drives: ${shownDrives(drives)}.`,
    });
  }
  return chosen;
}

/** Drives that become JBOD, of those that the volumes leave. @throws InvalidParameterValue */
function allJbodDrives(logicalDisks: readonly JsonObject[], drives: readonly RaidDrive[]): readonly RaidDrive[] {
  let left = drives;
  return logicalDisks.filter(isJbod).flatMap((disk) => {
    const chosen = jbodDrives(disk, left);
    left = left.filter((each) => !chosen.includes(each));
    return chosen;
  });
}

const leftBy = (plans: readonly VolumePlan[], drives: readonly RaidDrive[]) =>
  drives.filter(({ path }) => plans.every(({ drivePaths }) => !drivePaths.includes(path)));

/** One conversion for each controller. */
function conversions(drives: readonly RaidDrive[], to: 'RAID' | 'NonRAID'): readonly Change[] {
  const wrong = drives.filter(({ isOutOfRaid }) => isOutOfRaid !== (to === 'NonRAID'));
  const byStorage = Map.groupBy(wrong, ({ storage }) => storage);
  return [...byStorage].map(([storage, ofIt]) => ({ kind: 'convert', storage, drives: ofIt.map(({ id }) => id), to }));
}

const chosenFor = (logicalDisks: readonly JsonObject[], drives: readonly RaidDrive[]) => {
  const paths = volumesOf(logicalDisks, drives).flatMap(({ drivePaths }) => drivePaths);
  return drives.filter(({ path }) => paths.includes(path));
};

/** Controllers that make no volumes now, and are to make some. */
function modeChanges({ drives, controllers }: RaidArrays, logicalDisks: readonly JsonObject[]): readonly Change[] {
  const storages = new Set(chosenFor(logicalDisks, drives).map(({ storage }) => storage));
  const wrong = controllers.filter(({ storage, mode }) => mode === 'HBA' && storages.has(storage));
  return wrong.map(({ storage }) => ({ kind: 'controller mode', storage, mode: 'RAID' }));
}

function clearings({ drives }: RaidArrays): readonly Change[] {
  const foreign = drives.filter(({ isForeign }) => isForeign).map(({ storage }) => storage);
  return [...new Set(foreign)].map((storage) => ({ kind: 'clear foreign', storage }));
}

function creations({ drives }: RaidArrays, logicalDisks: readonly JsonObject[]): readonly Change[] {
  const plans = volumesOf(logicalDisks, drives);
  const jbod = allJbodDrives(logicalDisks, leftBy(plans, drives));
  return [...plans.map((plan): Change => ({ kind: 'create', plan })), ...conversions(jbod, 'NonRAID')];
}

/** RAID interface "idrac-redfish". */
export const idracRaid: RaidFlavour = {
  name: 'idrac-redfish',
  cleansInRamdisk: false,
  afterDeletion: [{ name: 'clear foreign', changes: clearings }],
  beforeCreation: [
    { name: 'controller mode', changes: modeChanges },
    { name: 'to RAID', changes: ({ drives }, wanted) => conversions(chosenFor(wanted, drives), 'RAID') },
  ],
  creation: { name: 'create', changes: creations },
  check: creations,
  otherDisks: ({ drives }) =>
    drives
      .filter(({ isOutOfRaid, unfit }) => isOutOfRaid && unfit === null)
      .map(({ id, storage, bytes }) => ({
        raid_level: 'JBOD',
        controller: storage,
        physical_disks: [id],
        size_gb: Math.floor(bytes / GIB),
      })),
};
