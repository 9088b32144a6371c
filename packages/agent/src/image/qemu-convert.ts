// Writes an inspected image to a disk through qemu-img, with its progress.
import { AgentFailure } from '../errors.ts';
import { ProgramError, type Run } from '../process.ts';

/** Longest time for one image: days would be needed for the largest disks, a hang must end some day. */
const CONVERT_TIMEOUT_SECONDS = 24 * 3600;

/** The last percentage in a piece of the output of `qemu-img convert -p`, or null. */
export function parseConvertProgress(text: string): number | null {
  const match = [...text.matchAll(/\((\d+(?:\.\d+)?)\/100%\)/g)].at(-1);
  return match === undefined ? null : Number(match[1]);
}

/**
 * Converts a file to a disk. The format is given, so that qemu-img never guesses; the file must have been inspected.
 *
 * @throws AgentFailure (ImageWriteError) with the output of qemu-img.
 */
export async function convertToDisk(
  run: Run,
  source: { path: string; format: 'qcow2' | 'raw' },
  disk: string,
  onPercent: (percent: number) => void,
): Promise<void> {
  const args = ['convert', '-p', '-t', 'directsync', '-W', '-f', source.format, '-O', 'host_device', source.path, disk];
  try {
    await run('qemu-img', args, {
      timeoutSeconds: CONVERT_TIMEOUT_SECONDS,
      onOutput: (text) => {
        const percent = parseConvertProgress(text);
        if (percent !== null) onPercent(percent);
      },
    });
  } catch (error) {
    if (!(error instanceof ProgramError)) throw error;
    throw new AgentFailure('ImageWriteError', `Writing image to device ${disk} failed: ${error.message}`);
  }
}
