// Erases what a deployment leaves in the firmware: crash records and boot entries.
import { unlink } from 'node:fs/promises';
import { AgentFailure } from '../errors.ts';
import { listDirectory } from '../hardware/sysfs.ts';
import { isUefi } from '../hardware/system.ts';
import { deleteBootEntry, listBootEntries } from '../image/efi-variables.ts';
import type { Log } from '../log.ts';
import type { Run } from '../process.ts';

/** Entries for partitions of disks, which the disks' erasure makes useless. */
const DEFAULT_PATTERNS = ['^HD\\('];

/** Deletes the records of kernel crashes that the firmware keeps. */
export async function erasePstore(log: Log, systemRoot = ''): Promise<void> {
  const directory = `${systemRoot}/sys/fs/pstore`;
  for (const name of listDirectory(directory)) {
    await unlink(`${directory}/${name}`);
    log.info(`crash record ${name} erased`);
  }
}

/**
 * Deletes the boot entries whose device path matches any of the regular expressions (without case).
 *
 * @throws AgentFailure for an expression that is none.
 */
export async function cleanUefiBootEntries(
  run: Run,
  patterns: readonly string[] | null,
  log: Log,
  systemRoot = '',
): Promise<void> {
  if (!isUefi(systemRoot)) {
    log.info('booted by BIOS: there are no boot entries to clean');
    return;
  }
  let expressions: RegExp[];
  try {
    expressions = (patterns ?? DEFAULT_PATTERNS).map((pattern) => new RegExp(pattern, 'i'));
  } catch (error) {
    throw new AgentFailure(
      'InvalidCommandParamsError',
      `match_patterns: ${error instanceof Error ? error.message : error}`,
    );
  }
  for (const entry of (await listBootEntries(run)).entries) {
    if (!expressions.some((expression) => expression.test(entry.devicePath))) continue;
    await deleteBootEntry(run, entry.number);
    log.info(`boot entry ${entry.number} "${entry.label}" removed`);
  }
}
