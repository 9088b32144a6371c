// What Dell has beside Redfish for RAID: modes of controllers, drives in and out of RAID, foreign configurations (DellRaidService,
// DellStorageController, DellPhysicalDisk schemas).
import type { Answer, CallOptions, Client } from '../client.ts';
import { UnsupportedError } from '../errors.ts';
import type { Resource } from '../resource.ts';
import type { Drive, Storage } from '../resources/storage.ts';
import { patchSettings } from '../settings.ts';

/** RaidStatus of a drive: `Ready`, `Online`, `NonRAID`, `Foreign` and so on. Undefined for other manufacturers. */
export const readDellRaidStatus = ({ resource }: Drive): string | undefined =>
  resource.oem('Dell')?.object('DellPhysicalDisk')?.text('RaidStatus');

export interface DellController {
  readonly resource: Resource;
  /** `RAID`, `EnhancedHBA` or `HBA`. */
  readonly mode: string;
  /** Modes that it can have; empty where it does not say. */
  readonly modes: readonly string[];
}

/** Reads the controllers of a storage whose mode is known. */
export async function readDellControllers(
  client: Client,
  storage: Storage,
  options: CallOptions = {},
): Promise<DellController[]> {
  const collection = storage.resource.link('Controllers');
  const found = collection === undefined ? [] : await client.members(collection, options);
  return found.flatMap((resource) => {
    const own = resource.oem('Dell')?.object('DellStorageController');
    const mode = own?.text('ControllerMode');
    return mode === undefined ? [] : [{ resource, mode, modes: own?.strings('SupportedControllerModes') ?? [] }];
  });
}

/**
 * Changes the mode of a controller at the next start of the machine.
 *
 * @throws UnsupportedError when the controller does not have it.
 */
export async function setDellControllerMode(
  client: Client,
  { resource, modes }: DellController,
  mode: string,
  options: CallOptions = {},
): Promise<Answer> {
  if (modes.length > 0 && !modes.includes(mode)) {
    throw new UnsupportedError(resource.named('PATCH'), `the controller has no mode "${mode}"`, modes);
  }
  const body = { Oem: { Dell: { DellStorageController: { ControllerMode: mode } } } };
  return patchSettings(client, resource, body, { applyTime: 'OnReset', ...options });
}

const linkToService = (system: Resource) =>
  system.object('Links')?.object('Oem')?.object('Dell')?.link('DellRaidService');

/** Whether a system has Dell's RAID service, through which all here but the mode goes. */
export const hasDellRaidService = (system: Resource): boolean => linkToService(system) !== undefined;

/** @throws UnsupportedError when the system has no RAID service */
async function serviceOf(client: Client, system: Resource, options: CallOptions): Promise<Resource> {
  const link = linkToService(system);
  if (link === undefined) throw new UnsupportedError(system.named(), 'the BMC has no DellRaidService');
  return client.get(link, options);
}

/** Gives drives to RAID, or takes them out of it; all are of one controller. Its answer is a job. */
export async function convertDellDrives(
  client: Client,
  system: Resource,
  driveIds: readonly string[],
  to: 'RAID' | 'NonRAID',
  options: CallOptions = {},
): Promise<Answer> {
  const service = await serviceOf(client, system, options);
  return client.action(service, `DellRaidService.ConvertTo${to}`, { PDArray: driveIds }, options);
}

/** Clears what drives have of the volumes of other controllers: they are free then. Its answer is a job. */
export async function clearDellForeignConfiguration(
  client: Client,
  system: Resource,
  storageId: string,
  options: CallOptions = {},
): Promise<Answer> {
  const service = await serviceOf(client, system, options);
  return client.action(service, 'DellRaidService.ClearForeignConfig', { TargetFQDD: storageId }, options);
}
