// Network interface noop: the machine's network is set up by hand and stays as it is.
import { type NetworkInterface, phaseMethods } from '../drivers/kit/index.ts';

const nothing = async () => ({});

export const noopNetwork: NetworkInterface = {
  kind: 'network',
  name: 'noop',
  properties: {},
  validate: async () => {},
  ...phaseMethods(nothing, nothing),
  configureTenantNetworks: nothing,
  unconfigureTenantNetworks: nothing,
  // A service that deploys machines attaches its ports whatever the network is; here there is nothing to do for them.
  attachVif: nothing,
  detachVif: nothing,
  listVifs: async () => [],
};
