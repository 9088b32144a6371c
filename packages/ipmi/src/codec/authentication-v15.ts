// Authentication codes of IPMI 1.5 packets: MD5 and straight password (IPMI 2.0, 22.17.1). MD2 is left out: it is
// broken, gone from OpenSSL, and whatever offers it offers MD5.
import { createHash } from 'node:crypto';
import { ProtocolError } from '../errors.ts';
import { padded } from './bytes.ts';
import { sameBytes } from './keys.ts';
import { authenticationType, type V15Packet } from './session-header.ts';

/** Passwords of IPMI 1.5 have at most 16 bytes. */
export const maximumV15PasswordLength = 16;

/** The code of a packet; undefined when its authentication type has none. */
export function v15Code(packet: Omit<V15Packet, 'authenticationCode'>, password: Uint8Array): Buffer | undefined {
  if (packet.authenticationType === authenticationType.none) return undefined;
  const key = padded(password, maximumV15PasswordLength, 'password');
  if (packet.authenticationType === authenticationType.straightPassword) return key;
  if (packet.authenticationType !== authenticationType.md5) {
    throw new ProtocolError('unsupported', 'authentication type', 0, `is ${packet.authenticationType}`);
  }
  const numbers = Buffer.allocUnsafe(8);
  numbers.writeUInt32LE(packet.sessionId);
  numbers.writeUInt32LE(packet.sequence, 4);
  return createHash('md5')
    .update(key)
    .update(numbers.subarray(0, 4))
    .update(packet.payload)
    .update(numbers.subarray(4))
    .update(key)
    .digest();
}

/** Throws a ProtocolError when the packet's code is not the one that the password makes. */
export function checkV15Code(packet: V15Packet, password: Uint8Array): void {
  const expected = v15Code(packet, password);
  if (expected === undefined) return;
  if (packet.authenticationCode === undefined || !sameBytes(packet.authenticationCode, expected)) {
    throw new ProtocolError('bad digest', 'IPMI 1.5 packet', 9);
  }
}
