// Network boot: the boot interfaces ipxe and pxe, and iPXE by UEFI HTTP boot.
import type { ServerEnvironment } from '../../boot/services.ts';
import { defineDriver } from '../kit/index.ts';
import { ipxeBoot } from './ipxe.ts';
import { pxeBoot } from './pxe.ts';

export default defineDriver<ServerEnvironment>((environment) => ({
  hardwareTypes: [],
  interfaces: [ipxeBoot(environment), pxeBoot(environment), ipxeBoot(environment, 'http-ipxe')],
}));
