// Changes that take effect later: `@Redfish.Settings` and apply times (DSP0266, "Settings resource").
import type { Answer, CallOptions, Client } from './client.ts';
import { UnsupportedError } from './errors.ts';
import type { Fields } from './fields.ts';
import { type Message, readMessages } from './messages.ts';
import type { Resource } from './resource.ts';

/** When a change is applied (Settings schema, ApplyTime). */
export const applyTimes = [
  'Immediate',
  'OnReset',
  'AtMaintenanceWindowStart',
  'InMaintenanceWindowOnReset',
  'OnStartUpdateRequest',
  'OnTargetReset',
] as const;
export type ApplyTime = (typeof applyTimes)[number];

const isApplyTime = (value: string): value is ApplyTime => applyTimes.some((each) => each === value);

/** Where and when the changes of a resource are made. */
export interface SettingsTarget {
  /** The resource of future values; undefined when the resource itself is changed. */
  readonly path: string | undefined;
  /** Empty when the service does not say. */
  readonly applyTimes: readonly ApplyTime[];
  /** What became of the last change: messages of the service. */
  readonly messages: readonly Message[];
  /** When the last change was applied. */
  readonly time: string | undefined;
}

/** Reads `@Redfish.Settings`. */
export function settingsOf(resource: Resource): SettingsTarget {
  const settings = resource.object('@Redfish.Settings');
  return {
    path: settings?.link('SettingsObject'),
    applyTimes: settings?.strings('SupportedApplyTimes').filter(isApplyTime) ?? [],
    messages:
      settings?.objects('Messages').flatMap((each) => readMessages({ '@Message.ExtendedInfo': each.json })) ?? [],
    time: settings?.text('Time'),
  };
}

/** When an operation, such as making a volume, can be done: `@Redfish.OperationApplyTimeSupport`; empty when unsaid. */
export function operationApplyTimes(fields: Fields): readonly ApplyTime[] {
  return fields.object('@Redfish.OperationApplyTimeSupport')?.strings('SupportedValues').filter(isApplyTime) ?? [];
}

/**
 * Changes what a resource will be: through its settings resource where it has one, else itself.
 *
 * @param applyTime is sent where the service says that it supports it.
 * @throws UnsupportedError for an apply time that the service excludes.
 */
export async function patchSettings(
  client: Client,
  resource: Resource,
  body: object,
  { applyTime, ...options }: CallOptions & { readonly applyTime?: ApplyTime } = {},
): Promise<Answer> {
  const settings = settingsOf(resource);
  if (applyTime !== undefined && settings.applyTimes.length > 0 && !settings.applyTimes.includes(applyTime)) {
    throw new UnsupportedError(resource.named('PATCH'), `no changes ${applyTime}`, settings.applyTimes);
  }
  const when =
    applyTime === undefined || settings.applyTimes.length === 0
      ? {}
      : { '@Redfish.SettingsApplyTime': { ApplyTime: applyTime } };
  return client.patch(settings.path ?? resource, { ...body, ...when }, options);
}
