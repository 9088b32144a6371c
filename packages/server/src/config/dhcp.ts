// Options that say who answers DHCP requests of machines.
import { choice } from './option.ts';

export const dhcp = {
  dhcp_provider: choice({
    default: 'none',
    allowed: ['none', 'dnsmasq', 'external'],
    description:
      '"dnsmasq": Wrought configures, starts and watches one; "external": only the files for a dnsmasq that someone else runs; "none": DHCP is not our business. "neutron" comes with a later version.',
  }),
} as const;
