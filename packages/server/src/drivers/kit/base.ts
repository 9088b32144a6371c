// What every implementation of every interface has: a name, the keys it reads, a validation, and perhaps steps.
import type { InterfaceKind } from '@wrought/contract';
import type { Step } from './step.ts';
import type { Task } from './task.ts';

export interface InterfaceBase {
  readonly kind: InterfaceKind;
  /** As nodes name it: "ipmitool", "direct", "flat". */
  readonly name: string;
  /** Keys of driver_info that it reads, with a sentence each. */
  readonly properties: Readonly<Record<string, string>>;
  /** Steps of its own, of every kind. */
  readonly steps?: readonly Step[];
  /** Throws an error of the registry when the node lacks something; calls no BMC. */
  validate(task: Task): Promise<void>;
}

/** An interface of a kind of which nothing is needed on this path but its name and its steps. */
export interface OptionalInterface extends InterfaceBase {
  readonly kind: 'bios' | 'console' | 'firmware' | 'inspect' | 'raid' | 'rescue' | 'storage' | 'vendor';
  /** False for the "no-..." implementations: validation then answers null (not supported). */
  readonly supported: boolean;
}
