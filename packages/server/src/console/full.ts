// What whoever comes too late to a console is told, whatever kind it is of.
import { type RegisteredError, registeredError } from '@wrought/contract';

/** When who found no room at a console may ask again. */
const RETRY_AFTER_SECONDS = 10;

/** As many are at a console as console.max_listeners allows. */
export function consoleIsFull(node: string, present: number, limit: number): RegisteredError {
  return registeredError(
    'TemporaryFailure',
    {
      reason: `${present} listen at the console of node ${node} already, and console.max_listeners allows ${limit}. Try again later.`,
    },
    { retryAfterSeconds: RETRY_AFTER_SECONDS },
  );
}
