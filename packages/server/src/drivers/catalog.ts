// The hardware types and interfaces that are enabled here, and which of them a node gets.
import {
  type InterfaceField,
  type InterfaceKind,
  interfaceKindNames,
  type Node,
  registeredError,
} from '@wrought/contract';
import type { Config } from '../config/index.ts';
import { type AnyInterface, type Driver, type HardwareType, isOfKind, type NodeInterfaces } from './kit/index.ts';

/** One enabled hardware type as the API shows it. */
export interface CatalogEntry {
  readonly name: string;
  readonly hosts: readonly string[];
  readonly type: 'dynamic';
  readonly defaultInterfaces: Readonly<Record<InterfaceKind, string | null>>;
  readonly enabledInterfaces: Readonly<Record<InterfaceKind, readonly string[]>>;
}

export interface DriverCatalog {
  readonly names: readonly string[];
  has(driver: string): boolean;
  /** Enabled hardware types, sorted by name; `hostsOf` tells which conductors serve one. */
  summaries(hostsOf: (driver: string) => readonly string[]): readonly CatalogEntry[];
  /** driver_info keys of the default interfaces of a hardware type with their descriptions; throws DriverNotFound. */
  properties(driver: string): Readonly<Record<string, string>>;
  /** The interfaces of a node of this hardware type; see the call door. */
  resolve(
    driver: string,
    named: Readonly<Partial<Record<InterfaceField, string | null>>>,
  ): Record<InterfaceField, string>;
  /** The implementations that a node uses; instance_info may name others for the time of the instance. */
  interfacesOf(node: Node): NodeInterfaces;
  /** The vendor interface that nodes of this hardware type get by default; throws DriverNotFound. */
  vendorOf(driver: string): NodeInterfaces['vendor'];
  /** Every enabled interface, for whoever goes through all steps. */
  all(): readonly AnyInterface[];
}

/** A mistake in the configuration that only shows when the drivers are loaded. */
export class DriverConfigurationError extends Error {}

function byKind<Value>(make: (kind: InterfaceKind) => Value): Record<InterfaceKind, Value> {
  return Object.fromEntries(interfaceKindNames.map((kind) => [kind, make(kind)])) as Record<InterfaceKind, Value>;
}

/** Builds the catalog from everything that drivers offer and what the configuration enables of it. */
export function createCatalog(drivers: readonly Driver[], config: Config): DriverCatalog {
  const offeredTypes = new Map(drivers.flatMap((driver) => driver.hardwareTypes).map((type) => [type.name, type]));
  const implementations = new Map<string, AnyInterface>();
  for (const implementation of drivers.flatMap((driver) => driver.interfaces)) {
    const key = `${implementation.kind}/${implementation.name}`;
    if (implementations.has(key)) {
      throw new DriverConfigurationError(
        `Two drivers offer the ${implementation.kind} interface "${implementation.name}".`,
      );
    }
    implementations.set(key, implementation);
  }
  const types = config.drivers.enabled.map((name) => {
    const type = offeredTypes.get(name);
    if (type === undefined) {
      throw new DriverConfigurationError(
        `drivers.enabled names the hardware type "${name}", which no driver offers. Offered: ${[...offeredTypes.keys()].sort().join(', ')}.`,
      );
    }
    return type;
  });

  const exists = (kind: InterfaceKind, name: string) => implementations.has(`${kind}/${name}`);
  const enabled = byKind((kind) => {
    const named = config.drivers[`enabled_${kind}_interfaces`];
    const unknown = named.filter((name) => !exists(kind, name));
    if (unknown.length > 0) {
      throw new DriverConfigurationError(
        `drivers.enabled_${kind}_interfaces names ${unknown.join(', ')}, which no driver offers.`,
      );
    }
    const supported = types.flatMap((type) => type.supported[kind]).filter((name) => exists(kind, name));
    return new Set(named.length > 0 ? named : supported);
  });

  /** What a hardware type may use here, the preferred one first. */
  function usable(type: HardwareType, kind: InterfaceKind): readonly string[] {
    return type.supported[kind].filter((name) => enabled[kind].has(name));
  }

  function defaultOf(type: HardwareType, kind: InterfaceKind): string | null {
    const configured = config.drivers[`default_${kind}_interface`];
    const candidates = usable(type, kind);
    return configured !== null && candidates.includes(configured) ? configured : (candidates[0] ?? null);
  }

  function typeOf(driver: string): HardwareType {
    const type = types.find((each) => each.name === driver);
    if (type === undefined) {
      throw registeredError('DriverNotFound', {
        driver,
        valid: types
          .map((each) => each.name)
          .sort()
          .join(', '),
      });
    }
    return type;
  }

  function choose(type: HardwareType, kind: InterfaceKind, named: string | null | undefined): string {
    if (named === null || named === undefined || named === '') {
      const chosen = defaultOf(type, kind);
      if (chosen === null) {
        throw registeredError('NoValidDefaultForInterface', {
          iface: kind,
          driver: type.name,
          supported: type.supported[kind].join(', ') || 'none',
        });
      }
      return chosen;
    }
    if (!enabled[kind].has(named)) {
      throw registeredError('InterfaceNotFoundInEntrypoint', {
        iface: kind,
        name: named,
        valid: [...enabled[kind]].join(', '),
      });
    }
    const candidates = usable(type, kind);
    if (!candidates.includes(named) && type.acceptsAnyInterface !== true) {
      throw registeredError('IncompatibleInterface', {
        iface: kind,
        name: named,
        driver: type.name,
        valid: candidates.join(', '),
      });
    }
    return named;
  }

  function enabledImplementation<Kind extends InterfaceKind>(kind: Kind, name: string): NodeInterfaces[Kind] {
    const implementation = enabled[kind].has(name) ? implementations.get(`${kind}/${name}`) : undefined;
    if (implementation === undefined || !isOfKind(implementation, kind)) {
      throw registeredError('InterfaceNotFoundInEntrypoint', {
        iface: kind,
        name,
        valid: [...enabled[kind]].join(', '),
      });
    }
    return implementation;
  }

  function implementationOf<Kind extends InterfaceKind>(node: Node, kind: Kind): NodeInterfaces[Kind] {
    const field: InterfaceField = `${kind}_interface`;
    const override = node.instance_info[field];
    return enabledImplementation(kind, typeof override === 'string' ? override : node[field]);
  }

  return {
    names: types.map((type) => type.name).sort(),
    has: (driver) => types.some((type) => type.name === driver),
    summaries: (hostsOf) =>
      [...types]
        .sort((a, b) => (a.name < b.name ? -1 : 1))
        .map((type) => ({
          name: type.name,
          hosts: hostsOf(type.name),
          type: 'dynamic',
          defaultInterfaces: byKind((kind) => defaultOf(type, kind)),
          enabledInterfaces: byKind((kind) => usable(type, kind)),
        })),
    properties(driver) {
      const type = typeOf(driver);
      const all: Record<string, string> = {};
      for (const kind of interfaceKindNames) {
        Object.assign(all, implementations.get(`${kind}/${defaultOf(type, kind)}`)?.properties);
      }
      return all;
    },
    resolve(driver, named) {
      const type = typeOf(driver);
      const fields = interfaceKindNames.map((kind) => {
        const field: InterfaceField = `${kind}_interface`;
        return [field, choose(type, kind, named[field])] as const;
      });
      return Object.fromEntries(fields) as Record<InterfaceField, string>;
    },
    interfacesOf: (node) => ({
      bios: implementationOf(node, 'bios'),
      boot: implementationOf(node, 'boot'),
      console: implementationOf(node, 'console'),
      deploy: implementationOf(node, 'deploy'),
      firmware: implementationOf(node, 'firmware'),
      inspect: implementationOf(node, 'inspect'),
      management: implementationOf(node, 'management'),
      network: implementationOf(node, 'network'),
      power: implementationOf(node, 'power'),
      raid: implementationOf(node, 'raid'),
      rescue: implementationOf(node, 'rescue'),
      storage: implementationOf(node, 'storage'),
      vendor: implementationOf(node, 'vendor'),
    }),
    vendorOf: (driver) => enabledImplementation('vendor', choose(typeOf(driver), 'vendor', null)),
    all: () =>
      [...implementations.values()].filter((implementation) => enabled[implementation.kind].has(implementation.name)),
  };
}
