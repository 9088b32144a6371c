// What Dell adds to its systems and managers that tells which generation they are (DellSystem schema).
import type { CallOptions, Client } from '../client.ts';
import type { Json } from '../fields.ts';
import type { Resource } from '../resource.ts';

/** Generation of a PowerEdge, such as `16G Monolithic`. Undefined for other manufacturers. */
export const readDellGeneration = (system: Resource): string | undefined =>
  system.oem('Dell')?.object('DellSystem')?.text('SystemGeneration');

/**
 * Which network interfaces the BIOS boots from by UEFI PXE, by their Ids, such as `NIC.Embedded.1-1-1`.
 *
 * @param attributes of the BIOS.
 * @returns undefined where they do not tell, as in the boot mode of old.
 */
export function dellPxeInterfaces(attributes: Json): readonly string[] | undefined {
  const devices = Object.keys(attributes).flatMap((name) => /^PxeDev(\d+)EnDis$/.exec(name)?.[1] ?? []);
  if (attributes.BootMode !== 'Uefi' || devices.length === 0) return undefined;
  return devices
    .filter((device) => attributes[`PxeDev${device}EnDis`] === 'Enabled')
    .map((device) => String(attributes[`PxeDev${device}Interface`]));
}

/** Paths of what the Dell services of a manager are under, by name, such as `DellJobService`. */
export function dellLinks(manager: Resource): ReadonlyMap<string, string> {
  const oem = manager.object('Links')?.object('Oem')?.object('Dell');
  const found = new Map<string, string>();
  for (const name of Object.keys(oem?.json ?? {})) {
    const link = name.startsWith('@') ? undefined : oem?.link(name);
    if (link !== undefined) found.set(name, link);
  }
  return found;
}

/**
 * The VNC server of an iDRAC, which is another thing than its virtual console: attributes VNCServer.1 of the manager. Undefined for
 * other manufacturers, and for those that have none.
 */
export async function readDellVnc(
  client: Client,
  manager: Resource,
  options: CallOptions = {},
): Promise<{ readonly isEnabled: boolean; readonly port: number } | undefined> {
  const dell = manager.object('Links')?.object('Oem')?.object('Dell');
  const path = dell?.links('DellAttributes').find((each) => each.endsWith(`/${manager.text('Id')}`));
  if (path === undefined) return undefined;
  const attributes = (await client.get(path, options)).object('Attributes');
  const enable = attributes?.text('VNCServer.1.Enable');
  const port = attributes?.number('VNCServer.1.Port');
  return enable === undefined || port === undefined ? undefined : { isEnabled: enable === 'Enabled', port };
}
