// Checks the name of a node by the rules of the client's version.
import { isHostName, isUuidLike, registeredError, reservedNodeNames } from '@wrought/contract';

/** Version from which names may use all unreserved characters; older ones take host names. */
const FREE_NAMES_SINCE = 10;

/** @throws RegisteredError 400 */
export function checkNodeName(name: string, minor: number): void {
  if (isUuidLike(name)) {
    throw registeredError('InvalidName', { name, allowed: 'a name that does not look like a UUID' });
  }
  if (reservedNodeNames.has(name)) {
    throw registeredError('ClientSideError', {
      reason: `The name "${name}" is reserved; no node may be named one of: ${[...reservedNodeNames].join(', ')}.`,
    });
  }
  if (minor < FREE_NAMES_SINCE && !isHostName(name)) {
    throw registeredError('InvalidName', { name, allowed: 'a host name in lower case (below API version 1.10)' });
  }
}
