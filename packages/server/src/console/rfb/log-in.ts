// Logs in to an RFB server as a viewer does: its version, its security, and whether it lets us in (RFC 6143, sections 7.1 and 7.2).
import { createCipheriv } from 'node:crypto';
import type { Duplex } from 'node:stream';
import {
  RfbError,
  readVersion,
  securityResults,
  securityTypeName,
  securityTypes,
  VERSION_BYTES,
  type Version,
  versionLine,
} from './protocol.ts';
import { readBytes } from './read.ts';

const CHALLENGE_BYTES = 16;
/** What counts of a password (section 7.2.2). */
const PASSWORD_BYTES = 8;
/** A longer reason is nobody's. */
const LONGEST_REASON_BYTES = 4096;

export interface LogInOptions {
  /** Null: none is known. */
  readonly password: string | null;
  readonly signal: AbortSignal;
}

const reversed = (byte: number): number =>
  Number.parseInt(byte.toString(2).padStart(8, '0').split('').reverse().join(''), 2);

/** The answer to a challenge: it is encrypted by DES with the password, the bits of each byte of which are mirrored (section 7.2.2). */
export function answerChallenge(challenge: Buffer, password: string): Buffer {
  const key = Buffer.alloc(PASSWORD_BYTES);
  Buffer.from(password, 'latin1').copy(key);
  const des = key.map(reversed);
  // OpenSSL keeps DES alone away; three times over with one key it is the same.
  const cipher = createCipheriv('des-ede3-ecb', Buffer.concat([des, des, des]), null).setAutoPadding(false);
  return Buffer.concat([cipher.update(challenge), cipher.final()]);
}

async function readReason(stream: Duplex, signal: AbortSignal): Promise<string> {
  const length = (await readBytes(stream, 4, signal)).readUInt32BE();
  return length > LONGEST_REASON_BYTES ? 'no reason that can be read' : String(await readBytes(stream, length, signal));
}

/** What the server offers, of which it is the viewer who chooses; in version 3.3 the server has chosen. */
async function offered(stream: Duplex, version: Version, signal: AbortSignal): Promise<readonly number[]> {
  const types =
    version === '3.3'
      ? [(await readBytes(stream, 4, signal)).readUInt32BE()]
      : [...(await readBytes(stream, (await readBytes(stream, 1, signal))[0] ?? 0, signal))];
  if (types.length === 0 || types[0] === securityTypes.refused) {
    throw new RfbError(`it refuses: ${await readReason(stream, signal)}`);
  }
  return types;
}

function choose(types: readonly number[], password: string | null): number {
  if (types.includes(securityTypes.none)) {
    return securityTypes.none;
  }
  const hasPassword = types.includes(securityTypes.vncAuthentication);
  if (hasPassword && password !== null) {
    return securityTypes.vncAuthentication;
  }
  throw new RfbError(
    hasPassword
      ? 'it wants a password (VNC Authentication), and none is given'
      : `it offers the security ${types.map(securityTypeName).join(', ')}; None and VNC Authentication are spoken here`,
  );
}

/**
 * Goes as far as the server's word that the viewer may come in; the next to speak is the viewer, with ClientInit (section 7.3.1).
 * @throws RfbError, what broke the stream, or the reason of the signal
 */
export async function logIn(stream: Duplex, { password, signal }: LogInOptions): Promise<void> {
  const line = await readBytes(stream, VERSION_BYTES, signal);
  const version = readVersion(line);
  if (version === undefined) {
    throw new RfbError(`it speaks no RFB: it begins with ${JSON.stringify(line.toString('latin1'))}`);
  }
  stream.write(versionLine(version));
  const type = choose(await offered(stream, version, signal), password);
  if (version !== '3.3') {
    stream.write(Buffer.of(type));
  }
  if (type === securityTypes.vncAuthentication) {
    stream.write(answerChallenge(await readBytes(stream, CHALLENGE_BYTES, signal), password ?? ''));
  } else if (version !== '3.8') {
    return;
  }
  const result = (await readBytes(stream, 4, signal)).readUInt32BE();
  if (result !== securityResults.ok) {
    const reason = version === '3.8' ? await readReason(stream, signal) : 'it gives no reason';
    throw new RfbError(`it refuses the password: ${reason}`);
  }
}
