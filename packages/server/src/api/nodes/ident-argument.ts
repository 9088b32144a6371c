// Reads the node from a query argument, for the routes that take it there instead of in the path.
import { registeredError } from '@wrought/contract';
import type { ApiRequest } from '../core/route.ts';

/** The ident in the first of these arguments that is given. @throws RegisteredError MissingParameterValue */
export function identArgument({ query }: ApiRequest, names: readonly string[]): string {
  const ident = names.map((name) => query[name]).find((value) => value !== undefined);
  if (ident === undefined) {
    throw registeredError('MissingParameterValue', {
      reason: `Name the node in the path, or in the argument ${names.map((name) => `"${name}"`).join(' or ')}.`,
    });
  }
  return ident;
}
