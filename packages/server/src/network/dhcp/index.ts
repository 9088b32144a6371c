// Chooses who answers DHCP, by dhcp.dhcp_provider.

import type { Cloud } from '../../openstack/cloud.ts';
import { type DnsmasqOptions, externalDnsmasq, ownDnsmasq } from './dnsmasq.ts';
import { neutronDhcp } from './neutron.ts';
import { noDhcp } from './none.ts';
import type { DhcpProvider } from './provider.ts';

/** Makes the provider that the configuration names. */
export function createDhcpProvider(options: DnsmasqOptions & { readonly cloud: Cloud }): DhcpProvider {
  switch (options.config().dhcp.dhcp_provider) {
    case 'dnsmasq':
      return ownDnsmasq(options);
    case 'external':
      return externalDnsmasq(options);
    case 'neutron':
      return neutronDhcp(options.cloud, options.log);
    case 'none':
      return noDhcp;
  }
}
