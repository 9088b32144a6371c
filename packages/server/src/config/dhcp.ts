// Options that say who answers DHCP requests of machines.
import { choice } from './option.ts';

export const dhcp = {
  dhcp_provider: choice({
    default: 'none',
    allowed: ['none', 'dnsmasq', 'external', 'neutron'],
    description:
      '"dnsmasq": Wrought configures, starts and watches one; "external": only the files for a dnsmasq that someone else runs; "neutron": the boot files are options of ports in Neutron; "none": DHCP is not our business.',
  }),
} as const;
