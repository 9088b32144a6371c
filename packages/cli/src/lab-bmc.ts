// wrought lab bmc: simulated IPMI BMCs on this machine, until it is interrupted.
import { type Command, InvalidArgumentError } from 'commander';
import type { Context } from './context.ts';
import { explained, type PlaceOptions, parseWholeNumber, untilInterrupted, withPlaces } from './lab-options.ts';

interface BmcOptions extends PlaceOptions {
  readonly suites?: readonly number[];
  readonly kg?: Buffer;
  readonly sessionLimit: number;
  readonly faults: string;
}

function parseHexadecimal(text: string): Buffer {
  if (!/^([0-9a-f]{2})+$/i.test(text)) {
    throw new InvalidArgumentError('it is no sequence of hexadecimal digits, two a byte');
  }
  return Buffer.from(text, 'hex');
}

const parseSuites = (text: string) => text.split(',').map(parseWholeNumber);

export function defineBmc(noun: Command, context: Context): void {
  const command = noun
    .command('bmc')
    .description('run simulated IPMI BMCs in one process, until it is interrupted; their machines are off');
  withPlaces(command, 'UDP', 6230)
    .option('--suites <numbers>', 'cipher suites that are offered, such as 3,17 (default: all but 0)', parseSuites)
    .option('--kg <hexadecimal>', 'BMC key (Kg) of two-key logins, in hexadecimal digits', parseHexadecimal)
    .option('--session-limit <number>', 'sessions that each has at once', parseWholeNumber, 16)
    .option('--faults <list>', 'faults by share of the BMCs: silent=1%,slow=5%,lossy=5%,busy=1%', '')
    .action((options: BmcOptions) => serve(options, context));
}

/** Runs BMCs until SIGINT or SIGTERM; says every ten seconds what they have seen. */
async function serve(options: BmcOptions, context: Context): Promise<void> {
  const { parseBmcFaults, startBmcSimulator } = await import('@wrought/lab');
  const { count, address, port, next, userName, password, suites, kg, sessionLimit, seed, faultRate } = options;
  const running = await explained(
    (async () =>
      startBmcSimulator({
        ...{ count, places: { address, port, next }, sessionLimit, seed, faultRate },
        users: [{ id: 2, name: userName, password, privilege: 'administrator' }],
        faults: parseBmcFaults(options.faults),
        ...(suites === undefined ? {} : { suites }),
        ...(kg === undefined ? {} : { bmcKey: kg }),
      }))(),
  );
  context.showList(
    running.bmcs.map(({ name, address: at, port: on, uuid, fault }) => ({
      ...{ name, address: at, port: on, uuid, fault: fault?.name ?? '' },
    })),
    ['name', 'address', 'port', 'uuid', 'fault'],
  );
  await untilInterrupted(() => context.note(JSON.stringify(running.counts)));
  await running.close();
}
