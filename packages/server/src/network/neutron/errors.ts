// Turns what Neutron refused into errors of the registry, with what was being done.
import { registeredError } from '@wrought/contract';
import { OpenStackError } from '../../openstack/service.ts';

/** The error for something that Neutron refused or did not answer; other errors stay as they are. */
export function asNetworkError(what: string, error: unknown): unknown {
  return error instanceof OpenStackError
    ? registeredError('NetworkError', { reason: `${what} failed. ${error.message}` })
    : error;
}

/** Does something with Neutron. @param what as the beginning of a sentence: "Creating the cleaning ports of node X" */
export async function withNeutron<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw asNetworkError(what, error);
  }
}
