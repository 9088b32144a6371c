// AES-CBC-128 of RMCP+ payloads with its initialisation vector and pad (IPMI 2.0, 13.29).
import { createCipheriv, createDecipheriv, randomFillSync } from 'node:crypto';
import { ProtocolError } from '../errors.ts';
import { asBuffer } from './bytes.ts';

const blockLength = 16;
const cipher = 'aes-128-cbc';

/** The 16 bytes of K2 that are the key. */
export const aesKey = (k2: Uint8Array): Uint8Array => k2.subarray(0, blockLength);

// Random bytes are drawn for many packets at once: a system call a packet would be the dearest part of it.
const pool = Buffer.alloc(256 * blockLength);
let used = pool.length;

function nextInitialisationVector(): Buffer {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  used += blockLength;
  return pool.subarray(used - blockLength, used);
}

/** Initialisation vector, then payload, pad bytes 1, 2, 3 ... and their number, encrypted. */
export function encrypt(payload: Uint8Array, key: Uint8Array): Buffer {
  const pad = -(payload.length + 1) & (blockLength - 1);
  const plain = Buffer.allocUnsafe(payload.length + pad + 1);
  plain.set(payload);
  for (let index = 0; index < pad; index++) plain[payload.length + index] = index + 1;
  plain[payload.length + pad] = pad;
  const vector = nextInitialisationVector();
  const encryption = createCipheriv(cipher, key, vector).setAutoPadding(false);
  return Buffer.concat([vector, encryption.update(plain), encryption.final()]);
}

/** The payload without vector and pad. */
export function decrypt(encrypted: Uint8Array, key: Uint8Array): Buffer {
  const bytes = asBuffer(encrypted);
  if (bytes.length < 2 * blockLength || bytes.length % blockLength !== 0) {
    throw new ProtocolError('bad length', 'encrypted payload', 0, `is ${bytes.length}`);
  }
  const decryption = createDecipheriv(cipher, key, bytes.subarray(0, blockLength)).setAutoPadding(false);
  const plain = decryption.update(bytes.subarray(blockLength));
  decryption.final();
  const pad = plain[plain.length - 1] as number;
  const end = plain.length - 1 - pad;
  // Less than a block by the specification; BMCs that pad by a whole block more are read as well.
  if (pad > blockLength || end < 0) {
    throw new ProtocolError('bad padding', 'confidentiality pad', bytes.length - 1, `is ${pad}`);
  }
  // The values of the pad bytes are not checked: some BMCs fill them with something else, and the code covers them.
  return plain.subarray(0, end);
}
