// Power: reading and changing the power state of a machine.
import type { PowerState, PowerTarget } from '@wrought/contract';
import type { InterfaceBase } from './base.ts';
import type { Task } from './task.ts';

export interface PowerInterface extends InterfaceBase {
  readonly kind: 'power';
  /** Core. The state as the BMC reports it now; null when it can not tell. Throws when the BMC does not answer. */
  getPowerState(task: Task): Promise<PowerState | null>;
  /**
   * Core. Asks for "power on", "power off" or "soft power off" and returns when the BMC accepted it; whoever calls waits for
   * the state itself. Asking for a state that is reached already is no error.
   */
  setPowerState(task: Task, target: 'power on' | 'power off' | 'soft power off'): Promise<void>;
  /** Core. Targets that it can do. */
  readonly supportedTargets: readonly PowerTarget[];
  /** Common. False where the BMC can not be asked (power managed by hand): the power sync leaves such nodes alone. */
  readonly canSync: boolean;
}
