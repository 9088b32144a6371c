// RAID: what logical disks can be asked for. They are made and deleted by steps, which tell the result as `raid_config`.
import type { InterfaceBase } from './base.ts';

export interface RaidInterface extends InterfaceBase {
  readonly kind: 'raid';
  readonly supported: true;
}
