// Tells the one place where errors of routing and negotiation have the body of the API's own errors.
import { quirks } from '@wrought/contract';

/** Whether framework errors at this path are told as fault objects. */
export function quirkyPath(path: string): boolean {
  return quirks.faultObjectsAtVersionDocument && path === '/v1';
}
