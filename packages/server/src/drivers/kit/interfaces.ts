// All kinds of interfaces by name, and the set that one node uses.
import { type InterfaceKind, type Node, registeredError } from '@wrought/contract';
import type { OptionalKind, PlainInterface, UnsupportedInterface } from './base.ts';
import type { BiosInterface } from './bios.ts';
import type { BootInterface } from './boot.ts';
import type { ConsoleInterface } from './console.ts';
import type { DeployInterface } from './deploy.ts';
import type { FirmwareInterface } from './firmware.ts';
import type { InspectInterface } from './inspect.ts';
import type { ManagementInterface } from './management.ts';
import type { NetworkInterface } from './network.ts';
import type { PowerInterface } from './power.ts';
import type { RaidInterface } from './raid.ts';
import type { RescueInterface } from './rescue.ts';
import type { Task } from './task.ts';
import type { VendorInterface } from './vendor.ts';

interface CoreInterfaces {
  power: PowerInterface;
  management: ManagementInterface;
  boot: BootInterface;
  deploy: DeployInterface;
  network: NetworkInterface;
  storage: PlainInterface<'storage'>;
}

interface OptionalInterfaces {
  bios: BiosInterface;
  console: ConsoleInterface;
  firmware: FirmwareInterface;
  inspect: InspectInterface;
  raid: RaidInterface;
  rescue: RescueInterface;
  vendor: VendorInterface;
}

/** The type of the interface of each kind. */
export type InterfaceOf<Kind extends InterfaceKind> = Kind extends keyof CoreInterfaces
  ? CoreInterfaces[Kind]
  : Kind extends OptionalKind
    ? OptionalInterfaces[Kind] | UnsupportedInterface<Kind>
    : never;

/** The implementations that a node names. */
export type NodeInterfaces = { readonly [Kind in InterfaceKind]: InterfaceOf<Kind> };

export type AnyInterface = NodeInterfaces[InterfaceKind];

/** Whether an implementation is of this kind. */
export function isOfKind<Kind extends InterfaceKind>(
  implementation: AnyInterface,
  kind: Kind,
): implementation is NodeInterfaces[Kind] {
  return implementation.kind === kind;
}

/** The error for something that an interface of a node does not offer; `extension` is what was asked for. */
export function unsupported(
  node: Pick<Node, 'uuid'>,
  { kind, name }: Pick<AnyInterface, 'kind' | 'name'>,
  extension: string,
) {
  return registeredError('UnsupportedDriverExtension', {
    interface: kind,
    implementation: name,
    node: node.uuid,
    extension,
  });
}

/** The node's interface of an optional kind. Throws UnsupportedDriverExtension where it is one of the "no-..." ones. */
export function supportedInterface<Kind extends OptionalKind>(
  task: Pick<Task, 'node' | 'interfaces'>,
  kind: Kind,
): OptionalInterfaces[Kind] {
  const implementation: InterfaceOf<Kind> = task.interfaces[kind] as InterfaceOf<Kind>;
  if (!('supported' in implementation) || !implementation.supported) {
    throw unsupported(task.node, implementation, kind);
  }
  return implementation as OptionalInterfaces[Kind];
}
