// ipmi: machines whose BMC speaks IPMI, reached through ipmitool.
import type { ServerEnvironment } from '../../boot/services.ts';
import { defineDriver, genericInterfaces } from '../kit/index.ts';
import { createCommandSender } from './command.ts';
import { ipmitoolManagement } from './management.ts';
import { ipmitoolPower } from './power.ts';
import { ipmitoolVendor } from './vendor.ts';

export default defineDriver<ServerEnvironment>(({ observeBmcCall, watchBmcs }) => {
  const sender = createCommandSender(observeBmcCall, watchBmcs);
  return {
    hardwareTypes: [
      {
        name: 'ipmi',
        supported: {
          ...genericInterfaces,
          management: ['ipmitool', 'noop'],
          power: ['ipmitool'],
          vendor: ['ipmitool', 'no-vendor'],
        },
      },
    ],
    interfaces: [ipmitoolPower(sender), ipmitoolManagement(sender), ipmitoolVendor(sender)],
  };
});
