// Where the URLs of users may lead: decided by the address to which a connection is opened, so that no name changes its mind between.
import { lookup as lookUpName } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { type Config, type Network, parseNetwork } from '../config/index.ts';

/** Nothing that a user means is there: this machine under another name, link-local and with it metadata services, multicast. */
const alwaysDenied = [
  '0.0.0.0/8',
  '169.254.0.0/16',
  '224.0.0.0/4',
  '255.255.255.255',
  '::/128',
  'fe80::/10',
  'ff00::/8',
] as const;

export interface AddressGuard {
  /** Checks the host of a URL where it is an address. @throws Error that names the network */
  checkUrl(url: string): void;
  /** Resolves a name as Node.js does, for `connect`; fails when one of its addresses is denied. */
  readonly lookup: LookupFunction;
}

interface DeniedNetwork {
  readonly text: string;
  readonly list: BlockList;
}

/** Bits that an IPv4 network has before it where it is written as IPv6 address (::ffff:192.0.2.1). */
const MAPPED_BITS = 96;

function listOf({ address, length, family }: Network): BlockList {
  const list = new BlockList();
  list.addSubnet(address, length, family);
  if (family === 'ipv4') {
    list.addSubnet(`::ffff:${address}`, MAPPED_BITS + length, 'ipv6');
  }
  return list;
}

/** Makes the guard over what is always denied and what the configuration adds. */
export function addressGuard({ image }: Pick<Config, 'image'>): AddressGuard {
  const denied: readonly DeniedNetwork[] = [...alwaysDenied, ...image.denied_networks].flatMap((text) => {
    const network = parseNetwork(text);
    return network === undefined ? [] : [{ text, list: listOf(network) }];
  });

  function problemOf(address: string): Error | undefined {
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    const found = denied.find(({ list }) => list.check(address, family));
    return (
      found &&
      new Error(`${address} lies in ${found.text}, to which URLs of users may not lead (image.denied_networks)`)
    );
  }

  return {
    checkUrl(url) {
      const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
      const problem = isIP(host) === 0 ? undefined : problemOf(host);
      if (problem !== undefined) {
        throw problem;
      }
    },
    lookup(name, options, callback) {
      lookUpName(name, options, (error, found, family) => {
        const addresses = typeof found === 'string' ? [found] : (found ?? []).map(({ address }) => address);
        const problem = error ?? addresses.map(problemOf).find((each) => each !== undefined) ?? null;
        callback(problem, found, family);
      });
    },
  };
}
