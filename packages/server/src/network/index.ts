// The network interfaces of the program: flat, neutron, ironic-networking and noop.
import type { ServerEnvironment } from '../boot/services.ts';
import { defineDriver } from '../drivers/kit/index.ts';
import { flatNetwork } from './flat.ts';
import { checkSwitchConfiguration } from './ironic-networking/check-configuration.ts';
import { ironicNetworkingNetwork } from './ironic-networking/index.ts';
import { neutronNetwork } from './neutron/index.ts';
import { noopNetwork } from './noop.ts';
import { createSwitches } from './switches/switches.ts';

export default defineDriver<ServerEnvironment>(async ({ cloud, config }) => {
  await checkSwitchConfiguration(config());
  return {
    hardwareTypes: [],
    interfaces: [
      flatNetwork(cloud),
      neutronNetwork(cloud),
      ironicNetworkingNetwork(createSwitches(config)),
      noopNetwork,
    ],
  };
});
