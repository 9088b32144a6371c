// What went wrong with a request, from the errors of Node.js and undici.
import { ConnectionError, type ConnectionFailure, MalformedError, type RequestName } from '../errors.ts';

const unreachable = new Set([
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EHOSTDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EADDRNOTAVAIL',
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
]);
const tls = /^(CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|ERR_TLS|ERR_SSL|EPROTO|HOSTNAME_MISMATCH|CRL_|INVALID_)/;

function kindOf(code: string): ConnectionFailure {
  if (code === 'ECONNREFUSED') return 'refused';
  if (unreachable.has(code)) return 'unreachable';
  return tls.test(code) ? 'tls' : 'reset';
}

const codeOf = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : '');

/** Several addresses of one name failed: the first one's error says enough. */
const firstOf = (error: Error): Error =>
  error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error;

/**
 * Names a failure.
 *
 * @param wasConnecting whether it failed before anything of the request was sent.
 */
export function failureOf(request: RequestName, thrown: unknown, wasConnecting: boolean): Error {
  const error = firstOf(thrown instanceof Error ? thrown : new Error(String(thrown)));
  const code = codeOf(error);
  if (code.startsWith('HPE_')) {
    return new MalformedError(request, 'the answer', `no HTTP (${error.message})`, 'check the port');
  }
  // Wrong options, such as a file of authorities that is not there, are the caller's matter.
  if (wasConnecting && (error instanceof RangeError || code === 'ENOENT' || code === 'EACCES')) return error;
  return new ConnectionError(request, kindOf(code), !wasConnecting, error);
}
