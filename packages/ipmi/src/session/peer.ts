// From what a user writes as the address of a BMC to where packets go.
import { lookup } from 'node:dns/promises';
import { isIP, SocketAddress } from 'node:net';
import type { Peer } from './exchange.ts';

/** Addresses are brought into the form in which the socket reports senders; names are resolved. */
export async function resolvePeer(host: string, port: number): Promise<Peer> {
  const found = isIP(host) === 0 ? await lookup(host) : { address: host, family: isIP(host) };
  if (found.family === 4) return { address: found.address, port, family: 4 };
  const [address = '', zone] = found.address.split('%');
  const canonical = new SocketAddress({ address, family: 'ipv6' }).address;
  return { address: zone === undefined ? canonical : `${canonical}%${zone}`, port, family: 6 };
}
