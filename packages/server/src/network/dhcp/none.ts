// DHCP that is none of our business: whoever runs it sends machines to the boot script by himself.
import type { DhcpProvider } from './provider.ts';

export const noDhcp: DhcpProvider = {
  name: 'none',
  start: async () => {},
  stop: async () => {},
  offerBoot: async () => {},
  withdrawBoot: async () => {},
  onEvent: () => {},
};
