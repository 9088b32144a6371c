// All kinds of interfaces by name, and the set that one node uses.
import type { InterfaceKind } from '@wrought/contract';
import type { OptionalInterface } from './base.ts';
import type { BootInterface } from './boot.ts';
import type { DeployInterface } from './deploy.ts';
import type { ManagementInterface } from './management.ts';
import type { NetworkInterface } from './network.ts';
import type { PowerInterface } from './power.ts';

interface CoreInterfaces {
  power: PowerInterface;
  management: ManagementInterface;
  boot: BootInterface;
  deploy: DeployInterface;
  network: NetworkInterface;
}

/** The type of the interface of each kind. */
export type InterfaceOf<Kind extends InterfaceKind> = Kind extends keyof CoreInterfaces
  ? CoreInterfaces[Kind]
  : OptionalInterface;

export type AnyInterface = CoreInterfaces[keyof CoreInterfaces] | OptionalInterface;

/** The implementations that a node names. */
export type NodeInterfaces = { readonly [Kind in InterfaceKind]: InterfaceOf<Kind> };
