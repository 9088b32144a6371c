// Overwrites a disk that cannot erase itself: passes of random data and a last one of zeros, through shred.
import { AgentFailure } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Run } from '../process.ts';
import type { EraseSettings } from './settings.ts';

/** A pass over the largest of disks takes a day and more. */
const OVERWRITE_TIMEOUT_SECONDS = 14 * 24 * 3600;

/** Overwrites a whole disk. @throws AgentFailure naming the disk. */
export async function overwriteDisk(run: Run, disk: string, settings: EraseSettings, log: Log): Promise<void> {
  if (settings.iterations === 0 && !settings.zeroize) {
    throw new AgentFailure(
      'BlockDeviceEraseError',
      `${disk} cannot erase itself, and overwriting is off: agent_erase_devices_iterations is 0 and ` +
        'agent_erase_devices_zeroize is false',
    );
  }
  const passes = `${settings.iterations} pass(es) of random data${settings.zeroize ? ' and one of zeros' : ''}`;
  log.info(`${disk}: overwriting, ${passes}`);
  const zero = settings.zeroize ? ['--zero'] : [];
  try {
    await run('shred', ['--force', ...zero, `--iterations=${settings.iterations}`, disk], {
      timeoutSeconds: OVERWRITE_TIMEOUT_SECONDS,
    });
  } catch (error) {
    throw new AgentFailure(
      'BlockDeviceEraseError',
      `overwriting ${disk} failed: ${error instanceof Error ? error.message : error}`,
    );
  }
}
