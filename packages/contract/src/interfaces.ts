// The thirteen kinds of driver interfaces of a node, and the versions that brought their fields.

/** Interface kinds with the minor version of `<kind>_interface`; `core` ones every hardware type has. */
export const interfaceKinds = {
  bios: { since: 40, driverSince: 40, core: false },
  boot: { since: 31, driverSince: 30, core: true },
  console: { since: 31, driverSince: 30, core: false },
  deploy: { since: 31, driverSince: 30, core: true },
  firmware: { since: 86, driverSince: 86, core: false },
  inspect: { since: 31, driverSince: 30, core: false },
  management: { since: 31, driverSince: 30, core: true },
  network: { since: 20, driverSince: 30, core: true },
  power: { since: 31, driverSince: 30, core: true },
  raid: { since: 31, driverSince: 30, core: false },
  rescue: { since: 38, driverSince: 38, core: false },
  storage: { since: 33, driverSince: 33, core: false },
  vendor: { since: 31, driverSince: 30, core: false },
} as const;

export type InterfaceKind = keyof typeof interfaceKinds;

export const interfaceKindNames = Object.keys(interfaceKinds) as readonly InterfaceKind[];
