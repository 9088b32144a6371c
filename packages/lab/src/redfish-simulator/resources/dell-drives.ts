// What Dell's RAID controllers say of themselves and of their drives: the mode of a controller, and whether a drive is for RAID.
import type { RedfishBmc } from '../bmc.ts';
import type { Drive, Model, StorageModel } from '../models/model.ts';
import { perBmc } from '../per-bmc.ts';
import type { Body } from '../types.ts';

export const controllerModes = ['RAID', 'EnhancedHBA', 'HBA'] as const;
export type ControllerMode = (typeof controllerModes)[number];
export const driveStates = ['Ready', 'NonRAID', 'Foreign'] as const;
/** Of a drive that is in no volume. */
export type DriveState = (typeof driveStates)[number];

/** What such controllers begin with. */
export interface DellStorageSettings {
  /** "RAID" when absent. */
  readonly controllerMode?: ControllerMode;
  /** By the numbers of drives at their controller; others are "Ready". */
  readonly drives?: Readonly<Record<number, DriveState>>;
}

/** Whether a controller is one of Dell's for RAID. */
export const isDellRaid = (model: Model, storage: StorageModel) => model.name === 'idrac' && storage.raid.length > 0;

class DellDrives {
  readonly #given: DellStorageSettings;
  readonly #states = new Map<Drive, DriveState>();
  mode: ControllerMode;

  constructor(given: DellStorageSettings) {
    this.#given = given;
    this.mode = given.controllerMode ?? 'RAID';
  }

  stateOf(storage: StorageModel, drive: Drive): DriveState {
    if (this.mode === 'HBA') return 'NonRAID';
    return this.#states.get(drive) ?? this.#given.drives?.[storage.drives.indexOf(drive)] ?? 'Ready';
  }

  set(drive: Drive, state: DriveState): void {
    this.#states.set(drive, state);
  }
}

export const dellDrivesOf = perBmc((bmc) => new DellDrives(bmc.settings.dellStorage));

/** What is said of a drive besides; nothing by others. */
export function dellDrive(bmc: RedfishBmc, storage: StorageModel, drive: Drive, isInVolume: boolean): Body {
  if (!isDellRaid(bmc.model, storage)) return {};
  const RaidStatus = isInVolume ? 'Online' : dellDrivesOf(bmc).stateOf(storage, drive);
  return {
    Oem: { Dell: { DellPhysicalDisk: { '@odata.type': '#DellPhysicalDisk.v1_3_0.DellPhysicalDisk', RaidStatus } } },
  };
}
