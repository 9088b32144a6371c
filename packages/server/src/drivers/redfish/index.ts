// redfish and idrac: machines whose BMC speaks Redfish, and those of Dell among them.
import type { ServerEnvironment } from '../../boot/services.ts';
import { createGraphicalConsoles } from '../../console/graphical-consoles.ts';
import { defineDriver, genericInterfaces, type HardwareType } from '../kit/index.ts';
import { redfishBios } from './bios.ts';
import type { RedfishBmc } from './bmc/index.ts';
import { httpsBoot, virtualMediaBoot } from './boot-interfaces.ts';
import { redfishConsole } from './console.ts';
import { idracInterfaces, idracType } from './dell/idrac.ts';
import { redfishFirmware } from './firmware.ts';
import { redfishInspect } from './inspect.ts';
import { redfishManagement } from './management.ts';
import { redfishPower } from './power.ts';
import { redfishRaid } from './raid.ts';
import { redfishVendor } from './vendor.ts';

export default defineDriver<ServerEnvironment>((environment) => {
  const { config, log, fileCache, observeBmcCall: observe, watchBmcs: watch } = environment;
  let opened: Promise<RedfishBmc> | undefined;
  const load = () => {
    opened ??= import('./bmc/index.ts').then(({ openRedfishBmc }) =>
      openRedfishBmc({ log, fileCache, observe, watch }),
    );
    return opened;
  };
  const consoles = createGraphicalConsoles(config, log);
  const redfish: HardwareType = {
    name: 'redfish',
    supported: {
      ...genericInterfaces,
      bios: ['redfish', 'no-bios'],
      boot: [...genericInterfaces.boot, 'redfish-virtual-media', 'redfish-https'],
      console: ['no-console', 'redfish-graphical', 'ipmitool-socat'],
      firmware: ['redfish', 'no-firmware'],
      inspect: ['redfish', ...genericInterfaces.inspect],
      management: ['redfish', 'noop'],
      power: ['redfish'],
      raid: ['redfish', ...genericInterfaces.raid],
      vendor: ['redfish', 'no-vendor'],
    },
  };
  return {
    hardwareTypes: [redfish, idracType(redfish)],
    interfaces: [
      redfishPower(load),
      redfishManagement(load),
      redfishBios(load),
      redfishConsole(consoles, load),
      redfishFirmware(load),
      redfishInspect(load),
      redfishRaid(load),
      redfishVendor(load),
      virtualMediaBoot(environment, load),
      httpsBoot(environment, load),
      ...idracInterfaces(environment, load),
    ],
    async close() {
      consoles.close();
      await (await opened)?.close();
    },
  };
});
