// Reads small bodies whose members may also come as query arguments, as for power, provision and maintenance requests.
import { registeredError, type ValueType } from '@wrought/contract';
import { checkMembers, objectBody, readValue } from './read-body.ts';
import type { ApiRequest } from './route.ts';

interface Argument {
  readonly type: ValueType;
  readonly required?: boolean;
}

/** The members a request may carry: their names, types, and whether they have to be there. */
export type Arguments = Readonly<Record<string, Argument>>;

/**
 * Reads body and query arguments into one object; the body goes first.
 * @throws RegisteredError 400 for unknown, missing and invalid members
 */
export function readArguments(request: ApiRequest, declared: Arguments): Record<string, unknown> {
  const body = objectBody(request.body);
  const sent = { ...request.query, ...body };
  checkMembers(sent, Object.keys(declared), 'request body');
  const values: Record<string, unknown> = {};
  for (const [name, { type, required }] of Object.entries(declared)) {
    const value = sent[name];
    if (value === undefined) {
      if (required === true) {
        throw registeredError('MissingParameterValue', {
          reason: `The member ${name} is missing in the request body; expected: ${type.allowed}.`,
        });
      }
      continue;
    }
    values[name] = readValue(name, type, value);
  }
  return values;
}
