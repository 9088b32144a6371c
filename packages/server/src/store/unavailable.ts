// The error of a database that can not be used at the moment: requests are to be sent again, and the engine waits.
import { RegisteredError, registeredError } from '@wrought/contract';

/** When clients may ask again. */
const RETRY_AFTER_SECONDS = 5;

/** TemporaryFailure of the registry. Whether the transaction that met it was committed is not always known. */
export class StoreUnavailableError extends RegisteredError {
  constructor(place: string, reason: string, cause: unknown) {
    const { code, message } = registeredError('TemporaryFailure', {
      reason: `The database ${place} can not be used at the moment: ${reason}. Try again in a little while.`,
    });
    super(code, message, RETRY_AFTER_SECONDS);
    this.cause = cause;
  }
}
