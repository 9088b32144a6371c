// What a system boots from: override, mode, options and their order (ComputerSystem schema, Boot; BootOption schema).
import type { Answer, CallOptions, Client } from '../client.ts';
import { UnsupportedError } from '../errors.ts';
import type { Fields } from '../fields.ts';
import type { Resource } from '../resource.ts';
import { settingsOf } from '../settings.ts';

const bootModes = ['UEFI', 'Legacy'] as const;
export type BootMode = (typeof bootModes)[number];
const overrideDurations = ['Disabled', 'Once', 'Continuous'] as const;
export type OverrideDuration = (typeof overrideDurations)[number];

/** Boot sources (ComputerSystem schema, BootSource), and those that manufacturers add. */
export type BootTarget =
  | 'None'
  | 'Pxe'
  | 'Floppy'
  | 'Cd'
  | 'Usb'
  | 'Hdd'
  | 'BiosSetup'
  | 'Utilities'
  | 'Diags'
  | 'UefiShell'
  | 'UefiTarget'
  | 'SDCard'
  | 'UefiHttp'
  | 'RemoteDrive'
  | 'UefiBootNext'
  | 'Recovery'
  | 'UsbCd';

export interface Boot {
  readonly target: string | undefined;
  readonly enabled: OverrideDuration | undefined;
  readonly mode: BootMode | undefined;
  readonly httpBootUri: string | undefined;
  readonly uefiTarget: string | undefined;
  /** References of boot options, first one first. */
  readonly order: readonly string[];
  /** What the service lists; undefined when it does not say. */
  readonly allowedTargets: readonly string[] | undefined;
  readonly allowedModes: readonly string[] | undefined;
  readonly allowedDurations: readonly string[] | undefined;
}

function bootOf(fields: Fields | undefined, pending: Fields | undefined): Boot {
  const read = <T>(get: (boot: Fields) => T | undefined): T | undefined =>
    (fields === undefined ? undefined : get(fields)) ?? (pending === undefined ? undefined : get(pending));
  return {
    target: read((boot) => boot.text('BootSourceOverrideTarget')),
    enabled: read((boot) => boot.enumeration('BootSourceOverrideEnabled', overrideDurations)),
    mode: read((boot) => boot.enumeration('BootSourceOverrideMode', bootModes)),
    httpBootUri: read((boot) => boot.text('HttpBootUri')),
    uefiTarget: read((boot) => boot.text('UefiTargetBootSourceOverride')),
    order: fields?.strings('BootOrder') ?? [],
    allowedTargets: read((boot) => boot.allowableValues('BootSourceOverrideTarget')),
    allowedModes: read((boot) => boot.allowableValues('BootSourceOverrideMode')),
    allowedDurations: read((boot) => boot.allowableValues('BootSourceOverrideEnabled')),
  };
}

/**
 * The settings resource of a system, where it has one that takes this boot property: there are those that take the order
 * alone, while the system itself takes the override.
 */
async function bootSettings(
  client: Client,
  system: Resource,
  property: 'BootSourceOverrideTarget' | 'BootSourceOverrideMode' | 'BootOrder',
  options: CallOptions,
): Promise<Resource | undefined> {
  const { path } = settingsOf(system);
  if (path === undefined) return undefined;
  const settings = await client.get(path, options);
  const boot = settings.object('Boot');
  const takesIt = boot?.has(property) === true || boot?.allowableValues(property) !== undefined;
  return takesIt ? settings : undefined;
}

/** Reads the boot override of a system; what only its settings resource tells is taken from there. */
export async function readBoot(client: Client, system: Resource, options: CallOptions = {}): Promise<Boot> {
  const boot = system.object('Boot');
  const isComplete = boot?.allowableValues('BootSourceOverrideTarget') !== undefined;
  const settings = isComplete ? undefined : await bootSettings(client, system, 'BootSourceOverrideTarget', options);
  return bootOf(boot, settings?.object('Boot'));
}

/** Whether a wanted mode can be sent: there are systems that boot in one mode, and do not know the property. */
function canSetMode(system: Resource, settings: Resource | undefined, mode: BootMode | undefined): boolean {
  const boots = [system.object('Boot'), settings?.object('Boot')].filter((each) => each !== undefined);
  const property = 'BootSourceOverrideMode';
  if (boots.some((boot) => boot.has(property) || boot.allowableValues(property) !== undefined)) return true;
  if (mode !== undefined)
    system.report(`Boot/${property}`, `${mode} to be possible`, 'nothing; the mode is left as it is');
  return false;
}

export interface BootOverride {
  readonly target: BootTarget;
  readonly enabled: OverrideDuration;
  /** Left as it is when absent. */
  readonly mode?: BootMode;
  /** For the target UefiHttp. */
  readonly httpBootUri?: string;
  /** Device path for the target UefiTarget. */
  readonly uefiTarget?: string;
}

/**
 * Sets what a system boots from. The properties go to the settings resource where that takes them.
 *
 * @throws UnsupportedError for a target or a duration that the service excludes.
 */
export async function setBootOverride(
  client: Client,
  system: Resource,
  override: BootOverride,
  options: CallOptions = {},
): Promise<Answer> {
  const settings = await bootSettings(client, system, 'BootSourceOverrideTarget', options);
  const now = bootOf(system.object('Boot'), settings?.object('Boot'));
  const { target, enabled, mode, httpBootUri, uefiTarget } = override;
  if (now.allowedTargets !== undefined && now.allowedTargets.length > 0 && !now.allowedTargets.includes(target)) {
    throw new UnsupportedError(system.named('PATCH'), `the system cannot boot from ${target}`, now.allowedTargets);
  }
  if (
    now.allowedDurations !== undefined &&
    now.allowedDurations.length > 0 &&
    !now.allowedDurations.includes(enabled)
  ) {
    const what = `the system takes no boot override of the duration ${enabled}`;
    throw new UnsupportedError(system.named('PATCH'), what, now.allowedDurations);
  }
  // Some services refuse a duration that is in force already, others forget one that is not sent again.
  const isFull = client.behaviour.bootRequest === 'full';
  const wantedMode = canSetMode(system, settings, mode) ? (mode ?? (isFull ? now.mode : undefined)) : undefined;
  const Boot = {
    BootSourceOverrideTarget: target,
    ...(isFull || enabled !== now.enabled || enabled === 'Once' ? { BootSourceOverrideEnabled: enabled } : {}),
    ...(wantedMode === undefined || (!isFull && wantedMode === now.mode) ? {} : { BootSourceOverrideMode: wantedMode }),
    ...(httpBootUri === undefined ? {} : { HttpBootUri: httpBootUri }),
    ...(uefiTarget === undefined ? {} : { UefiTargetBootSourceOverride: uefiTarget }),
  };
  return client.patch(settings ?? system, { Boot }, options);
}

/**
 * Sets the mode in which a system boots, UEFI or Legacy.
 *
 * @throws UnsupportedError for services whose systems have no such property, or another list of modes.
 */
export async function setBootMode(
  client: Client,
  system: Resource,
  mode: BootMode,
  options: CallOptions = {},
): Promise<Answer> {
  const settings = await bootSettings(client, system, 'BootSourceOverrideMode', options);
  const now = bootOf(system.object('Boot'), settings?.object('Boot'));
  if (now.mode === undefined) {
    throw new UnsupportedError(system.named('PATCH'), 'the BMC does not tell in which mode the system boots');
  }
  if (now.allowedModes !== undefined && now.allowedModes.length > 0 && !now.allowedModes.includes(mode)) {
    throw new UnsupportedError(system.named('PATCH'), `the system cannot boot in ${mode} mode`, now.allowedModes);
  }
  const rest =
    client.behaviour.bootRequest === 'full'
      ? { BootSourceOverrideTarget: now.target ?? 'None', BootSourceOverrideEnabled: now.enabled ?? 'Disabled' }
      : {};
  return client.patch(settings ?? system, { Boot: { BootSourceOverrideMode: mode, ...rest } }, options);
}

export interface BootOption {
  readonly path: string;
  /** What BootOrder names it by. */
  readonly reference: string | undefined;
  readonly name: string | undefined;
  readonly isEnabled: boolean | undefined;
  /** What it stands for as a boot target, such as `Pxe`. */
  readonly alias: string | undefined;
  readonly uefiDevicePath: string | undefined;
}

/** Reads the boot options of a system; none when it has no such collection. */
export async function readBootOptions(
  client: Client,
  system: Resource,
  options: CallOptions = {},
): Promise<BootOption[]> {
  const collection = system.object('Boot')?.link('BootOptions');
  if (collection === undefined) return [];
  return (await client.members(collection, options)).map((option) => ({
    path: option.path,
    reference: option.text('BootOptionReference'),
    name: option.text('DisplayName') ?? option.text('Name'),
    isEnabled: option.boolean('BootOptionEnabled'),
    alias: option.text('Alias'),
    uefiDevicePath: option.text('UefiDevicePath'),
  }));
}

/** Sets the order in which boot options are tried, by their references. */
export async function setBootOrder(
  client: Client,
  system: Resource,
  order: readonly string[],
  options: CallOptions = {},
): Promise<Answer> {
  const settings = await bootSettings(client, system, 'BootOrder', options);
  return client.patch(settings ?? system, { Boot: { BootOrder: order } }, options);
}
