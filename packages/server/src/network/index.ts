// The network interfaces of the program: noop and flat.
import type { ServerEnvironment } from '../boot/services.ts';
import { defineDriver } from '../drivers/kit/index.ts';
import { flatNetwork } from './flat.ts';
import { noopNetwork } from './noop.ts';

export default defineDriver<ServerEnvironment>(() => ({ hardwareTypes: [], interfaces: [flatNetwork, noopNetwork] }));
