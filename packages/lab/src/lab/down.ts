// Takes a lab down.
import { rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { type CleanReport, cleanLab } from './clean.ts';
import { labPaths } from './paths.ts';

export interface LabDownOptions {
  directory: string;
  /** Keeps serial, QEMU and BMC logs. True when left out. */
  keepLogs?: boolean;
}

/**
 * Takes down the lab in a directory, or what a crashed one left: every process in its namespace is ended (also a
 * server that was started there), the namespace and the machines' disks are deleted. Does nothing where no lab is.
 */
export async function labDown(options: LabDownOptions): Promise<CleanReport> {
  const directory = resolve(options.directory);
  const report = await cleanLab(directory);
  if (options.keepLogs === false) rmSync(labPaths(directory).logs, { recursive: true, force: true });
  return report;
}
