// What tells the RAID interface of one make from that of another: changes besides, and how logical disks are made of what there is.
import type { JsonObject } from '@wrought/contract';
import type { RaidArrays } from './bmc/raid.ts';
import type { Change } from './raid-change.ts';
import { planVolumes } from './raid-plan.ts';

/** Changes of one kind, chosen when their turn comes, and over before those of the next part are chosen. */
export interface RaidPart {
  readonly name: string;
  /** @throws InvalidParameterValue when the logical disks can not be */
  changes(arrays: RaidArrays, logicalDisks: readonly JsonObject[]): readonly Change[];
}

export interface RaidFlavour {
  /** Of the interface. */
  readonly name: string;
  /** Whether steps of cleaning want the ramdisk running. */
  readonly cleansInRamdisk: boolean;
  /** After all volumes are deleted. */
  readonly afterDeletion: readonly RaidPart[];
  /** Before anything is created. */
  readonly beforeCreation: readonly RaidPart[];
  readonly creation: RaidPart;
  /** Throws when the logical disks can not be, even after the parts before the creation. @throws InvalidParameterValue */
  check(arrays: RaidArrays, logicalDisks: readonly JsonObject[]): void;
  /** Logical disks of the result that are no volumes. */
  otherDisks(arrays: RaidArrays): readonly JsonObject[];
}

/** Drives that a make keeps out of RAID have no room: Redfish alone does not give them to it. */
function creations({ drives }: RaidArrays, logicalDisks: readonly JsonObject[]): readonly Change[] {
  const usable = drives.map((each) => (each.isOutOfRaid || each.isForeign ? { ...each, freeBytes: 0 } : each));
  return planVolumes(logicalDisks, usable).map((plan) => ({ kind: 'create', plan }));
}

/** RAID by Redfish alone. */
export const plainRaid: RaidFlavour = {
  name: 'redfish',
  cleansInRamdisk: true,
  afterDeletion: [],
  beforeCreation: [],
  creation: { name: 'create', changes: creations },
  check: creations,
  otherDisks: () => [],
};
