// Whole RMCP+ packets of a session with keys: encrypt and sign, check and decrypt (IPMI 2.0, 13.28 and 13.29).
import { createHash, createHmac } from 'node:crypto';
import { ProtocolError } from '../errors.ts';
import {
  authenticationAlgorithms,
  type CipherSuite,
  type IntegrityAlgorithm,
  integrityAlgorithms,
} from './algorithms.ts';
import { asBuffer, padded } from './bytes.ts';
import { aesKey, decrypt, encrypt } from './confidentiality.ts';
import { additionalKey, maximumKeyLength, sameBytes } from './keys.ts';
import { rmcpHeaderLength } from './rmcp.ts';
import { type DecodedV20, decodeV20, encodeV20 } from './session-header.ts';

/** What protects the packets of one session. */
export interface PacketKeys {
  readonly integrity: IntegrityAlgorithm;
  /** K1, or the padded password, or nothing. */
  readonly integrityKey: Uint8Array;
  /** Key of AES-CBC-128; undefined: no confidentiality. */
  readonly aesKey: Uint8Array | undefined;
}

const nothing = Buffer.alloc(0);

/** Derives the keys of a session from its integrity key (and the password, which MD5-128 is keyed by). */
export function packetKeys(suite: CipherSuite, sik: Uint8Array, password: Uint8Array): PacketKeys {
  const integrity = integrityAlgorithms[suite.integrity];
  if (integrity === undefined || authenticationAlgorithms[suite.authentication] === undefined) {
    throw new RangeError(`algorithms ${suite.authentication} and ${suite.integrity} are not known`);
  }
  const keys = {
    nothing: () => nothing,
    k1: () => additionalKey(suite.authentication, sik, 1),
    password: () => padded(password, maximumKeyLength, 'password'),
  };
  return {
    integrity,
    integrityKey: keys[integrity.keyedBy](),
    aesKey: suite.confidentiality === 0 ? undefined : aesKey(additionalKey(suite.authentication, sik, 2)),
  };
}

function integrityCode(keys: PacketKeys, covered: Uint8Array): Buffer {
  const { integrity, integrityKey } = keys;
  if (integrity.hash === undefined) return nothing;
  if (integrity.keyedBy === 'password') {
    return createHash(integrity.hash).update(integrityKey).update(covered).update(integrityKey).digest();
  }
  return createHmac(integrity.hash, integrityKey).update(covered).digest().subarray(0, integrity.codeLength);
}

export interface PlainPacket {
  readonly payloadType: number;
  readonly sessionId: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
}

/** A whole packet, encrypted and signed as the keys say. */
export function sealPacket(keys: PacketKeys, packet: PlainPacket): Buffer {
  const { codeLength } = keys.integrity;
  const authenticated = codeLength > 0;
  const encrypted = keys.aesKey !== undefined;
  const bytes = encodeV20(
    {
      payloadType: packet.payloadType,
      encrypted,
      authenticated,
      sessionId: packet.sessionId,
      sequence: packet.sequence,
      payload: keys.aesKey === undefined ? packet.payload : encrypt(packet.payload, keys.aesKey),
    },
    codeLength,
  );
  if (authenticated) {
    const end = bytes.length - codeLength;
    bytes.set(integrityCode(keys, bytes.subarray(rmcpHeaderLength, end)), end);
  }
  return bytes;
}

/**
 * The payload of a packet of a session; takes what `decodeV20` made of it. A packet that is less protected than the
 * session is refused: otherwise anyone could leave out the code.
 */
export function openPacket(keys: PacketKeys, packet: DecodedV20): Buffer {
  const { codeLength } = keys.integrity;
  if (codeLength > 0) {
    if (!packet.authenticated) throw new ProtocolError('bad digest', 'RMCP+ packet', 1, 'is not authenticated');
    // Whatever follows the code (an Ethernet pad, for instance) is not part of the packet.
    const code = packet.authenticationCode.subarray(0, codeLength);
    if (!sameBytes(code, integrityCode(keys, packet.covered))) {
      throw new ProtocolError('bad digest', 'RMCP+ packet', packet.covered.length);
    }
  }
  if (keys.aesKey === undefined) {
    if (packet.encrypted) throw new ProtocolError('unsupported', 'RMCP+ packet', 1, 'is encrypted');
    return packet.payload;
  }
  if (!packet.encrypted) throw new ProtocolError('unsupported', 'RMCP+ packet', 1, 'is not encrypted');
  return decrypt(packet.payload, keys.aesKey);
}

/** `decodeV20` and `openPacket` in one, for those who have one session only; takes what follows the RMCP header. */
export function openBytes(keys: PacketKeys, bytes: Uint8Array): PlainPacket & { readonly payload: Buffer } {
  const packet = decodeV20(asBuffer(bytes));
  const { payloadType, sessionId, sequence } = packet;
  return { payloadType, sessionId, sequence, payload: openPacket(keys, packet) };
}
