// The agent's own TLS certificate, made at each start; the server learns it from the heartbeat and trusts it alone.
import 'reflect-metadata';
import { randomBytes, webcrypto } from 'node:crypto';
import { isIP } from 'node:net';
import { BasicConstraintsExtension, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';

export type OwnCertificate = { certificatePem: string; keyPem: string };

const DAY_MS = 86_400_000;
/** The clocks of agent and server may differ: the certificate is valid from the day before. */
const BACKDATED_DAYS = 1;
/** Longer than any deployment or cleaning. */
const VALID_DAYS = 90;

function toPem(label: string, der: ArrayBuffer): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/**
 * Makes a self-signed certificate with an EC P-256 key.
 *
 * @param host the IP address or name under which the agent is reached; it becomes subject alternative name.
 */
export async function createCertificate(host: string): Promise<OwnCertificate> {
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: `01${randomBytes(15).toString('hex')}`,
      name: `CN=${isIP(host) === 0 ? host : 'wrought-agent'}`,
      notBefore: new Date(Date.now() - BACKDATED_DAYS * DAY_MS),
      notAfter: new Date(Date.now() + VALID_DAYS * DAY_MS),
      keys,
      signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
      extensions: [
        // It is both the server's certificate and the authority that vouches for it.
        new BasicConstraintsExtension(true, undefined, true),
        new SubjectAlternativeNameExtension([{ type: isIP(host) === 0 ? 'dns' : 'ip', value: host }]),
      ],
    },
    webcrypto,
  );
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { certificatePem: toPem('CERTIFICATE', certificate.rawData), keyPem: toPem('PRIVATE KEY', key) };
}
