// What both ends of the Remote Framebuffer Protocol have to know (RFC 6143): versions, security types, messages of the viewer.

/** The other end does not let in whoever asked, or speaks something else; the message is part of a sentence. */
export class RfbError extends Error {}

export const VERSION_BYTES = 12;

/** Versions that are spoken; each other one counts as the highest of these below it (section 7.1.1). */
export type Version = '3.3' | '3.7' | '3.8';

const lines = { '3.3': 'RFB 003.003\n', '3.7': 'RFB 003.007\n', '3.8': 'RFB 003.008\n' } as const;

/** The line with which an end names its version. */
export const versionLine = (version: Version): string => lines[version];

/** The version that a line of the other end comes to; undefined when it is no such line. */
export function readVersion(line: Buffer): Version | undefined {
  const found = /^RFB (\d{3})\.(\d{3})\n$/.exec(line.toString('latin1'));
  if (found === null) {
    return undefined;
  }
  const number = Number(found[1]) * 1000 + Number(found[2]);
  return number >= 3008 ? '3.8' : number === 3007 ? '3.7' : '3.3';
}

/** Section 7.1.2. */
export const securityTypes = { refused: 0, none: 1, vncAuthentication: 2 } as const;

/** Security types by name that others speak, for messages; of the registry of RFC 6143, section 8.1.2, and its successors. */
const otherSecurityTypes: Readonly<Record<number, string>> = {
  5: 'RA2',
  6: 'RA2ne',
  16: 'Tight',
  17: 'Ultra',
  18: 'TLS',
  19: 'VeNCrypt',
  20: 'SASL',
  30: 'Apple Diffie-Hellman',
};

/** A security type as people call it. */
export function securityTypeName(type: number): string {
  const names: Readonly<Record<number, string>> = { 1: 'None', 2: 'VNC Authentication', ...otherSecurityTypes };
  return names[type] ?? `type ${type}`;
}

/** Section 7.1.3. */
export const securityResults = { ok: 0, failed: 1 } as const;

/** A text with its length before it, as reasons for a refusal are sent (section 7.1.2). */
export function reasonBytes(reason: string): Buffer {
  const text = Buffer.from(reason);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  return Buffer.concat([length, text]);
}
