// Chassis: which there are, and what they are (Chassis schema).
import type { CallOptions, Client } from '../client.ts';
import type { Resource } from '../resource.ts';
import { readStatus, type Status } from './health.ts';
import { partOfRoot } from './root.ts';

export interface Chassis {
  readonly path: string;
  readonly name: string | undefined;
  /** `RackMount`, `Blade`, `Enclosure`, `Module` and so on. */
  readonly chassisType: string | undefined;
  readonly manufacturer: string | undefined;
  readonly model: string | undefined;
  readonly partNumber: string | undefined;
  readonly serialNumber: string | undefined;
  readonly assetTag: string | undefined;
  readonly powerState: string | undefined;
  readonly status: Status;
}

/** Reads what a chassis says of itself. */
export function readChassis(chassis: Resource): Chassis {
  return {
    path: chassis.path,
    name: chassis.text('Name'),
    chassisType: chassis.text('ChassisType'),
    manufacturer: chassis.text('Manufacturer'),
    model: chassis.text('Model'),
    partNumber: chassis.text('PartNumber'),
    serialNumber: chassis.text('SerialNumber'),
    assetTag: chassis.text('AssetTag'),
    powerState: chassis.text('PowerState'),
    status: readStatus(chassis),
  };
}

/** Reads the chassis that a system is in: those that it names, or else all of the service. */
export async function chassisOf(client: Client, system: Resource, options: CallOptions = {}): Promise<Resource[]> {
  const paths = system.object('Links')?.links('Chassis') ?? [];
  if (paths.length === 0) {
    return client.members(await partOfRoot(client, 'Chassis', options), options);
  }
  const found: Resource[] = [];
  for (const path of paths) found.push(await client.get(path, options));
  return found;
}
