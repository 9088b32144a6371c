// How a command to a BMC can fail, whichever way it was sent, and what to tell the operator.
import { RegisteredError, registeredError } from '@wrought/contract';

/**
 * `retry`: the BMC is busy and may answer later. `silence`: nothing answered. `cipher`: it refuses the cipher suite. `cipher or silence`: the
 * session opening was met with silence, which some BMCs answer an unknown suite with. `refused`: the BMC does not do the
 * command. `lost`: the answer got lost, and the BMC may have done it or not. `final`: no session can be had, and trying again
 * would not help.
 */
export type FailureKind = 'retry' | 'silence' | 'cipher' | 'cipher or silence' | 'refused' | 'lost' | 'final';

export interface Failure {
  readonly kind: FailureKind;
  /** What the BMC (or ipmitool) said, as one line. */
  readonly answer: string;
  /** What it means and what to do. */
  readonly advice: string;
}

/** What each cause means, and what to do about it. */
export const advice = {
  password: 'The BMC refused the password. Check driver_info/ipmi_password (and ipmi_hex_kg_key, if the BMC uses one).',
  user: 'The BMC does not know the user. Check driver_info/ipmi_username, and that the user may use IPMI over LAN.',
  privilege: 'The user has not the privilege. Check driver_info/ipmi_priv_level and the rights of the user on the BMC.',
  busy: 'The BMC is busy. If it stays so, look for other sessions on it, or reset the BMC.',
  cipher:
    'The BMC refused the cipher suite. Set driver_info/ipmi_cipher_suite to one that it has (3 or 17), or ipmi.cipher_suite_versions for all.',
  silence:
    'Nothing answered. Check driver_info/ipmi_address and ipmi_port, the management network, and that IPMI over LAN is switched on.',
  address: 'The address can not be resolved. Check driver_info/ipmi_address and the name service.',
  refused:
    'The BMC answered, but refused the command. Its manual says which commands it takes; a newer firmware may help.',
} as const;

/** Nothing answered. */
export const isSilent = ({ kind }: Failure) => kind === 'silence' || kind === 'cipher or silence';

/** A command that failed; `failure` says how. */
export class IpmiCommandError extends RegisteredError {
  readonly failure: Failure;

  constructor(reason: string, failure: Failure) {
    super('DriverOperationError', registeredError('DriverOperationError', { driver: 'ipmitool', reason }).message);
    this.failure = failure;
  }
}
