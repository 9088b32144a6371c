// Refusals that pass by themselves: the BMC is not ready yet for what it will do in a while.
import { setTimeout as delay } from 'node:timers/promises';
import { ResponseError } from '../errors.ts';
import { messageKey } from '../messages.ts';
import { ironicNote, issue, sushyNote } from './quirk.ts';

/** A message that says so, and who reports it. */
interface PassingRefusal {
  /** The key of the message, without registry and version. */
  readonly key: string;
  readonly what: string;
  readonly source: string;
}

/** Known ones, of every maker. */
const passingRefusals: readonly PassingRefusal[] = [
  {
    key: 'UnableToModifyDuringSystemPOST',
    what: 'iLO changes nothing of the boot during the power-on self-test',
    source: ironicNote('redfish-post-boot-retry-8da100f84e6fcacf'),
  },
  {
    key: 'InvalidOperationForSystemState',
    what: 'iLO has not finished the last change of power',
    source: sushyNote('retry-ilo-not-ready-error-0b4dce882282eaac'),
  },
  {
    key: 'SYS518',
    what: 'iDRAC reads its data sources anew after a change of volumes',
    source: sushyNote('fix-retry_volume_operation-on_sys518-009f2b16e5c38a27'),
  },
  {
    key: 'SWC0700',
    what: 'iDRAC is not ready after its start',
    source: issue('quadsproject/badfish', 129),
  },
  {
    key: 'ActionParameterValueConflict',
    what: 'iDRAC 10 refuses "On" for a while after a power-off',
    source: ironicNote('redfish-power-on-conflict-retry-76f84c2f6f6e5d4a'),
  },
];
const keys = new Set(passingRefusals.map(({ key }) => key));
const passingKeys = new Set(['ServiceTemporarilyUnavailable', 'ResourceInStandby', 'ServiceShuttingDown']);

/** Whether what a service refused now will do later: it says so, or it is known of it. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof ResponseError)) return false;
  return error.messages.some((message) => keys.has(messageKey(message)) || passingKeys.has(messageKey(message)));
}

export interface PassingOptions {
  /** Default 120 000. */
  readonly forMilliseconds?: number;
  /** Default 5000. */
  readonly everyMilliseconds?: number;
  readonly signal?: AbortSignal | undefined;
  /** Which errors are waited for; default: `isPassing`. */
  readonly passes?: (error: unknown) => boolean;
}

/**
 * Asks again as long as the refusal is one that passes.
 *
 * @param work is done anew each time: it should read again what it changes.
 * @throws the last refusal when the time is over.
 */
export async function retryWhilePassing<T>(work: () => Promise<T>, options: PassingOptions = {}): Promise<T> {
  const { forMilliseconds = 120_000, everyMilliseconds = 5000, signal, passes = isPassing } = options;
  const until = performance.now() + forMilliseconds;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!passes(error) || performance.now() + everyMilliseconds > until) throw error;
      await delay(everyMilliseconds, undefined, { signal });
    }
  }
}
