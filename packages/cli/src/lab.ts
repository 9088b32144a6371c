// wrought lab: virtual machines with real BMCs on this machine.
import { join } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { CommandError } from './command-error.ts';
import type { Context } from './context.ts';
import { defaultDataDirectory } from './data-directory.ts';

interface LabOptions {
  readonly directory?: string;
}

interface UpOptions extends LabOptions {
  readonly machines: number;
  readonly firmware: 'bios' | 'uefi';
}

export function define(noun: Command, context: Context): void {
  withDirectory(noun.command('up').description('start a lab; its machines are off until they are powered on'))
    .option('--machines <number>', 'how many machines', parseCount, 1)
    .addOption(new Option('--firmware <firmware>', 'their firmware').choices(['bios', 'uefi']).default('bios'))
    .action(async ({ machines, firmware, ...options }: UpOptions) => {
      const { formatLabStatus, labUp } = await import('@wrought/lab');
      const directory = labDirectory(options, context);
      const lab = await explained(labUp({ directory, machines, firmware, log: context.note }));
      context.print(formatLabStatus(await lab.status()).trimEnd());
    });
  withDirectory(noun.command('down').description('stop a lab, or remove what a crashed one left behind')).action(
    async (options: LabOptions) => {
      const { labDown } = await import('@wrought/lab');
      const directory = labDirectory(options, context);
      await explained(labDown({ directory }));
      context.note(`the lab in ${directory} is down`);
    },
  );
  withDirectory(noun.command('status').description('show a lab, its machines and BMCs')).action(
    async (options: LabOptions) => {
      const { formatLabStatus, labStatus } = await import('@wrought/lab');
      const status = await explained(labStatus({ directory: labDirectory(options, context) }));
      if (context.options().format === 'json') {
        context.showOne({ ...status });
      } else {
        context.print(formatLabStatus(status).trimEnd());
      }
    },
  );
}

function withDirectory(command: Command): Command {
  return command.option('--directory <directory>', 'where the lab lives (default: lab in the data directory)');
}

function labDirectory(options: LabOptions, context: Context): string {
  return options.directory ?? join(context.options().dataDir ?? defaultDataDirectory(context.environment), 'lab');
}

async function explained<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new CommandError(error instanceof Error ? error.message : String(error));
  }
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1) {
    throw new InvalidArgumentError('it is not a number of machines');
  }
  return count;
}
