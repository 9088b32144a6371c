// A floppy with the parameters of an agent, for boot media that are ready-made and have none.
import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PARAMETERS_DRIVE } from '@wrought/contract';
import { runTool } from './tools.ts';

/** The size of floppies, which BMCs know. */
const KIBIBYTES = 1440;

/**
 * Writes the image (FAT) under `target` (absolute), whole or not at all.
 *
 * @param parameters as on a kernel line, "name=value".
 * @throws Error that names the program that is missing or failed
 */
export async function writeParametersFloppy(target: string, parameters: readonly string[]): Promise<void> {
  const folder = dirname(target);
  await mkdir(folder, { recursive: true });
  const image = join(folder, `.new-${randomUUID()}`);
  const file = join(folder, `.parameters-${randomUUID()}`);
  try {
    await writeFile(file, `${parameters.join('\n')}\n`, { mode: 0o600 });
    await runTool('mformat', ['-C', '-i', image, '-f', String(KIBIBYTES), '-v', PARAMETERS_DRIVE.label, '::']);
    await runTool('mcopy', ['-i', image, file, `::${PARAMETERS_DRIVE.file}`]);
    await rename(image, target);
  } finally {
    await rm(file, { force: true });
    await rm(image, { force: true });
  }
}
