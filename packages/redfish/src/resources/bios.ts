// BIOS attributes: now, after the next reset, and what may be set (Bios schema).
import { hasAction } from '../action.ts';
import type { Answer, CallOptions, Client } from '../client.ts';
import { UnsupportedError } from '../errors.ts';
import type { Json } from '../fields.ts';
import type { Resource } from '../resource.ts';
import { type ApplyTime, patchSettings, type SettingsTarget, settingsOf } from '../settings.ts';
import { type AttributeDescription, readAttributes, readRegistry } from './registries.ts';

export interface Bios {
  readonly resource: Resource;
  /** As they are now. */
  readonly attributes: Json;
  /** Name of the registry that describes them. */
  readonly registryName: string | undefined;
  readonly settings: SettingsTarget;
}

/**
 * Reads the BIOS attributes of a system.
 *
 * @throws UnsupportedError when the system shows none.
 */
export async function readBios(client: Client, system: Resource, options: CallOptions = {}): Promise<Bios> {
  const resource = await client.get(system.mustLink('Bios'), options);
  return {
    resource,
    attributes: resource.object('Attributes')?.json ?? {},
    registryName: resource.text('AttributeRegistry'),
    settings: settingsOf(resource),
  };
}

/** The attributes that differ after the next reset; empty where nothing is pending or the service does not tell. */
export async function pendingBiosAttributes(client: Client, bios: Bios, options: CallOptions = {}): Promise<Json> {
  if (bios.settings.path === undefined) return {};
  const settings = await client.get(bios.settings.path, options);
  const pending = Object.entries(settings.object('Attributes')?.json ?? {});
  // Some services show all attributes there, others only those that will change.
  return Object.fromEntries(pending.filter(([name, value]) => value !== bios.attributes[name]));
}

/** Describes the BIOS attributes by name; empty where the service has no registry of them. */
export async function readBiosRegistry(
  client: Client,
  bios: Bios,
  options: CallOptions = {},
): Promise<Map<string, AttributeDescription>> {
  const registry = bios.registryName === undefined ? undefined : await readRegistry(client, bios.registryName, options);
  return registry === undefined ? new Map() : readAttributes(registry);
}

/**
 * Sets BIOS attributes.
 *
 * @param applyTime default OnReset, where the service lets choose.
 */
export function setBiosAttributes(
  client: Client,
  bios: Bios,
  attributes: Readonly<Record<string, string | number | boolean>>,
  { applyTime, ...options }: CallOptions & { readonly applyTime?: ApplyTime } = {},
): Promise<Answer> {
  const usual = bios.settings.applyTimes.includes('OnReset') ? 'OnReset' : undefined;
  const chosen = applyTime ?? usual;
  const when = chosen === undefined ? {} : { applyTime: chosen };
  return patchSettings(client, bios.resource, { Attributes: attributes }, { ...options, ...when });
}

/**
 * Resets all BIOS attributes to what the factory set; most machines do it at the next reset.
 *
 * @throws UnsupportedError when the BMC does not offer it.
 */
export function resetBios(client: Client, bios: Bios, options: CallOptions = {}): Promise<Answer> {
  if (!hasAction(bios.resource, 'Bios.ResetBios')) {
    throw new UnsupportedError(bios.resource.named('POST'), 'the BMC does not offer to reset the BIOS');
  }
  return client.action(bios.resource, 'Bios.ResetBios', {}, options);
}
