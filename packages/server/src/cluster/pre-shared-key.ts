// How processes of one installation prove to each other who they are: TLS with a key that both have from the database.
import type { ConnectionOptions, TlsOptions } from 'node:tls';

/** Tells connections of this program from others; the secret is the key. */
const IDENTITY = 'wrought';

// Node offers pre-shared keys up to TLS 1.2; the key agreement in front keeps recorded traffic secret should the key leak.
const common = {
  ciphers: 'ECDHE-PSK-CHACHA20-POLY1305',
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.2',
} as const;

/** Options of a server that lets in only who has the key (RFC 5489). */
export function serverOptions(key: Buffer): TlsOptions {
  return { ...common, pskCallback: (_socket, identity) => (identity === IDENTITY ? key : null) };
}

/** Options of a client that trusts only who has the key. */
export function clientOptions(key: Buffer): ConnectionOptions {
  return {
    ...common,
    pskCallback: () => ({ psk: key, identity: IDENTITY }),
    // There is no certificate to compare with a name.
    checkServerIdentity: () => undefined,
  };
}
