// What can be said of drivers and nodes without reaching a machine: the same in every process, whichever serves the node.
import type { LocalAnswers } from '../cluster/doors.ts';
import type { Members } from '../cluster/members.ts';
import type { DriverCatalog } from '../drivers/catalog.ts';
import type { NodeLocks } from './locks.ts';
import { vendorMethods } from './vendor.ts';

/** Makes these answers. */
export function createAnswers(catalog: DriverCatalog, members: Members, locks: NodeLocks): LocalAnswers {
  return {
    ...vendorMethods(catalog),
    hasRaid: (node) => catalog.interfacesOf(node).raid.supported,
    drivers: () => catalog.summaries(members.hostsOf),
    driverProperties: (driver) => catalog.properties(driver),
    resolveInterfaces: (driver, named) => catalog.resolve(driver, named),
    withLock: (node, _purpose, work) => locks.alone(node, work),
    conductorOf: (node) => members.ownerOf(node),
  };
}
