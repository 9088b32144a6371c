// ATA Secure Erase through hdparm: whether a disk can, in which state its security is, and the erasure itself.
import { AgentFailure } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Run } from '../process.ts';

/** The Security section of `hdparm -I` (ATA8-ACS, word 128 of IDENTIFY DEVICE). */
export type AtaSecurity = {
  isSupported: boolean;
  isEnabled: boolean;
  isLocked: boolean;
  isFrozen: boolean;
  supportsEnhancedErase: boolean;
  /** Minutes that the disk says it will take; null when it does not say. */
  eraseMinutes: number | null;
  enhancedEraseMinutes: number | null;
};

/** The password set for the erasure; the erasure itself removes it. */
const PASSWORD = 'NULL';
/** Disks underrate the time they take. */
const ERASE_TIME_FACTOR = 3;
/** For disks that do not say how long it takes. */
const ERASE_TIMEOUT_SECONDS = 24 * 3600;

/** Reads the output of `hdparm -I`; null when the device has no security section, as virtual disks. */
export function parseAtaSecurity(output: string): AtaSecurity | null {
  const section = /^Security:\s*\n((?:[ \t]+.*\n?)*)/m.exec(output)?.[1];
  if (section === undefined) return null;
  const lines = section.split('\n').map((line) => line.trim().replace(/\s+/g, ' '));
  const has = (text: string): boolean => lines.includes(text);
  const minutes = (pattern: RegExp): number | null => {
    const found = pattern.exec(lines.join('\n'))?.[1];
    return found === undefined ? null : Number(found);
  };
  return {
    isSupported: has('supported'),
    isEnabled: has('enabled'),
    isLocked: has('locked'),
    isFrozen: has('frozen'),
    supportsEnhancedErase: has('supported: enhanced erase'),
    eraseMinutes: minutes(/(\d+)min for SECURITY ERASE UNIT/),
    enhancedEraseMinutes: minutes(/(\d+)min for ENHANCED SECURITY ERASE UNIT/),
  };
}

/** Asks a disk for its security state; null when it has none or does not speak ATA. */
export async function readAtaSecurity(run: Run, disk: string): Promise<AtaSecurity | null> {
  // hdparm ends with an errno where the device is no ATA disk.
  const { stdout, exitCode } = await run('hdparm', ['-I', disk], { okExitCodes: [0, 1, 2, 5, 22, 25] });
  return exitCode === 0 ? parseAtaSecurity(stdout) : null;
}

function refuse(disk: string, reason: string): never {
  throw new AgentFailure('BlockDeviceEraseError', `ATA secure erase of ${disk}: ${reason}`);
}

async function unlock(run: Run, disk: string): Promise<void> {
  // A password of ours can be left from an erasure that was interrupted: it opens the disk again.
  await run('hdparm', ['--user-master', 'u', '--security-unlock', PASSWORD, disk], { okExitCodes: [0, 1, 5] });
  const after = await readAtaSecurity(run, disk);
  if (after?.isLocked !== false) {
    refuse(
      disk,
      "the disk is locked with a password that is not ours: unlock it with its owner's, or replace the disk",
    );
  }
}

/**
 * Erases a disk with its own ATA Security Erase, the enhanced one where there is one.
 *
 * @returns false when the disk cannot do that at all.
 * @throws AgentFailure when it can, but is frozen, locked or fails.
 */
export async function ataSecureErase(run: Run, disk: string, log: Log): Promise<boolean> {
  const security = await readAtaSecurity(run, disk);
  if (security === null || !security.isSupported) return false;
  if (security.isFrozen) {
    refuse(
      disk,
      'the firmware has frozen the security of the disk: power the machine off and on, disable the security freeze ' +
        'lock in its firmware settings, or set agent_continue_if_secure_erase_failed to overwrite instead',
    );
  }
  if (security.isLocked) await unlock(run, disk);
  const isEnhanced = security.supportsEnhancedErase;
  const minutes = isEnhanced ? security.enhancedEraseMinutes : security.eraseMinutes;
  const timeoutSeconds = minutes === null ? ERASE_TIMEOUT_SECONDS : Math.max(600, minutes * 60 * ERASE_TIME_FACTOR);
  const user = ['--user-master', 'u'];
  log.info(`${disk}: ATA ${isEnhanced ? 'enhanced ' : ''}secure erase, about ${minutes ?? 'an unknown number of'} min`);
  try {
    await run('hdparm', [...user, '--security-set-pass', PASSWORD, disk]);
    const erase = isEnhanced ? '--security-erase-enhanced' : '--security-erase';
    await run('hdparm', [...user, erase, PASSWORD, disk], { timeoutSeconds });
  } catch (error) {
    // A password that stays would lock the disk at its next power cycle.
    await run('hdparm', [...user, '--security-disable', PASSWORD, disk], { okExitCodes: [0, 1, 5] });
    refuse(disk, `it failed: ${error instanceof Error ? error.message : error}`);
  }
  const after = await readAtaSecurity(run, disk);
  if (after?.isEnabled === true)
    refuse(disk, 'the disk still has its security enabled afterwards: it did not erase itself');
  return true;
}
