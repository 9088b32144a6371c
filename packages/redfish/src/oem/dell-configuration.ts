// Server configuration profiles of Dell: what is set up in an iDRAC, a BIOS, controllers and cards, as one text (OemManager schema).
import type { Answer, CallOptions, Client } from '../client.ts';
import type { Json } from '../fields.ts';
import type { Resource } from '../resource.ts';

const everything = { Target: 'ALL' };

/** Exports all settings, without passwords. Its answer is a task, which is the profile itself in the end. */
export const exportDellConfiguration = (
  client: Client,
  manager: Resource,
  options: CallOptions = {},
): Promise<Answer> =>
  client.action(
    manager,
    'OemManager.ExportSystemConfiguration',
    { ShareParameters: everything, ExportFormat: 'JSON', ExportUse: 'Clone' },
    options,
  );

/** The profile that an export made; undefined while the task is not it. */
export async function readDellProfile(
  client: Client,
  path: string,
  options: CallOptions = {},
): Promise<Json | undefined> {
  const { json } = await client.get(path, options);
  return typeof json.SystemConfiguration === 'object' ? json : undefined;
}

export interface DellImport {
  /** A profile, or a part of one, as JSON or XML. */
  readonly profile: string;
  /** How the machine goes down where settings want that: `NoReboot` leaves them for its next start. */
  readonly shutdown: 'Graceful' | 'Forced' | 'NoReboot';
  /** Whether the machine is to be on afterwards. */
  readonly isOnAfterwards: boolean;
}

/** Imports settings. Its answer is a task, in whose course the machine may restart. */
export const importDellConfiguration = (
  client: Client,
  manager: Resource,
  { profile, shutdown, isOnAfterwards }: DellImport,
  options: CallOptions = {},
): Promise<Answer> =>
  client.action(
    manager,
    'OemManager.ImportSystemConfiguration',
    {
      ShareParameters: everything,
      ImportBuffer: profile,
      ShutdownType: shutdown,
      HostPowerState: isOnAfterwards ? 'On' : 'Off',
    },
    options,
  );
