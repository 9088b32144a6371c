// Everything that fails here is one of these: each says what was tried, where, what came back and what to do.
import { commandName, groupOf, type NamedCommand } from './command-names.ts';
import { completionCodeText } from './completion-codes.ts';

const hex = (value: number) => `0x${value.toString(16).padStart(2, '0')}`;

/** The base of all errors of this library. */
export class IpmiError extends Error {
  override get name(): string {
    return this.constructor.name;
  }
}

/** What is wrong with a packet. */
export type ProtocolErrorCode =
  | 'truncated'
  | 'too long'
  | 'bad checksum'
  | 'bad length'
  | 'bad padding'
  | 'bad value'
  | 'bad digest'
  | 'unsupported';

/** Bytes that are no packet of the protocol; the only error that decoders throw. */
export class ProtocolError extends IpmiError {
  readonly code: ProtocolErrorCode;
  /** The field or layer that is wrong. */
  readonly what: string;
  /** Where in the bytes that the decoder was given. */
  readonly offset: number;

  constructor(code: ProtocolErrorCode, what: string, offset: number, detail = '') {
    super(`${what} at byte ${offset}: ${code}${detail === '' ? '' : `, ${detail}`}`);
    this.code = code;
    this.what = what;
    this.offset = offset;
  }
}

/** The BMC answered, and its answer is not "completed normally". */
export class CompletionCodeError extends IpmiError {
  readonly netFn: number;
  readonly command: number;
  readonly code: number;
  readonly text: string;

  constructor(request: NamedCommand, code: number) {
    const { netFn, command } = request;
    const text = completionCodeText(netFn, command, code);
    super(`${commandName(netFn, command, groupOf(request))} ended with completion code ${hex(code)}: ${text}`);
    this.netFn = netFn;
    this.command = command;
    this.code = code;
    this.text = text;
  }
}

/** Which check of a login failed. */
export type AuthenticationCheck =
  | 'user'
  | 'password'
  | 'bmc key'
  | 'suite'
  | 'privilege'
  | 'server'
  | 'authentication type';

/** A login that was refused, by the BMC or by us. */
export class AuthenticationError extends IpmiError {
  readonly address: string;
  readonly check: AuthenticationCheck;

  constructor(address: string, check: AuthenticationCheck, message: string) {
    super(`login at ${address}: ${message}`);
    this.address = address;
    this.check = check;
  }
}

/** The BMC cannot open a session now for a reason that has nothing to do with who asks. */
export class SessionRefusedError extends IpmiError {
  readonly address: string;
  /** Status code of RMCP+ and RAKP (table 13-15); with IPMI 1.5 the completion code of Activate Session. */
  readonly status: number;

  constructor(address: string, status: number, message: string) {
    super(`login at ${address}: ${message}`);
    this.address = address;
    this.status = status;
  }
}

/** No answer came in time. */
export class TimeoutError extends IpmiError {
  readonly address: string;
  readonly what: string;
  readonly attempts: number;
  readonly milliseconds: number;

  constructor(address: string, what: string, attempts: number, milliseconds: number) {
    const sent = `${attempts} ${attempts === 1 ? 'packet' : 'packets'}`;
    super(
      `${what} at ${address}: no answer to ${sent} in ${milliseconds} ms; check address, port, and that IPMI over LAN is enabled`,
    );
    this.address = address;
    this.what = what;
    this.attempts = attempts;
    this.milliseconds = milliseconds;
  }
}

/** The BMC no longer knows the session. */
export class SessionLostError extends IpmiError {
  readonly address: string;
  /** True when the request was sent and nothing tells whether the BMC carried it out. */
  readonly mayHaveHappened: boolean;

  constructor(address: string, mayHaveHappened: boolean, message: string) {
    super(`session with ${address}: ${message}`);
    this.address = address;
    this.mayHaveHappened = mayHaveHappened;
  }
}

/** The caller closed the session or the transport, and asks for something all the same. */
export class ClosedError extends IpmiError {}
