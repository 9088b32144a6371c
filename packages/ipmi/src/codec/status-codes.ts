// Status codes of RMCP+ and RAKP messages as data, with what to do about each (IPMI 2.0, table 13-15).

export const statusCode = {
  ok: 0x00,
  insufficientResources: 0x01,
  invalidSessionId: 0x02,
  invalidPayloadType: 0x03,
  invalidAuthenticationAlgorithm: 0x04,
  invalidIntegrityAlgorithm: 0x05,
  noMatchingAuthenticationPayload: 0x06,
  noMatchingIntegrityPayload: 0x07,
  inactiveSessionId: 0x08,
  invalidRole: 0x09,
  unauthorizedRole: 0x0a,
  insufficientResourcesForRole: 0x0b,
  invalidNameLength: 0x0c,
  unauthorizedName: 0x0d,
  unauthorizedGuid: 0x0e,
  invalidIntegrityCheckValue: 0x0f,
  invalidConfidentialityAlgorithm: 0x10,
  noCipherSuiteMatch: 0x11,
  illegalParameter: 0x12,
} as const;

/** Which part of a login a status is about; `session` ones may go away when tried again. */
export type StatusSubject = 'session' | 'suite' | 'privilege' | 'user' | 'password' | 'protocol';

export interface StatusMeaning {
  readonly subject: StatusSubject;
  readonly text: string;
}

const meanings: Readonly<Record<number, StatusMeaning>> = {
  0: { subject: 'session', text: 'no error' },
  1: { subject: 'session', text: 'the BMC has no free session: close others, or wait until they expire' },
  2: { subject: 'session', text: 'invalid session id' },
  3: { subject: 'protocol', text: 'invalid payload type' },
  4: { subject: 'suite', text: 'the BMC does not know the authentication algorithm: choose another cipher suite' },
  5: { subject: 'suite', text: 'the BMC does not know the integrity algorithm: choose another cipher suite' },
  6: { subject: 'suite', text: 'no matching authentication payload: choose another cipher suite' },
  7: { subject: 'suite', text: 'no matching integrity payload: choose another cipher suite' },
  8: { subject: 'session', text: 'inactive session id' },
  9: { subject: 'privilege', text: 'invalid privilege level' },
  10: { subject: 'privilege', text: 'the user may not have the privilege level: ask for a lower one' },
  11: { subject: 'session', text: 'the BMC has no free session at the privilege level: close others, or wait' },
  12: { subject: 'user', text: 'the BMC does not accept the length of the user name' },
  13: { subject: 'user', text: 'the BMC has no such user for IPMI over LAN at the privilege level' },
  14: { subject: 'protocol', text: 'unauthorised GUID' },
  15: { subject: 'password', text: 'the password is wrong' },
  16: { subject: 'suite', text: 'the BMC does not know the confidentiality algorithm: choose another cipher suite' },
  17: { subject: 'suite', text: 'the BMC does not allow the cipher suite for the privilege level: choose another' },
  18: { subject: 'protocol', text: 'illegal or unrecognised parameter' },
};

export function statusMeaning(status: number): StatusMeaning {
  return meanings[status] ?? { subject: 'protocol', text: `reserved status code 0x${status.toString(16)}` };
}
