// Who made a machine, as its BMC says: learned as the property "vendor" where the node does not have it.
import type { Facts, Task } from '../drivers/kit/index.ts';

/** Whether it can be asked, and is not known. */
export function lacksVendor({ node, interfaces: { management } }: Task): boolean {
  return management.detectVendor !== undefined && !node.properties.vendor;
}

/** What the BMC says; undefined when it says nothing that is known. @throws what keeps it from being asked */
export async function vendorFacts(task: Task): Promise<Facts | undefined> {
  const vendor = await task.interfaces.management.detectVendor?.(task);
  if (vendor === undefined || vendor === null) {
    return undefined;
  }
  task.record({ kind: 'bmc', message: `The BMC is one of ${vendor}; stored as properties/vendor.` });
  return { properties: { vendor } };
}
