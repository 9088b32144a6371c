// The single changes that RAID steps are made of: what each is called, and when it shows in what a machine has.
import type { RaidArrays, RaidVolume } from './bmc/raid.ts';
import type { VolumePlan } from './raid-plan.ts';

export type Change =
  | { readonly kind: 'delete'; readonly path: string; readonly id: string }
  | { readonly kind: 'create'; readonly plan: VolumePlan }
  /** The mode of all controllers of a storage. */
  | { readonly kind: 'controller mode'; readonly storage: string; readonly mode: string }
  /** Drives of one storage, by their Ids. */
  | {
      readonly kind: 'convert';
      readonly storage: string;
      readonly drives: readonly string[];
      readonly to: 'RAID' | 'NonRAID';
    }
  | { readonly kind: 'clear foreign'; readonly storage: string };

/** The change as a phrase. */
export function shownChange(change: Change): string {
  switch (change.kind) {
    case 'delete':
      return `the deletion of volume ${change.id}`;
    case 'create':
      return `the volume of RAID ${change.plan.level} on ${change.plan.drivePaths.map((path) => path.split('/').at(-1)).join(', ')}`;
    case 'controller mode':
      return `the mode "${change.mode}" of the controller ${change.storage}`;
    case 'convert':
      return `the conversion to ${change.to} of ${change.drives.join(', ')}`;
    case 'clear foreign':
      return `the clearing of foreign configurations at ${change.storage}`;
  }
}

const isSame = (plan: VolumePlan, volume: RaidVolume) =>
  volume.drivePaths.length === plan.drivePaths.length &&
  volume.drivePaths.every((path) => plan.drivePaths.includes(path)) &&
  volume.level === plan.level &&
  (plan.bytes === null || volume.bytes === plan.bytes || volume.name === plan.name);

/** The volume that came of a plan. */
export const volumeOfPlan = (plan: VolumePlan, volumes: readonly RaidVolume[]) =>
  volumes.findLast((each) => isSame(plan, each));

/** Whether a change shows in what there is. */
export function isDone(change: Change, { volumes, drives, controllers }: RaidArrays): boolean {
  switch (change.kind) {
    case 'delete':
      return volumes.every(({ path }) => path !== change.path);
    case 'create':
      return volumeOfPlan(change.plan, volumes) !== undefined;
    case 'controller mode':
      return controllers.every(({ storage, mode }) => storage !== change.storage || mode === change.mode);
    case 'convert':
      return drives.every(
        ({ id, isOutOfRaid }) => !change.drives.includes(id) || isOutOfRaid === (change.to === 'NonRAID'),
      );
    case 'clear foreign':
      return drives.every(({ storage, isForeign }) => storage !== change.storage || !isForeign);
  }
}
