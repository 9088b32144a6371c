// Where simulated BMCs listen: each at an address of its own with one port, or all at one address, each with its port.
import { isIPv4, isIPv6 } from 'node:net';

export interface Places {
  /** Of the first BMC; 127.0.0.1 when absent. */
  readonly address?: string;
  /** Of the first BMC; 0, any, when absent. */
  readonly port?: number;
  /**
   * What the next BMC gets: the next address with the same port (for 127.0.0.0/8, where Linux has every address at once), or
   * the next port at the same address (the default; with port 0 any).
   */
  readonly next?: 'address' | 'port';
}

const lastPort = 0xffff;

const toNumber = (address: string) => address.split('.').reduce((number, part) => number * 256 + Number(part), 0);
const toAddress = (number: number) => [24, 16, 8, 0].map((shift) => (number >>> shift) & 0xff).join('.');

/** Address and port of the BMC with this index. Throws a RangeError that says what is wrong and what is allowed. */
export function placeOf(places: Places, index: number): { readonly address: string; readonly port: number } {
  const { address = '127.0.0.1', port = 0, next = 'port' } = places;
  if (!isIPv4(address) && !isIPv6(address)) throw new RangeError(`"${address}" is no IP address`);
  if (!Number.isInteger(port) || port < 0 || port > lastPort) {
    throw new RangeError(`port ${port}: 0 to ${lastPort} are allowed`);
  }
  if (next === 'address') {
    if (!isIPv4(address)) throw new RangeError(`BMCs at addresses of their own need an IPv4 address, not ${address}`);
    return { address: toAddress(toNumber(address) + index), port };
  }
  if (port === 0) return { address, port };
  if (port + index > lastPort) {
    throw new RangeError(`BMC ${index} would have port ${port + index}: begin with a lower port, or use addresses`);
  }
  return { address, port: port + index };
}
