// wrought ramdisk: builds the kernel and initramfs in which the agent runs.
import { join } from 'node:path';
import type { Command } from 'commander';
import { CommandError } from './command-error.ts';
import type { Context } from './context.ts';
import { defaultDataDirectory } from './data-directory.ts';

interface BuildOptions {
  readonly output: string;
  readonly cache?: string;
}

export function define(noun: Command, context: Context): void {
  noun
    .command('build')
    .description('build kernel and initramfs from Debian packages and the agent')
    .requiredOption('--output <directory>', 'where the files go')
    .option('--cache <directory>', 'downloaded packages (default: ramdisk-cache in the data directory)')
    .action(async (options: BuildOptions) => {
      const dataDirectory = context.options().dataDir ?? defaultDataDirectory(context.environment);
      const { buildRamdisk } = await import('@wrought/agent/ramdisk');
      try {
        await buildRamdisk({
          outputDirectory: options.output,
          cacheDirectory: options.cache ?? join(dataDirectory, 'ramdisk-cache'),
          log: context.note,
        });
      } catch (error) {
        throw new CommandError(
          `the ramdisk can not be built: ${error instanceof Error ? error.message : String(error)}`,
        );
      }
    });
}
