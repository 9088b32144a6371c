// What the commands of `wrought lab` share: numbers on the command line, errors in words, running until told to end.
import { type Command, InvalidArgumentError, Option } from 'commander';
import { CommandError } from './command-error.ts';

/** Reads how many machines there are to be. @throws InvalidArgumentError */
export function parseMachines(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) {
    throw new InvalidArgumentError('it is not a number of machines');
  }
  return count;
}

/** Reads a seed or a port. @throws InvalidArgumentError */
export function parseWholeNumber(text: string): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(number) || number < 0) {
    throw new InvalidArgumentError('it is no whole number from 0 up');
  }
  return number;
}

const PERCENT = 100;

/** Reads a share, such as "20%", as a number from 0 to 1. @throws InvalidArgumentError */
function parsePercent(text: string): number {
  const percent = Number(/^(\d+(?:\.\d+)?)%$/.exec(text)?.[1]);
  if (!(percent >= 0 && percent <= PERCENT)) {
    throw new InvalidArgumentError('it is no share, such as 20%');
  }
  return percent / PERCENT;
}

/** What simulated BMCs are asked for, whatever they speak. */
export interface PlaceOptions {
  readonly count: number;
  readonly address: string;
  readonly port: number;
  readonly next: 'address' | 'port';
  readonly userName: string;
  readonly password: string;
  readonly seed: number;
  readonly faultRate: number;
}

/** Adds the options of `PlaceOptions` to a command. */
export function withPlaces(command: Command, protocol: 'UDP' | 'TCP', port: number): Command {
  return command
    .option('--count <number>', 'how many', parseMachines, 1)
    .option('--address <address>', 'where the first one listens', '127.0.0.1')
    .option('--port <number>', `${protocol} port of the first one; 0 takes any`, parseWholeNumber, port)
    .addOption(
      new Option('--next <what>', 'what the next one gets: the next address with the same port, or the next port')
        .choices(['address', 'port'])
        .default('port'),
    )
    .option('--user-name <name>', 'the administrator of all of them', 'admin')
    .option('--password <password>', 'password of the administrator', 'secret12')
    .option('--seed <number>', 'decides about whom faults strike, and when', parseWholeNumber, 1)
    .option('--fault-rate <percent>', 'how often the fault of a BMC strikes', parsePercent, 0.2);
}

/** Turns what the lab throws into what the command line prints. */
export async function explained<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error));
  }
}

const REPORT_MILLISECONDS = 10_000;

/** Waits for SIGINT or SIGTERM, and reports every ten seconds meanwhile. */
export async function untilInterrupted(report: () => void): Promise<void> {
  const timer = setInterval(report, REPORT_MILLISECONDS);
  await new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
  clearInterval(timer);
}
