// ipmi: machines whose BMC speaks IPMI, reached in this process or through ipmitool.
import type { ServerEnvironment } from '../../boot/services.ts';
import { defineDriver, genericInterfaces } from '../kit/index.ts';
import { chooseBackend } from './choose-backend.ts';
import { ipmitoolManagement } from './management.ts';
import { ipmitoolPower } from './power.ts';
import { ipmitoolVendor } from './vendor.ts';

export default defineDriver<ServerEnvironment>(({ observeBmcCall, watchBmcs }) => {
  const backend = chooseBackend(observeBmcCall, watchBmcs);
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
    interfaces: [ipmitoolPower(backend), ipmitoolManagement(backend), ipmitoolVendor(backend)],
    close: () => backend.close(),
  };
});
