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

/** The kinds that a machine may lack. */
export type OptionalKind = 'bios' | 'console' | 'firmware' | 'inspect' | 'raid' | 'rescue' | 'vendor';

/** The "no-..." implementation of a kind: validation answers null, and every call is refused. */
export interface UnsupportedInterface<Kind extends OptionalKind = OptionalKind> extends InterfaceBase {
  readonly kind: Kind;
  readonly supported: false;
}

/** An interface of a kind of which nothing is needed on this path but its name and its steps. */
export interface PlainInterface<Kind extends InterfaceKind> extends InterfaceBase {
  readonly kind: Kind;
  readonly supported: true;
}
