// What users of the library see.

export { type ActionOptions, allowedValues, hasAction } from './action.ts';
export {
  type Answer,
  type CallOptions,
  type Client,
  type ClientOptions,
  createClient,
  type GetOptions,
  type SendOptions,
} from './client.ts';
export type { MembersOptions } from './collection.ts';
export * from './errors.ts';
export { type Event, type EventRecord, readEvent } from './events/event.ts';
export { type EventStreamOptions, streamEvents } from './events/stream.ts';
export { Fields, type Oddity, type OddityListener } from './fields.ts';
export type { FileSource } from './http/bodies.ts';
export type { StreamBody } from './http/body.ts';
export type { HttpStream } from './http/connection.ts';
export type { ConnectionOptions, ExchangeReport, TlsOptions, TlsVersion, Trust } from './http/options.ts';
export { type Message, messageKey, messagesText, readMessages } from './messages.ts';
export { dellLinks, dellPxeInterfaces, readDellGeneration } from './oem/dell.ts';
export {
  type DellImport,
  exportDellConfiguration,
  importDellConfiguration,
  readDellProfile,
} from './oem/dell-configuration.ts';
export {
  clearDellJobs,
  type DellJob,
  type DellReadiness,
  listDellJobs,
  readDellReadiness,
} from './oem/dell-manager.ts';
export {
  clearDellForeignConfiguration,
  convertDellDrives,
  type DellController,
  hasDellRaidService,
  readDellControllers,
  readDellRaidStatus,
  setDellControllerMode,
} from './oem/dell-storage.ts';
export { readHpePostState } from './oem/hpe.ts';
export { type Behaviour, usualBehaviour } from './quirks/behaviour.ts';
export { isPassing, type PassingOptions, retryWhilePassing } from './quirks/passing.ts';
export type { Quirk, QuirkyService } from './quirks/quirk.ts';
export {
  adoptQuirks,
  behaviourOf,
  compareVersions,
  identityOf,
  quirks,
  quirksOf,
  type ServiceIdentity,
} from './quirks/quirks.ts';
export { isMissing, isUnknown } from './refusal.ts';
export { Resource } from './resource.ts';
export * from './resources/index.ts';
export type { AuthenticationMode } from './session/authenticator.ts';
export { type ApplyTime, operationApplyTimes, patchSettings, type SettingsTarget, settingsOf } from './settings.ts';
export { listTasks, readTask, readTaskOf, type TaskProgress, taskPath } from './task.ts';
export type { TaskResult, WaitOptions } from './task-wait.ts';
