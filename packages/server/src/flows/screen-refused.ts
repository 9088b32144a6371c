// What whoever has no right to look at a screen is told, the same whatever is wrong: that there is such a node is not theirs to know.
import { type RegisteredError, registeredError } from '@wrought/contract';

/** The error for an address of a graphical console that lets nobody in. */
export function screenRefused(): RegisteredError {
  return registeredError('Unauthorized', {
    reason:
      'This address of a console lets nobody in: its time is over (vnc.token_timeout), the console was switched off, or the server was started anew. Ask for a new one with GET /v1/nodes/NODE/states/console.',
  });
}
