// Writes the configuration of our dnsmasq: addresses on one interface, boot files only for machines that carry our tag.

import { userInfo } from 'node:os';
import type { Config } from '../../config/index.ts';
import { BOOT_TAG } from './dnsmasq-files.ts';

export interface DnsmasqPaths {
  readonly configuration: string;
  readonly leases: string;
  readonly log: string;
}

/** What a client says of its firmware (RFC 4578 section 2.1 and the IANA registry of client architectures). */
export const clientMatches: readonly string[] = [
  'dhcp-match=set:ipxe,175',
  'dhcp-userclass=set:ipxe,iPXE',
  'dhcp-match=set:efi,option:client-arch,7',
  'dhcp-match=set:efi,option:client-arch,9',
  'dhcp-match=set:efi,option:client-arch,11',
  'dhcp-match=set:efihttp,option:client-arch,16',
  'dhcp-match=set:efihttp,option:client-arch,19',
  // A firmware that boots over HTTP takes only answers that say so.
  `dhcp-option-force=tag:${BOOT_TAG},tag:efihttp,60,HTTPClient`,
];

/** A range with the lease time, unless it has its own. */
function rangeLine(range: string, leaseTime: string): string {
  const last = range.split(',').at(-1)?.trim() ?? '';
  return /^(\d+[smhdw]?|infinite)$/.test(last) && !last.includes('.')
    ? `dhcp-range=${range}`
    : `dhcp-range=${range},${leaseTime}`;
}

/** The whole configuration file. */
export function dnsmasqConfiguration(config: Config, paths: DnsmasqPaths): string {
  const { dnsmasq, pxe } = config;
  const lines = [
    '# Made by Wrought at each start; changes are lost. Use dnsmasq.extra_options instead.',
    `interface=${dnsmasq.interface}`,
    'bind-interfaces',
    'except-interface=lo',
    // No DNS.
    'port=0',
    'dhcp-authoritative',
    'no-resolv',
    'no-hosts',
    `user=${userInfo().username}`,
    // Which process it is, is kept by Wrought itself.
    'pid-file',
    `dhcp-leasefile=${paths.leases}`,
    `log-facility=${paths.log}`,
    ...dnsmasq.ranges.map((range) => rangeLine(range, dnsmasq.lease_time)),
    // Without a value dnsmasq would name itself as the router.
    dnsmasq.router === null ? 'dhcp-option=option:router' : `dhcp-option=option:router,${dnsmasq.router}`,
    ...(dnsmasq.ipv6_prefix !== null && dnsmasq.enable_ra
      ? ['enable-ra', `dhcp-range=${dnsmasq.ipv6_prefix},ra-only,64,${dnsmasq.lease_time}`]
      : []),
    `dhcp-hostsdir=${dnsmasq.dhcp_hostsdir}`,
    `dhcp-optsdir=${dnsmasq.dhcp_optsdir}`,
    ...clientMatches,
    ...(dnsmasq.enable_tftp ? ['enable-tftp', `tftp-root=${pxe.tftp_root}`] : []),
    ...dnsmasq.extra_options,
  ];
  return `${lines.join('\n')}\n`;
}
