// Certificates for tests, made by openssl.
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
  readonly key: string;
  readonly cert: string;
}

/** A self-signed certificate for 127.0.0.1. */
export function makeCertificate(): Certificate & { readonly fingerprint: string } {
  const folder = mkdtempSync(join(tmpdir(), 'wrought-redfish-'));
  try {
    const files = { key: join(folder, 'key.pem'), cert: join(folder, 'cert.pem') };
    const what = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=bmc';
    const given = [
      ...what.split(' '),
      '-addext',
      'subjectAltName=IP:127.0.0.1',
      '-keyout',
      files.key,
      '-out',
      files.cert,
    ];
    execFileSync('openssl', given, { stdio: 'pipe' });
    const cert = readFileSync(files.cert, 'utf8');
    return { key: readFileSync(files.key, 'utf8'), cert, fingerprint: new X509Certificate(cert).fingerprint256 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
