// Ends processes politely, then firmly, and only when they are still the ones that were recorded.
import { isRunning, type ProcessIdentity } from './identity.ts';
import { pollUntil } from './poll.ts';

const terminateGraceSeconds = 5;
const killGraceSeconds = 10;

/** Sends a signal when the process still is the recorded one; false when it is gone. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isRunning(identity)) return false;
  try {
    process.kill(identity.pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/**
 * Ends processes: SIGTERM, and SIGKILL for those that still run after the grace period.
 * Returns those that still ran, when all have ended; throws when one survives SIGKILL.
 */
export async function endProcesses(identities: ProcessIdentity[]): Promise<ProcessIdentity[]> {
  const running = identities.filter(isRunning);
  for (const identity of running) {
    signalProcess(identity, 'SIGTERM');
    // A stopped process (a hung BMC) acts on SIGTERM only once it continues.
    signalProcess(identity, 'SIGCONT');
  }
  const allEnded = () => !running.some(isRunning);
  if (await pollUntil(allEnded, terminateGraceSeconds)) return running;
  for (const identity of running) signalProcess(identity, 'SIGKILL');
  if (await pollUntil(allEnded, killGraceSeconds)) return running;
  const left = running.filter(isRunning).map((identity) => identity.pid);
  throw new Error(`processes ${left.join(', ')} still run ${killGraceSeconds} s after SIGKILL`);
}
