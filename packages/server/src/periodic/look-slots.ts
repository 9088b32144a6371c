// Places for looks at machines: as many as keep up with slow BMCs, and no more processes than the cores can run.
import { availableParallelism } from 'node:os';
import type { Config } from '../config/index.ts';
import { createPatientSlots, type PatientSlots } from './patient-slots.ts';

/** How long a BMC may take before the next one is asked beside it. */
const PATIENCE_MILLISECONDS = 2_000;
/** Most BMCs whose answer is awaited beside those that are asked. */
const SILENT_AT_ONCE = 256;
/**
 * A look by a process costs some 100 ms of processor time. More of them at one time would all become late together, and healthy BMCs
 * be taken for silent ones.
 */
const PROCESSES_PER_CORE = 4;

/** How many BMCs may be asked at one time, of as many as are wanted. */
export function looksAtOnce(wanted: number, { ipmi }: Pick<Config, 'ipmi'>, cores = availableParallelism()): number {
  return ipmi.backend === 'ipmitool' ? Math.min(wanted, PROCESSES_PER_CORE * cores) : wanted;
}

/** Makes the places for looks at the power; the configuration is asked each time, so that a reload takes effect. */
export function createLookSlots(config: () => Config): PatientSlots {
  return createPatientSlots({
    places: () => looksAtOnce(config().conductor.sync_power_state_workers, config()),
    placesBeside: SILENT_AT_ONCE,
    patienceMilliseconds: PATIENCE_MILLISECONDS,
  });
}
