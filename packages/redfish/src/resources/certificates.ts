// Certificates of a service: which there are and where, and new ones in their place (CertificateService, Certificate schemas).
import type { Answer, CallOptions, Client } from '../client.ts';
import type { Resource } from '../resource.ts';

export interface Certificate {
  readonly path: string;
  readonly pem: string | undefined;
  readonly subject: string | undefined;
  readonly issuer: string | undefined;
  /** ISO 8601. */
  readonly validNotAfter: string | undefined;
  /** SHA-256, where the service tells it. */
  readonly fingerprint: string | undefined;
}

/** Reads one certificate. */
export function readCertificate(resource: Resource): Certificate {
  const algorithm = resource.text('FingerprintHashAlgorithm') ?? '';
  return {
    path: resource.path,
    pem: resource.text('CertificateType') === 'PKCS7' ? undefined : resource.text('CertificateString'),
    subject: resource.object('Subject')?.text('CommonName'),
    issuer: resource.object('Issuer')?.text('CommonName'),
    validNotAfter: resource.text('ValidNotAfter'),
    fingerprint: /SHA-?256|^TPM_ALG_SHA256$/i.test(algorithm) ? resource.text('Fingerprint') : undefined,
  };
}

/** Reads the certificates of all places that the certificate service knows, such as the BMC's own for HTTPS. */
export async function listCertificates(client: Client, options: CallOptions = {}): Promise<Certificate[]> {
  const service = await client.get((await client.root(options)).mustLink('CertificateService'), options);
  const locations = await client.get(service.mustLink('CertificateLocations'), options);
  const found: Certificate[] = [];
  for (const path of locations.object('Links')?.links('Certificates') ?? []) {
    found.push(readCertificate(await client.get(path, options)));
  }
  return found;
}

/**
 * Puts a new certificate in the place of one. The BMC may restart its web service for it.
 *
 * @param pem certificate, with its chain and key where the BMC has not made the key itself.
 */
export async function replaceCertificate(
  client: Client,
  path: string,
  pem: string,
  options: CallOptions = {},
): Promise<Answer> {
  const service = await client.get((await client.root(options)).mustLink('CertificateService'), options);
  const body = {
    CertificateUri: { '@odata.id': path },
    CertificateString: pem,
    CertificateType: (pem.match(/-----BEGIN CERTIFICATE-----/g) ?? []).length > 1 ? 'PEMchain' : 'PEM',
  };
  return client.action(service, 'CertificateService.ReplaceCertificate', body, options);
}
