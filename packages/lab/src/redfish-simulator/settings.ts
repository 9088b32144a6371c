// What simulated Redfish services have in common, with its defaults: users, limits, times, the make of the service.

import { FakeMachine } from './machine/fake.ts';
import type { RedfishMachine } from './machine/machine.ts';
import { modelOf } from './models/index.ts';
import type { Model, ModelName } from './models/model.ts';
import type { DellStorageSettings } from './resources/dell-drives.ts';

export const roles = ['Administrator', 'Operator', 'ReadOnly'] as const;
export type RoleName = (typeof roles)[number];

export interface RedfishUser {
  readonly name: string;
  readonly password: string;
  readonly role: RoleName;
}

export interface RedfishSettings {
  /** "generic" when absent. */
  readonly model?: ModelName;
  /** https with a certificate of its own, or plain http; "https" when absent. */
  readonly scheme?: 'http' | 'https';
  /** One administrator "admin" with the password "secret12" when absent. */
  readonly users?: readonly RedfishUser[];
  /** Sessions at once; the model's when absent. */
  readonly sessionLimit?: number;
  /** Seconds after which an idle session is over; the model's when absent. */
  readonly sessionSeconds?: number;
  /** How long a task takes; 1 when absent. */
  readonly taskSeconds?: number;
  /** How long a drive still shows an image that was ejected, and takes no other; 0 when absent. */
  readonly ejectSeconds?: number;
  /** How long a service is away when it is reset; 1 when absent. */
  readonly resetSeconds?: number;
  /** How long Dell's Lifecycle Controller takes to be ready after a start of the service; 0 when absent. */
  readonly lifecycleSeconds?: number;
  /** Modes of Dell's controllers and states of their drives when the service starts. */
  readonly dellStorage?: DellStorageSettings;
  /** Ids of drives that are hot spares; none when absent. */
  readonly hotSpares?: readonly string[];
  /** How long an idle connection is kept; 30 when absent. */
  readonly keepAliveSeconds?: number;
  /** Members of a collection that come at once; all when absent. */
  readonly pageSize?: number;
  /** Volumes are made and deleted at the next boot alone; when the model has it, if absent. */
  readonly volumesOnReset?: boolean;
  /** TCP port of the KVM of a service whose machine has a screen; a free one when absent. */
  readonly kvmPort?: number;
  /** Makes the machine behind each service; one that is a power state alone when absent. */
  readonly machine?: (index: number) => RedfishMachine;
  /** Is told what fails in a service by a fault of the simulator; standard error when absent. */
  readonly log?: (line: string) => void;
}

export interface ResolvedSettings {
  readonly model: Model;
  readonly scheme: 'http' | 'https';
  readonly users: readonly RedfishUser[];
  readonly sessionLimit: number;
  readonly sessionMilliseconds: number;
  readonly taskMilliseconds: number;
  readonly ejectMilliseconds: number;
  readonly resetMilliseconds: number;
  readonly lifecycleMilliseconds: number;
  readonly dellStorage: DellStorageSettings;
  readonly hotSpares: readonly string[];
  readonly keepAliveMilliseconds: number;
  readonly pageSize: number | undefined;
  readonly kvmPort: number;
  readonly machine: (index: number) => RedfishMachine;
  readonly log: (line: string) => void;
}

const defaultUsers: readonly RedfishUser[] = [{ name: 'admin', password: 'secret12', role: 'Administrator' }];
const mostSessions = 1000;

function checkWhole(what: string, value: number, most: number): void {
  if (!Number.isInteger(value) || value < 1 || value > most) {
    throw new RangeError(`${value} ${what}: 1 to ${most} are allowed`);
  }
}

function checkSeconds(what: string, seconds: number): void {
  if (!(seconds >= 0 && Number.isFinite(seconds)))
    throw new RangeError(`${what} ${seconds}: a number from 0 up is allowed`);
}

function modelWith(model: Model, { volumesOnReset = false }: RedfishSettings): Model {
  if (!volumesOnReset) return model;
  return { ...model, storage: model.storage.map((each) => ({ ...each, applyTimes: ['OnReset'] })) };
}

/** Fills in the defaults. Throws a RangeError that says what is wrong and what is allowed. */
export function resolveSettings(given: RedfishSettings): ResolvedSettings {
  const model = modelWith(modelOf(given.model ?? 'generic'), given);
  const { users = defaultUsers, sessionLimit = model.sessions.limit, sessionSeconds = model.sessions.seconds } = given;
  const { taskSeconds = 1, ejectSeconds = 0, resetSeconds = 1, lifecycleSeconds = 0, keepAliveSeconds = 30 } = given;
  checkWhole('sessions', sessionLimit, mostSessions);
  if (given.pageSize !== undefined) checkWhole('members at once', given.pageSize, Number.MAX_SAFE_INTEGER);
  checkSeconds('sessionSeconds', sessionSeconds);
  checkSeconds('taskSeconds', taskSeconds);
  checkSeconds('ejectSeconds', ejectSeconds);
  checkSeconds('resetSeconds', resetSeconds);
  checkSeconds('lifecycleSeconds', lifecycleSeconds);
  checkSeconds('keepAliveSeconds', keepAliveSeconds);
  for (const { name, role } of users) {
    if (name === '') throw new RangeError('a user needs a name');
    if (!roles.includes(role)) throw new RangeError(`role "${role}" of "${name}": ${roles.join(', ')} are allowed`);
  }
  return {
    model,
    scheme: given.scheme ?? 'https',
    users,
    sessionLimit,
    sessionMilliseconds: sessionSeconds * 1000,
    taskMilliseconds: taskSeconds * 1000,
    ejectMilliseconds: ejectSeconds * 1000,
    resetMilliseconds: resetSeconds * 1000,
    lifecycleMilliseconds: lifecycleSeconds * 1000,
    dellStorage: given.dellStorage ?? {},
    hotSpares: given.hotSpares ?? [],
    keepAliveMilliseconds: keepAliveSeconds * 1000,
    pageSize: given.pageSize,
    kvmPort: given.kvmPort ?? 0,
    machine: given.machine ?? (() => new FakeMachine()),
    log: given.log ?? console.error,
  };
}
