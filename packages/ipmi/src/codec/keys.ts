// What RAKP computes: authentication codes, session integrity key, K1 and K2 (IPMI 2.0, 13.31 to 13.33).
import { createHmac, timingSafeEqual } from 'node:crypto';
import { type AuthenticationAlgorithm, authenticationAlgorithms, type Hash } from './algorithms.ts';

/** Longest password (the key of a user, Kuid) and BMC key (Kg). */
export const maximumKeyLength = 20;

/** Everything that both sides know after RAKP messages 1 and 2. */
export interface Exchange {
  /** Number of the authentication algorithm. */
  readonly algorithm: number;
  readonly consoleSessionId: number;
  readonly bmcSessionId: number;
  readonly consoleRandom: Uint8Array;
  readonly bmcRandom: Uint8Array;
  readonly bmcGuid: Uint8Array;
  readonly role: number;
  readonly userName: Uint8Array;
}

function algorithmOf(number: number): AuthenticationAlgorithm {
  const algorithm = authenticationAlgorithms[number];
  if (algorithm === undefined) throw new RangeError(`authentication algorithm ${number} is not known`);
  return algorithm;
}

const nothing = Buffer.alloc(0);

function hmac(hash: Hash | undefined, key: Uint8Array, parts: readonly Uint8Array[]): Buffer {
  if (hash === undefined) return nothing;
  const mac = createHmac(hash, key);
  for (const part of parts) mac.update(part);
  return mac.digest();
}

function littleEndian(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

const identity = (exchange: Exchange): Buffer =>
  Buffer.concat([Buffer.of(exchange.role, exchange.userName.length), exchange.userName]);

/** Key exchange authentication code of RAKP message 2, keyed by the password: proves the BMC knows it. */
export function rakp2Code(exchange: Exchange, password: Uint8Array): Buffer {
  return hmac(algorithmOf(exchange.algorithm).hash, password, [
    littleEndian(exchange.consoleSessionId),
    littleEndian(exchange.bmcSessionId),
    exchange.consoleRandom,
    exchange.bmcRandom,
    exchange.bmcGuid,
    identity(exchange),
  ]);
}

/** Key exchange authentication code of RAKP message 3, keyed by the password: proves we know it. */
export function rakp3Code(exchange: Exchange, password: Uint8Array): Buffer {
  return hmac(algorithmOf(exchange.algorithm).hash, password, [
    exchange.bmcRandom,
    littleEndian(exchange.consoleSessionId),
    identity(exchange),
  ]);
}

/** Session integrity key; `bmcKey` is Kg, or the password where the BMC has no Kg ("one-key" logins). */
export function sessionIntegrityKey(exchange: Exchange, bmcKey: Uint8Array): Buffer {
  return hmac(algorithmOf(exchange.algorithm).hash, bmcKey, [
    exchange.consoleRandom,
    exchange.bmcRandom,
    identity(exchange),
  ]);
}

/** Integrity check value of RAKP message 4, keyed by the session integrity key. */
export function rakp4Check(exchange: Exchange, sik: Uint8Array): Buffer {
  const algorithm = algorithmOf(exchange.algorithm);
  return hmac(algorithm.hash, sik, [
    exchange.consoleRandom,
    littleEndian(exchange.bmcSessionId),
    exchange.bmcGuid,
  ]).subarray(0, algorithm.checkLength);
}

// Twenty bytes for every hash: the specification's constants were written for SHA1, and implementations kept them.
const constantLength = 20;

/** K1 (integrity) or K2 (confidentiality). */
export function additionalKey(algorithm: number, sik: Uint8Array, constant: 1 | 2): Buffer {
  return hmac(algorithmOf(algorithm).hash, sik, [Buffer.alloc(constantLength, constant)]);
}

/** Compares codes in a time that does not depend on where they differ. */
export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
