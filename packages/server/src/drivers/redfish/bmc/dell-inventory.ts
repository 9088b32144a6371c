// The inventory of a machine of Dell: that of Redfish, with the network cards that its BIOS boots from.
import type { JsonObject } from '@wrought/contract';
import { dellPxeInterfaces, readBios, readEthernetInterfaces } from '@wrought/redfish';
import type { Task } from '../../kit/index.ts';
import type { Bmc, RedfishCalls } from './calls.ts';
import { type RedfishInspection, redfishInventory } from './inventory.ts';

/** MAC addresses, in lower case, of the cards that the BIOS boots from; undefined where it does not tell. */
async function pxeAddresses({ client, system, signal }: Bmc): Promise<ReadonlySet<string> | undefined> {
  const found = await system();
  const ids = dellPxeInterfaces((await readBios(client, found, { signal })).attributes);
  if (ids === undefined) {
    return undefined;
  }
  const cards = await readEthernetInterfaces(client, found, { signal });
  const addresses = cards
    .filter(({ id }) => ids.includes(id))
    .map(({ permanentMacAddress, macAddress }) => (permanentMacAddress ?? macAddress ?? '').toLowerCase());
  return new Set(addresses);
}

/** Looks at a machine. @throws DriverOperationError when its system can not be read at all */
export function dellInventory(calls: RedfishCalls) {
  const inspect = redfishInventory(calls);
  return async (task: Task): Promise<RedfishInspection> => {
    const found = await inspect(task);
    let addresses: ReadonlySet<string> | undefined;
    let reason = '';
    try {
      addresses = await calls.perform(task, 'read PXE devices', pxeAddresses);
    } catch (error) {
      if (task.abortSignal.aborted) {
        throw error;
      }
      reason = ` ${error instanceof Error ? error.message : String(error)}`;
    }
    if (addresses === undefined) {
      task.record({
        kind: 'inspection',
        severity: 'warning',
        message: `The BIOS does not tell which network cards it boots from; ports stay as they are.${reason}`,
      });
      return found;
    }
    const interfaces = (found.inventory.interfaces as readonly JsonObject[]).map((each) => ({
      ...each,
      pxe_enabled: addresses.has(String(each.mac_address).toLowerCase()),
    }));
    return { ...found, inventory: { ...found.inventory, interfaces } };
  };
}
