// Understands how a command failed in the IPMI library: what kind of failure it is, and what to tell the operator.
import {
  AuthenticationError,
  CompletionCodeError,
  IpmiError,
  retryableCompletionCodes,
  SessionLostError,
  SessionRefusedError,
  TimeoutError,
} from '@wrought/ipmi';
import { advice, type Failure } from '../failure.ts';

/** A request that must not be sent twice was sent, and nothing came back. */
export class AnswerLostError extends Error {}

/** Completion codes with which a BMC says that it may take the same command later; also duplicated, and two of updates (table 5-2). */
const busyCodes: ReadonlySet<number> = new Set([...retryableCompletionCodes, 0xcf, 0xd0, 0xd1]);
const insufficientPrivilege = 0xd4;

const loginAdvice = {
  user: advice.user,
  password: advice.password,
  'bmc key': advice.password,
  suite: advice.cipher,
  privilege: advice.privilege,
  server: 'The BMC could not prove that it knows the password. Check driver_info/ipmi_address and ipmi_password.',
  'authentication type':
    'The BMC refused the way of logging in. Check driver_info/ipmi_protocol_version, and what the BMC allows.',
} as const;

/** Error codes of the name service. */
const nameServiceCodes: ReadonlySet<unknown> = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA']);

/** The command itself is nobody's business: it may be a raw one. */
function ofCompletionCode({ code, text }: CompletionCodeError): Failure {
  const answer = `completion code 0x${code.toString(16)}, ${text}`;
  if (busyCodes.has(code)) {
    return { kind: 'retry', answer, advice: advice.busy };
  }
  return code === insufficientPrivilege
    ? { kind: 'final', answer, advice: advice.privilege }
    : { kind: 'refused', answer, advice: advice.refused };
}

/** The failure behind an error of the library; undefined for an error that is none of BMC or network. */
export function failureOf(error: unknown): Failure | undefined {
  if (error instanceof CompletionCodeError) {
    return ofCompletionCode(error);
  }
  if (error instanceof AuthenticationError) {
    const kind = error.check === 'suite' ? 'cipher' : 'final';
    return { kind, answer: error.message, advice: loginAdvice[error.check] };
  }
  if (error instanceof SessionRefusedError) {
    return { kind: 'retry', answer: error.message, advice: advice.busy };
  }
  if (error instanceof TimeoutError) {
    const answer = `nothing, to ${error.attempts} packets in ${Math.round(error.milliseconds / 1000)} s`;
    return { kind: 'silence', answer, advice: advice.silence };
  }
  if (error instanceof AnswerLostError || (error instanceof SessionLostError && error.mayHaveHappened)) {
    return { kind: 'lost', answer: error.message, advice: 'Look at the state of the machine before you ask again.' };
  }
  if (error instanceof SessionLostError) {
    return { kind: 'retry', answer: error.message, advice: advice.busy };
  }
  if (error instanceof Error && 'code' in error && nameServiceCodes.has(error.code)) {
    return { kind: 'final', answer: error.message, advice: advice.address };
  }
  if (error instanceof RangeError) {
    return { kind: 'final', answer: error.message, advice: 'Check driver_info of the node.' };
  }
  return error instanceof IpmiError
    ? { kind: 'final', answer: error.message, advice: 'Look at the BMC; a newer firmware may help.' }
    : undefined;
}
