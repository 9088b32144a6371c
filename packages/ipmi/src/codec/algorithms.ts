// Cipher suites and their algorithms as data (IPMI 2.0, tables 13-17, 13-18, 13-19 and 22-20).

/** A hash of node:crypto. */
export type Hash = 'sha1' | 'md5' | 'sha256';

export interface AuthenticationAlgorithm {
  readonly name: string;
  readonly hash: Hash | undefined;
  /** Bytes of the key exchange authentication codes of RAKP messages 2 and 3. */
  readonly codeLength: number;
  /** Bytes of the integrity check value of RAKP message 4. */
  readonly checkLength: number;
}

export interface IntegrityAlgorithm {
  readonly name: string;
  /** Keyed by K1, except MD5-128, which is keyed by the password. */
  readonly hash: Hash | undefined;
  readonly keyedBy: 'nothing' | 'k1' | 'password';
  readonly codeLength: number;
}

export interface ConfidentialityAlgorithm {
  readonly name: string;
  readonly implemented: boolean;
}

export const authenticationAlgorithms: Readonly<Record<number, AuthenticationAlgorithm>> = {
  0: { name: 'RAKP-none', hash: undefined, codeLength: 0, checkLength: 0 },
  1: { name: 'RAKP-HMAC-SHA1', hash: 'sha1', codeLength: 20, checkLength: 12 },
  2: { name: 'RAKP-HMAC-MD5', hash: 'md5', codeLength: 16, checkLength: 16 },
  3: { name: 'RAKP-HMAC-SHA256', hash: 'sha256', codeLength: 32, checkLength: 16 },
};

export const integrityAlgorithms: Readonly<Record<number, IntegrityAlgorithm>> = {
  0: { name: 'none', hash: undefined, keyedBy: 'nothing', codeLength: 0 },
  1: { name: 'HMAC-SHA1-96', hash: 'sha1', keyedBy: 'k1', codeLength: 12 },
  2: { name: 'HMAC-MD5-128', hash: 'md5', keyedBy: 'k1', codeLength: 16 },
  3: { name: 'MD5-128', hash: 'md5', keyedBy: 'password', codeLength: 16 },
  4: { name: 'HMAC-SHA256-128', hash: 'sha256', keyedBy: 'k1', codeLength: 16 },
};

export const confidentialityAlgorithms: Readonly<Record<number, ConfidentialityAlgorithm>> = {
  0: { name: 'none', implemented: true },
  1: { name: 'AES-CBC-128', implemented: true },
  2: { name: 'xRC4-128', implemented: false },
  3: { name: 'xRC4-40', implemented: false },
};

/** The numbers of three algorithms. */
export interface CipherSuite {
  readonly authentication: number;
  readonly integrity: number;
  readonly confidentiality: number;
}

const suite = (authentication: number, integrity: number, confidentiality: number): CipherSuite => ({
  authentication,
  integrity,
  confidentiality,
});

/** The suites of the specification by their number. */
export const cipherSuites: Readonly<Record<number, CipherSuite>> = {
  0: suite(0, 0, 0),
  1: suite(1, 0, 0),
  2: suite(1, 1, 0),
  3: suite(1, 1, 1),
  4: suite(1, 1, 2),
  5: suite(1, 1, 3),
  6: suite(2, 0, 0),
  7: suite(2, 2, 0),
  8: suite(2, 2, 1),
  9: suite(2, 2, 2),
  10: suite(2, 2, 3),
  11: suite(2, 3, 0),
  12: suite(2, 3, 1),
  13: suite(2, 3, 2),
  14: suite(2, 3, 3),
  15: suite(3, 0, 0),
  16: suite(3, 4, 0),
  17: suite(3, 4, 1),
  18: suite(3, 4, 2),
  19: suite(3, 4, 3),
};

/** The suite of a number; a RangeError when there is none. */
export function suiteOf(id: number): CipherSuite {
  const found = cipherSuites[id];
  if (found === undefined) throw new RangeError(`cipher suite ${id} is not known; there are 0 to 19`);
  return found;
}

/** Whether this library can speak it: the suites with xRC4 are left out, RC4 being broken and offered by few BMCs. */
export function isImplemented(wanted: CipherSuite): boolean {
  return (
    authenticationAlgorithms[wanted.authentication] !== undefined &&
    integrityAlgorithms[wanted.integrity] !== undefined &&
    confidentialityAlgorithms[wanted.confidentiality]?.implemented === true
  );
}

/** Its algorithms in words. */
export function describeSuite(wanted: CipherSuite): string {
  return [
    authenticationAlgorithms[wanted.authentication]?.name ?? `authentication ${wanted.authentication}`,
    integrityAlgorithms[wanted.integrity]?.name ?? `integrity ${wanted.integrity}`,
    confidentialityAlgorithms[wanted.confidentiality]?.name ?? `confidentiality ${wanted.confidentiality}`,
  ].join(', ');
}
