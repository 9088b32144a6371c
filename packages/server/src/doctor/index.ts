// wrought doctor: looks at everything that a server needs, beside one that runs or without one, and says what to do.
import { createBootServices } from '../boot/services.ts';
import {
  type Config,
  ConfigError,
  configWarnings,
  formatProblem,
  type LoadOptions,
  loadConfig,
} from '../config/index.ts';
import { createCatalog, type DriverCatalog } from '../drivers/catalog.ts';
import { loadDrivers } from '../drivers/index.ts';
import { checkBootFiles } from './boot-files.ts';
import { checkClock } from './clock.ts';
import { checkDataDirectory } from './data-directory.ts';
import { checkDatabase } from './database.ts';
import { checkEvents } from './events.ts';
import { type Finding, ok, problem, reasonOf, warning } from './finding.ts';
import { checkListeners } from './listeners.ts';
import { checkPrograms } from './programs.ts';
import { findServer } from './server-process.ts';
import { checkSwitches } from './switches.ts';

export type { Finding, Health } from './finding.ts';

/** Looks at everything; changes nothing but what a start would make anyway. */
export async function examine(options: LoadOptions): Promise<Finding[]> {
  let config: Config;
  try {
    config = loadConfig(options);
  } catch (error) {
    if (!(error instanceof ConfigError)) {
      throw error;
    }
    return error.problems.map((each) =>
      problem('configuration', formatProblem(each), '"wrought config sample" prints every option with its meaning.'),
    );
  }
  const server = findServer(config.dataDirectory);
  const findings = [
    ...checkConfiguration(config),
    server === undefined
      ? ok('server', `No server runs on ${config.dataDirectory}.`)
      : ok('server', `A server runs on ${config.dataDirectory} (process ${server.pid ?? 'unknown'}).`),
    ...checkDataDirectory(config),
    ...(await checkDatabase(config)),
    ...(await checkEvents(config)),
    await checkClock(),
    ...(await checkListeners(config, server)),
  ];
  const catalog = await readCatalog(config);
  if ('health' in catalog) {
    return [...findings, catalog];
  }
  return [
    ...findings,
    ok('drivers', `Enabled: ${catalog.names.join(', ')}.`),
    ...(await checkPrograms(config, catalog)),
    ...(await checkBootFiles(config, catalog, server)),
    ...(await checkSwitches(config)),
  ];
}

function checkConfiguration(config: Config): Finding[] {
  const warnings = configWarnings(config);
  const file = config.origin.file;
  return warnings.length === 0
    ? [ok('configuration', file === undefined ? 'Valid; no file was named (--config).' : `${file} is valid.`)]
    : warnings.map((text) => warning('configuration', text, 'Change the option that is named.'));
}

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** The enabled drivers, or what keeps them from being loaded. */
async function readCatalog(config: Config): Promise<DriverCatalog | Finding> {
  try {
    const { environment } = await createBootServices({ config: () => config, log: silent });
    return createCatalog(await loadDrivers(config, environment), config);
  } catch (error) {
    if (error instanceof ConfigError) {
      return problem('configuration', reasonOf(error), 'Change what is named.');
    }
    return problem('drivers', reasonOf(error), 'Change the section [drivers] of the configuration.');
  }
}
