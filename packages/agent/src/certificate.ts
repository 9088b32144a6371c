// The agent's own TLS certificate, made at each start; the server learns it from the heartbeat and trusts it alone.
// Written by hand, because loading a library for it takes three seconds of an emulated machine's boot.
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { isIP } from 'node:net';
import { bitString, boolean, integer, octetString, oid, sequence, set, tagged, time, utf8 } from './der.ts';

export type OwnCertificate = { certificatePem: string; keyPem: string };

const DAY_MS = 86_400_000;
/** The clocks of agent and server may differ: the certificate is valid from the day before. */
const BACKDATED_DAYS = 1;
/** Longer than any deployment or cleaning. */
const VALID_DAYS = 90;

const OID = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  subjectKeyIdentifier: '2.5.29.14',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
} as const;
// Tags of RFC 5280: version and extensions of a certificate, and two kinds of names.
const VERSION_TAG = 0xa0;
const EXTENSIONS_TAG = 0xa3;
const DNS_NAME_TAG = 0x82;
const IP_ADDRESS_TAG = 0x87;
const VERSION_3 = Buffer.from([2]);

/** The bytes of an IP address: 4 or 16. */
function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  const groups = (text: string): string[] =>
    text.split(':').flatMap((group) => {
      if (!group.includes('.')) return group === '' ? [] : [group.padStart(4, '0')];
      const hex = Buffer.from(group.split('.').map(Number)).toString('hex');
      return [hex.slice(0, 4), hex.slice(4)];
    });
  const [head = '', tail] = address.split('%')[0]?.split('::') ?? [];
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0000');
  return Buffer.from([...before, ...(tail === undefined ? [] : zeros), ...after].join(''), 'hex');
}

function extension(id: string, isCritical: boolean, value: Buffer): Buffer {
  return sequence(oid(id), ...(isCritical ? [boolean(true)] : []), octetString(value));
}

function toPem(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/**
 * Makes a self-signed certificate (RFC 5280) with an EC P-256 key.
 *
 * @param host the IP addresses or names under which it is reached; they become subject alternative names.
 */
export function createCertificate(host: string | readonly string[]): OwnCertificate {
  const hosts = typeof host === 'string' ? [host] : host;
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const spki = publicKey.export({ format: 'der', type: 'spki' });
  const named = hosts.find((each) => isIP(each) === 0);
  const subject = sequence(set(sequence(oid(OID.commonName), utf8(named ?? 'wrought-agent'))));
  const algorithm = sequence(oid(OID.ecdsaWithSha256));
  const names = hosts.map((each) =>
    isIP(each) === 0 ? tagged(DNS_NAME_TAG, Buffer.from(each)) : tagged(IP_ADDRESS_TAG, addressBytes(each)),
  );
  const extensions = sequence(
    // It is both the server's certificate and the authority that vouches for it.
    extension(OID.basicConstraints, true, sequence(boolean(true))),
    extension(OID.subjectKeyIdentifier, false, octetString(createHash('sha1').update(spki).digest())),
    extension(OID.subjectAlternativeName, false, sequence(...names)),
  );
  const content = sequence(
    tagged(VERSION_TAG, integer(VERSION_3)),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    subject,
    sequence(time(new Date(Date.now() - BACKDATED_DAYS * DAY_MS)), time(new Date(Date.now() + VALID_DAYS * DAY_MS))),
    subject,
    spki,
    tagged(EXTENSIONS_TAG, extensions),
  );
  const certificate = sequence(content, algorithm, bitString(sign('sha256', content, privateKey)));
  return {
    certificatePem: toPem('CERTIFICATE', certificate),
    keyPem: privateKey.export({ format: 'pem', type: 'pkcs8' }),
  };
}
