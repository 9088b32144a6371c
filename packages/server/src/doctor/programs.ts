// Checks the programs of others that the enabled drivers and services start.
import type { Config } from '../config/index.ts';
import type { DriverCatalog } from '../drivers/catalog.ts';
import { run } from './command.ts';
import { type Finding, ok, problem } from './finding.ts';

interface Needed {
  readonly program: string;
  /** The option that names it. */
  readonly option: string;
  readonly debianPackage: string;
  /** What makes it say its version. */
  readonly versionArgument: string;
  readonly reason: string;
}

/** What this configuration needs. */
function neededPrograms(config: Config, catalog: DriverCatalog): Needed[] {
  const needed: Needed[] = [];
  if (catalog.all().some(({ kind, name }) => kind === 'power' && name === 'ipmitool')) {
    needed.push({
      program: config.ipmi.program,
      option: 'ipmi.program',
      debianPackage: 'ipmitool',
      versionArgument: '-V',
      reason: 'the power interface "ipmitool"',
    });
  }
  if (config.dhcp.dhcp_provider === 'dnsmasq') {
    needed.push({
      program: config.dnsmasq.program,
      option: 'dnsmasq.program',
      debianPackage: 'dnsmasq-base',
      versionArgument: '--version',
      reason: 'dhcp.dhcp_provider = "dnsmasq"',
    });
  }
  return needed;
}

export async function checkPrograms(config: Config, catalog: DriverCatalog): Promise<Finding[]> {
  return Promise.all(
    neededPrograms(config, catalog).map(async ({ program, option, debianPackage, versionArgument, reason }) => {
      const { output, failure } = await run(program, [versionArgument]);
      return failure === null
        ? ok(option, `${output.split(/\n|\s{2,}/)[0]?.trim()}.`)
        : problem(
            option,
            `"${program}" can not be run (${failure}), and ${reason} needs it.`,
            `apt-get install ${debianPackage}, or name the program in ${option}.`,
          );
    }),
  );
}
