// ipmi: machines whose BMC speaks IPMI, reached in this process or through ipmitool.
import type { ServerEnvironment } from '../../boot/services.ts';
import { createSerialConsoles } from '../../console/serial-consoles.ts';
import { defineDriver, genericInterfaces } from '../kit/index.ts';
import { chooseBackend } from './choose-backend.ts';
import { ipmiConsole } from './console.ts';
import { ipmitoolManagement } from './management.ts';
import { createSessions } from './native/sessions.ts';
import { ipmitoolPower } from './power.ts';
import { ipmitoolVendor } from './vendor.ts';

export default defineDriver<ServerEnvironment>(({ config, log, observeBmcCall, watchBmcs }) => {
  const sessions = createSessions();
  const consoles = createSerialConsoles(config, log);
  const backend = chooseBackend(sessions, observeBmcCall, watchBmcs);
  return {
    hardwareTypes: [
      {
        name: 'ipmi',
        supported: {
          ...genericInterfaces,
          console: ['no-console', 'ipmitool-socat'],
          management: ['ipmitool', 'noop'],
          power: ['ipmitool'],
          vendor: ['ipmitool', 'no-vendor'],
        },
      },
    ],
    interfaces: [
      ipmitoolPower(backend),
      ipmitoolManagement(backend),
      ipmitoolVendor(backend),
      ipmiConsole(consoles, sessions),
    ],
    async close() {
      await consoles.close();
      await sessions.close();
    },
  };
});
