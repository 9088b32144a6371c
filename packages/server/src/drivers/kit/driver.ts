// A driver module: hardware types and the interfaces they are composed of.
import type { InterfaceKind } from '@wrought/contract';
import type { Config } from '../../config/index.ts';
import type { AnyInterface } from './interfaces.ts';
import type { BmcCallObserver, BmcWatcher } from './observer.ts';
import type { TaskLog } from './task.ts';

/** What a hardware type may be composed of: implementation names by kind, the preferred one first. */
export type SupportedInterfaces = { readonly [Kind in InterfaceKind]: readonly string[] };

export interface HardwareType {
  readonly name: string;
  readonly supported: SupportedInterfaces;
  /** Nodes of this type may use any enabled interface; `supported` says only which are preferred. */
  readonly acceptsAnyInterface?: true;
}

/** What the program offers to drivers when it starts. Third-party drivers get these members only. */
export interface DriverEnvironment {
  /** The configuration in force; call it each time, SIGHUP changes it. */
  readonly config: () => Config;
  readonly log: TaskLog;
  /** To be told of each call to a BMC, where calls are measured. */
  readonly observeBmcCall?: BmcCallObserver | undefined;
  /** To be given the conditions of the driver's BMCs, where they are measured. */
  readonly watchBmcs?: BmcWatcher | undefined;
}

/** Hardware types and interfaces that a module adds. */
export interface Driver {
  readonly hardwareTypes: readonly HardwareType[];
  readonly interfaces: readonly AnyInterface[];
  /** Gives back what is held open, such as sessions with BMCs; called when the process stops. */
  close?(): Promise<void>;
}

export type DriverFactory<Environment extends DriverEnvironment = DriverEnvironment> = (
  environment: Environment,
) => Driver | Promise<Driver>;

/** Marks a function as the driver that a module exports by default. */
export function defineDriver<Environment extends DriverEnvironment = DriverEnvironment>(
  create: DriverFactory<Environment>,
): DriverFactory<Environment> {
  return create;
}

/** Implementations that any hardware type can use, by kind, in order of preference. */
export const genericInterfaces: SupportedInterfaces = {
  bios: ['no-bios'],
  boot: ['ipxe', 'pxe', 'http-ipxe'],
  console: ['no-console'],
  deploy: ['direct'],
  firmware: ['no-firmware'],
  inspect: ['agent', 'no-inspect'],
  management: ['noop'],
  network: ['flat', 'neutron', 'ironic-networking', 'noop'],
  power: [],
  raid: ['no-raid'],
  rescue: ['no-rescue', 'agent'],
  storage: ['noop'],
  vendor: ['no-vendor'],
};
