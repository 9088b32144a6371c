// The network interfaces of the program: flat, neutron and noop.
import type { ServerEnvironment } from '../boot/services.ts';
import { defineDriver } from '../drivers/kit/index.ts';
import { flatNetwork } from './flat.ts';
import { neutronNetwork } from './neutron/index.ts';
import { noopNetwork } from './noop.ts';

export default defineDriver<ServerEnvironment>(({ cloud }) => ({
  hardwareTypes: [],
  interfaces: [flatNetwork(cloud), neutronNetwork(cloud), noopNetwork],
}));
