// Connections of TLS: whom to trust, and one security context for all BMCs that are trusted alike.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls';
import { buildConnector } from 'undici';
import type { TlsOptions, Trust } from './options.ts';

/** Contexts are large, and there are thousands of BMCs: those with equal options share one. */
const contexts = new Map<string, SecureContext>();
const maximumContexts = 64;

/** The certificates of a PEM file, or of all files of a folder, and what tells whether they changed. */
function readAuthorities(path: string): { readonly version: string; readonly read: () => string } {
  const files = statSync(path).isDirectory()
    ? readdirSync(path)
        .sort()
        .map((name) => join(path, name))
        .filter((file) => statSync(file).isFile())
    : [path];
  const version = files.map((file) => `${file}:${statSync(file).mtimeMs}`).join('|');
  const read = () => {
    const pem = files
      .map((file) => readFileSync(file, 'utf8'))
      .filter((text) => text.includes('-----BEGIN CERTIFICATE-----'))
      .join('\n');
    if (pem === '') throw new RangeError(`${path} holds no certificate in PEM form`);
    return pem;
  };
  return { version, read };
}

function secureContext(options: TlsOptions): SecureContext {
  const trust: Trust = options.trust ?? 'authorities';
  const authorities = typeof trust === 'object' && 'caPath' in trust ? readAuthorities(trust.caPath) : undefined;
  const pem = typeof trust === 'object' && 'caPem' in trust ? trust.caPem : undefined;
  const key = JSON.stringify([options.minimumVersion, options.ciphers, pem, authorities?.version]);
  const known = contexts.get(key);
  if (known !== undefined) return known;
  const ca = pem ?? authorities?.read();
  const made = createSecureContext({
    minVersion: options.minimumVersion ?? 'TLSv1.2',
    ...(options.ciphers === undefined ? {} : { ciphers: options.ciphers }),
    ...(ca === undefined ? {} : { ca }),
  });
  const oldest = contexts.keys().next();
  if (contexts.size >= maximumContexts && !oldest.done) contexts.delete(oldest.value);
  contexts.set(key, made);
  return made;
}

const plain = (fingerprint: string) => fingerprint.replaceAll(':', '').toLowerCase();

/** Fails with this when the certificate is not the pinned one. */
class FingerprintError extends Error {
  readonly code = 'ERR_TLS_FINGERPRINT';

  constructor(found: string) {
    super(`the certificate has the SHA-256 fingerprint ${found || '(none)'}, not the pinned one`);
  }
}

/**
 * Makes what undici calls for each new connection.
 *
 * @param onConnect gets the address of our own end of each connection.
 * @throws RangeError for a fingerprint that is none.
 */
export function createConnector(
  tls: TlsOptions,
  timeoutMilliseconds: number,
  onConnect: (localAddress: string | undefined) => void,
): buildConnector.connector {
  const trust = tls.trust ?? 'authorities';
  const pinned = typeof trust === 'object' && 'fingerprint' in trust ? plain(trust.fingerprint) : undefined;
  if (pinned !== undefined && !/^[0-9a-f]{64}$/.test(pinned)) {
    throw new RangeError('tls.trust.fingerprint must be a SHA-256 fingerprint: 64 hexadecimal digits');
  }
  const build = (context: SecureContext | undefined) =>
    buildConnector({
      timeout: timeoutMilliseconds,
      allowH2: false,
      rejectUnauthorized: trust !== 'any-certificate' && pinned === undefined,
      // A resumed connection shows no certificate to compare.
      ...(pinned === undefined ? {} : { maxCachedSessions: 0 }),
      ...(context === undefined ? {} : { secureContext: context }),
    });
  let current: { readonly context: SecureContext | undefined; readonly connect: buildConnector.connector } | undefined;
  // undici holds TLS sessions weakly, and garbage collection takes them between two looks at a BMC. Held here too, the next
  // connection resumes: that spares both sides, and slow BMCs above all, most of the handshake.
  let _session: Buffer | undefined;
  return (options, callback) => {
    try {
      // Files of authorities may be exchanged while the process runs.
      const context = options.protocol === 'https:' ? secureContext(tls) : undefined;
      if (current === undefined || current.context !== context) current = { context, connect: build(context) };
    } catch (error) {
      callback(error instanceof Error ? error : new Error(String(error)), null);
      return;
    }
    const opening = current.connect(options, (error, socket) => {
      if (error !== null || socket === null) {
        callback(error ?? new Error('no connection'), null);
        return;
      }
      const found = pinned === undefined ? undefined : (socket as TLSSocket).getPeerX509Certificate?.();
      if (pinned !== undefined && plain(found?.fingerprint256 ?? '') !== pinned) {
        socket.destroy();
        callback(new FingerprintError(found?.fingerprint256 ?? ''), null);
        return;
      }
      onConnect(socket.localAddress);
      callback(null, socket);
    }) as unknown;
    if (opening instanceof TLSSocket && pinned === undefined) {
      opening.on('session', (session) => {
        _session = session;
      });
    }
  };
}
