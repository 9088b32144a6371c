// The manager of a machine, which is its BMC as a resource.
import { managersOf, type Resource, UnsupportedError } from '@wrought/redfish';
import type { Bmc } from './calls.ts';

/** The first one that the machine names. @throws UnsupportedError where it names none */
export async function managerOf({ client, system, signal }: Bmc): Promise<Resource> {
  const found = await system();
  const [manager] = await managersOf(client, found, { signal });
  if (manager === undefined) {
    throw new UnsupportedError(found.named(), 'the BMC names no manager');
  }
  return manager;
}
