// Reads the number of an event, with which a client says what it has had.
import { registeredError } from '@wrought/contract';

/** The number; undefined when there is none. @throws RegisteredError 400 */
export function readEventNumber(name: string, text: string | undefined): number | undefined {
  if (text === undefined) {
    return undefined;
  }
  if (!/^\d{1,15}$/.test(text)) {
    throw registeredError('InvalidParameterValue', {
      reason: `The argument ${name} has the invalid value "${text}"; allowed: the number of an event.`,
    });
  }
  return Number(text);
}
