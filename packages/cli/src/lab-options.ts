// What the commands of `wrought lab` share: numbers on the command line, errors in words, running until told to end.
import { InvalidArgumentError } from 'commander';
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
