// Finds the address under which the server can reach this agent.
import { connect } from 'node:net';

/** Time for one attempt to connect to the server. */
const CONNECT_TIMEOUT_SECONDS = 5;

/**
 * The local address of a connection to the server: with several interfaces the one that has the route to it.
 *
 * @throws Error when the server cannot be reached.
 */
export function findOwnAddress(apiUrl: string): Promise<string> {
  const url = new URL(apiUrl);
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    socket.setTimeout(CONNECT_TIMEOUT_SECONDS * 1000, () => {
      socket.destroy(new Error(`no connection within ${CONNECT_TIMEOUT_SECONDS} s`));
    });
    socket.once('connect', () => {
      const address = socket.localAddress ?? '';
      socket.destroy();
      // An IPv4 address that an IPv6 socket shows with a prefix.
      resolve(address.replace(/^::ffff:/, ''));
    });
    socket.once('error', (error) => reject(new Error(`no connection to ${host} port ${port}: ${error.message}`)));
  });
}

/** The callback URL of an address, with brackets around IPv6. */
export function callbackUrl(host: string, port: number): string {
  return `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
