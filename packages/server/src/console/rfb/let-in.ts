// Lets a viewer in, or tells it why not, as an RFB server without a password does (RFC 6143, section 7.1).
import type { Duplex } from 'node:stream';
import {
  readVersion,
  reasonBytes,
  securityResults,
  securityTypes,
  VERSION_BYTES,
  type Version,
  versionLine,
} from './protocol.ts';
import { readBytes } from './read.ts';

const number = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};

async function agreeOnVersion(viewer: Duplex, signal: AbortSignal): Promise<Version> {
  viewer.write(versionLine('3.8'));
  const line = await readBytes(viewer, VERSION_BYTES, signal);
  const version = readVersion(line);
  if (version === undefined) {
    throw new Error(`the viewer speaks no RFB: it begins with ${JSON.stringify(line.toString('latin1'))}`);
  }
  return version;
}

/**
 * Goes as far as ClientInit, in which the viewer says whether others may look, too: here they may.
 * @throws Error when the viewer goes, or speaks something else
 */
export async function letIn(viewer: Duplex, signal: AbortSignal): Promise<void> {
  const version = await agreeOnVersion(viewer, signal);
  if (version === '3.3') {
    viewer.write(number(securityTypes.none));
  } else {
    viewer.write(Buffer.of(1, securityTypes.none));
    const [chosen] = await readBytes(viewer, 1, signal);
    if (chosen !== securityTypes.none) {
      throw new Error(`the viewer chose the security type ${chosen}, which was not offered`);
    }
    if (version === '3.8') {
      viewer.write(number(securityResults.ok));
    }
  }
  await readBytes(viewer, 1, signal);
}

/** Tells a viewer why it gets nothing to see, and ends the connection. @throws as `letIn` */
export async function refuse(viewer: Duplex, reason: string, signal: AbortSignal): Promise<void> {
  const version = await agreeOnVersion(viewer, signal);
  const none = version === '3.3' ? number(securityTypes.refused) : Buffer.of(0);
  viewer.end(Buffer.concat([none, reasonBytes(reason)]));
}
