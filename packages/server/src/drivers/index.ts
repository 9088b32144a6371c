// The drivers of the program, one line each, and the loading of third-party modules that the configuration names.

import { isAbsolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ServerEnvironment } from '../boot/services.ts';
import type { Config } from '../config/index.ts';
import { DriverConfigurationError } from './catalog.ts';
import type { Driver, DriverEnvironment, DriverFactory } from './kit/index.ts';

const builtIn: readonly (() => Promise<{ default: DriverFactory<ServerEnvironment> }>)[] = [
  () => import('./noop/index.ts'),
  () => import('./fake/index.ts'),
  () => import('./manual/index.ts'),
  () => import('./ipmi/index.ts'),
  () => import('./redfish/index.ts'),
  () => import('./agent/index.ts'),
  () => import('./pxe/index.ts'),
  () => import('../network/index.ts'),
];

async function loadModule(name: string, environment: DriverEnvironment): Promise<Driver> {
  const specifier = isAbsolute(name) ? pathToFileURL(name).href : name;
  let module: { default?: unknown };
  try {
    module = (await import(specifier)) as { default?: unknown };
  } catch (error) {
    throw new DriverConfigurationError(
      `drivers.modules: "${name}" can not be loaded: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  if (typeof module.default !== 'function') {
    throw new DriverConfigurationError(`drivers.modules: "${name}" has no default export made by defineDriver(...).`);
  }
  return (module.default as DriverFactory)({
    config: environment.config,
    log: environment.log,
    observeBmcCall: environment.observeBmcCall,
    watchBmcs: environment.watchBmcs,
  });
}

/** Loads the built-in drivers and the third-party ones. Throws DriverConfigurationError naming the module. */
export async function loadDrivers(config: Config, environment: ServerEnvironment): Promise<Driver[]> {
  const own = await Promise.all(builtIn.map(async (load) => (await load()).default(environment)));
  const others = await Promise.all(config.drivers.modules.map((name) => loadModule(name, environment)));
  return [...own, ...others];
}
