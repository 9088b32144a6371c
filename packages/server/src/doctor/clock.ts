// Checks the clock of this machine: whether it can be right, and whether something keeps it so.
import { run } from './command.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

/** No program of this project ran before. */
const EARLIEST = Date.parse('2025-01-01T00:00:00Z');

export async function checkClock(): Promise<Finding> {
  const now = new Date();
  if (now.getTime() < EARLIEST) {
    return problem(
      'clock',
      `It says ${now.toISOString()}, which can not be.`,
      'Set it, and install chrony to keep it.',
    );
  }
  const told = await run('timedatectl', ['show', '--property=NTPSynchronized', '--value']);
  const isKept = told.failure === null ? told.output.trim() : 'unknown';
  if (isKept === 'no') {
    return warning(
      'clock',
      `It says ${now.toISOString()}, and no time server keeps it.`,
      'Install chrony: certificates, tokens and the times of several processes depend on the clock.',
    );
  }
  return ok(
    'clock',
    `It says ${now.toISOString()}${isKept === 'yes' ? ', kept by a time server' : '; whether a time server keeps it can not be told here'}.`,
  );
}
