// BIOS: reading the settings of the machine's firmware. They are changed by steps.
import type { BiosSetting } from '@wrought/contract';
import type { InterfaceBase } from './base.ts';
import type { Task } from './task.ts';

export interface BiosInterface extends InterfaceBase {
  readonly kind: 'bios';
  readonly supported: true;
  /** Common. Every setting as the BMC has it now; the verification of a node keeps them. */
  readSettings?(task: Task): Promise<readonly BiosSetting[]>;
}
