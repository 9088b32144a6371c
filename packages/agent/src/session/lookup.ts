// Asks the server who this machine is, until it answers.
import { setTimeout as delay } from 'node:timers/promises';
import { LOOKUP_BACKOFF_SECONDS, type LookupResponse } from '@wrought/contract';
import type { Log } from '../log.ts';
import { type ApiClient, ApiStatusError } from './api-client.ts';

/** Waits while the server cannot be reached at all, in seconds: the network of a machine that just booted comes late. */
const ABSENCE_BACKOFF_SECONDS = [1, 1, 2, 2, 5, 10] as const;

function at(list: readonly number[], index: number): number {
  return list[Math.min(index, list.length - 1)] ?? 0;
}

async function waitFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal });
}

/**
 * Looks this machine up; goes on through refusals (404, 409: 5, 10, then every 30 s) and absence of the server.
 *
 * @param readMacAddresses read anew for each attempt, because interfaces come late.
 * @param wait for tests, which do not wait.
 */
export async function lookUpNode(
  client: ApiClient,
  readMacAddresses: () => string[],
  log: Log,
  signal: AbortSignal,
  wait: (milliseconds: number, signal: AbortSignal) => Promise<void> = waitFor,
): Promise<LookupResponse> {
  let refusals = 0;
  let absences = 0;
  for (;;) {
    const addresses = readMacAddresses();
    try {
      if (addresses.length > 0) {
        const answer = await client.lookup(addresses);
        log.info(`lookup: this machine is node ${answer.node.uuid}`);
        return answer;
      }
      log.warning('lookup: no network interface yet');
    } catch (error) {
      log.warning(`lookup failed: ${error instanceof Error ? error.message : error}`);
      if (error instanceof ApiStatusError && error.status < 500) {
        await wait(at(LOOKUP_BACKOFF_SECONDS, refusals) * 1000, signal);
        refusals += 1;
        continue;
      }
    }
    await wait(at(ABSENCE_BACKOFF_SECONDS, absences) * 1000, signal);
    absences += 1;
  }
}
