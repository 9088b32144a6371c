// Networks in options and rules: an address, or one with the length of its network.
import { isIP } from 'node:net';

export interface Network {
  readonly address: string;
  /** Bits that all addresses of the network share. */
  readonly length: number;
  readonly family: 'ipv4' | 'ipv6';
}

/** Reads "192.0.2.0/24", "2001:db8::/32" or one address; undefined for anything else. */
export function parseNetwork(text: string): Network | undefined {
  const [, address = '', given] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text.trim()) ?? [];
  const version = isIP(address);
  const bits = version === 6 ? 128 : 32;
  const length = given === undefined ? bits : Number(given);
  return version === 0 || length > bits ? undefined : { address, length, family: version === 6 ? 'ipv6' : 'ipv4' };
}
