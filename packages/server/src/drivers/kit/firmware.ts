// Firmware: the components that have firmware of their own, and their versions. They are updated by steps.
import type { FirmwareComponent } from '@wrought/contract';
import type { InterfaceBase } from './base.ts';
import type { Task } from './task.ts';

export interface FirmwareInterface extends InterfaceBase {
  readonly kind: 'firmware';
  readonly supported: true;
  /** Common. Every component as the BMC reports it now; the verification of a node keeps them. */
  readComponents?(task: Task): Promise<readonly FirmwareComponent[]>;
}
