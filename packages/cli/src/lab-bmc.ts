// wrought lab bmc: simulated IPMI BMCs on this machine, until it is interrupted.
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Context } from './context.ts';
import { explained, parseMachines, parseWholeNumber, untilInterrupted } from './lab-options.ts';

interface BmcOptions {
  readonly count: number;
  readonly address: string;
  readonly port: number;
  readonly next: 'address' | 'port';
  readonly userName: string;
  readonly password: string;
  readonly suites?: readonly number[];
  readonly kg?: Buffer;
  readonly sessionLimit: number;
  readonly seed: number;
  readonly faults: string;
  readonly faultRate: number;
}

const PERCENT = 100;

function parsePercent(text: string): number {
  const percent = Number(/^(\d+(?:\.\d+)?)%$/.exec(text)?.[1]);
  if (!(percent >= 0 && percent <= PERCENT)) {
    throw new InvalidArgumentError('it is no share, such as 20%');
  }
  return percent / PERCENT;
}

function parseHexadecimal(text: string): Buffer {
  if (!/^([0-9a-f]{2})+$/i.test(text)) {
    throw new InvalidArgumentError('it is no sequence of hexadecimal digits, two a byte');
  }
  return Buffer.from(text, 'hex');
}

const parseSuites = (text: string) => text.split(',').map(parseWholeNumber);

export function defineBmc(noun: Command, context: Context): void {
  noun
    .command('bmc')
    .description('run simulated IPMI BMCs in one process, until it is interrupted; their machines are off')
    .option('--count <number>', 'how many', parseMachines, 1)
    .option('--address <address>', 'where the first one listens', '127.0.0.1')
    .option('--port <number>', 'UDP port of the first one; 0 takes any', parseWholeNumber, 6230)
    .addOption(
      new Option('--next <what>', 'what the next one gets: the next address with the same port, or the next port')
        .choices(['address', 'port'])
        .default('port'),
    )
    .option('--user-name <name>', 'the administrator of all of them', 'admin')
    .option('--password <password>', 'password of the administrator', 'secret12')
    .option('--suites <numbers>', 'cipher suites that are offered, such as 3,17 (default: all but 0)', parseSuites)
    .option('--kg <hexadecimal>', 'BMC key (Kg) of two-key logins, in hexadecimal digits', parseHexadecimal)
    .option('--session-limit <number>', 'sessions that each has at once', parseWholeNumber, 16)
    .option('--seed <number>', 'decides about whom faults strike, and when', parseWholeNumber, 1)
    .option('--faults <list>', 'faults by share of the BMCs: silent=1%,slow=5%,lossy=5%,busy=1%', '')
    .option('--fault-rate <percent>', 'how often the fault of a BMC strikes', parsePercent, 0.2)
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
