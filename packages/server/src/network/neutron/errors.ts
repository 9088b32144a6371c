// Turns what Neutron refused into errors of the registry, with what was being done.
import { registeredError } from '@wrought/contract';
import { OpenStackError } from '../../openstack/service.ts';

/** The error for something that Neutron refused or did not answer; other errors stay as they are. */
export function asNetworkError(what: string, error: unknown): unknown {
  if (!(error instanceof OpenStackError)) {
    return error;
  }
  const advice = error.message.includes('HostNotConnectedToAnySegment')
    ? ' Neutron knows no physical network of this machine: set physical_network of its ports, and neutron.host_report_url.'
    : '';
  return registeredError('NetworkError', { reason: `${what} failed. ${error.message}${advice}` });
}

/** Does something with Neutron. @param what as the beginning of a sentence: "Creating the cleaning ports of node X" */
export async function withNeutron<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw asNetworkError(what, error);
  }
}
