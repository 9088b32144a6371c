// Makes the requests that rules ask for: within a time-out, tried again when the other side is not ready.
import { setTimeout as sleep } from 'node:timers/promises';
import { visitUrl, WebError, type WebOptions, webOptions } from '../../boot/web.ts';
import type { Config } from '../../config/index.ts';
import type { ApiCall } from './draft.ts';
import { RuleFailure } from './rule.ts';

/** Answers after which the same request may succeed a little later. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);

/** Longest pause between two tries. */
const MAXIMUM_PAUSE_SECONDS = 60;

/** The URL without what may be secret in it: user, password and query. */
function shownUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`;
}

/** A call as it stands in texts. */
export function callTitle({ sensitive, url }: ApiCall): string {
  return sensitive ? 'a request of a sensitive rule' : `GET ${shownUrl(url)}`;
}

function optionsOf(call: ApiCall, config: Config, abortSignal: AbortSignal): WebOptions {
  const proxy = call.proxies[new URL(call.url).protocol.slice(0, -1)];
  return {
    ...webOptions(config),
    timeoutSeconds: call.timeoutSeconds,
    headers: call.headers,
    ...(proxy === undefined ? {} : { proxy }),
    // The limits of the client are those between two bytes; this one is for a whole try.
    abortSignal: AbortSignal.any([abortSignal, AbortSignal.timeout(call.timeoutSeconds * 1000)]),
  };
}

/**
 * Makes the request; tries again after network errors and passing answers, each pause twice as long as the one before.
 * @returns the status
 * @throws RuleFailure when no try succeeded
 */
export async function makeApiCall(call: ApiCall, config: Config, abortSignal: AbortSignal): Promise<number> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await visitUrl(call.url, optionsOf(call, config, abortSignal));
    } catch (error) {
      if (!(error instanceof WebError) || abortSignal.aborted) {
        throw error;
      }
      const mayPass = error.statusCode === null || PASSING_STATUSES.has(error.statusCode);
      if (!mayPass || attempt >= call.retries) {
        const reason = call.sensitive && error.statusCode === null ? 'failed' : error.reason;
        throw new RuleFailure(
          `${call.rule} could not be carried out: its api-call, ${callTitle(call)}, ${reason} (try ${attempt + 1} of ` +
            `${call.retries + 1}). No change of the rules was made. Check the service there, then inspect again.`,
        );
      }
    }
    const pauseSeconds = Math.min(call.backoffFactorSeconds * 2 ** attempt, MAXIMUM_PAUSE_SECONDS);
    await sleep(pauseSeconds * 1000, undefined, { signal: abortSignal });
  }
}
