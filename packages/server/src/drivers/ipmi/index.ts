// ipmi: machines whose BMC speaks IPMI, reached in this process or through ipmitool.
import type { ServerEnvironment } from '../../boot/services.ts';
import { createSerialConsoles } from '../../console/serial-consoles.ts';
import { defineDriver, genericInterfaces } from '../kit/index.ts';
import { createBmcCalls } from './bmc-calls.ts';
import { chooseBackend } from './choose-backend.ts';
import { ipmiConsole } from './console.ts';
import { ipmitoolManagement } from './management.ts';
import type { NativeIpmi } from './native/index.ts';
import { ipmitoolPower } from './power.ts';
import { intelManagement } from './speed-select.ts';
import { ipmitoolVendor } from './vendor.ts';

export default defineDriver<ServerEnvironment>(({ config, log, observeBmcCall, watchBmcs }) => {
  const calls = createBmcCalls(observeBmcCall, watchBmcs);
  let native: Promise<NativeIpmi> | undefined;
  const loadNative = () => {
    native ??= import('./native/index.ts').then(({ openNativeIpmi }) => openNativeIpmi(calls));
    return native;
  };
  const consoles = createSerialConsoles(config, log);
  const backend = chooseBackend(calls, loadNative);
  const supported = {
    ...genericInterfaces,
    console: ['no-console', 'ipmitool-socat'],
    management: ['ipmitool', 'noop'],
    power: ['ipmitool'],
    vendor: ['ipmitool', 'no-vendor'],
  };
  return {
    hardwareTypes: [
      { name: 'ipmi', supported },
      { name: 'intel-ipmi', supported: { ...supported, management: ['intel-ipmitool'] } },
    ],
    interfaces: [
      intelManagement(backend),
      ipmitoolPower(backend),
      ipmitoolManagement(backend),
      ipmitoolVendor(backend),
      ipmiConsole(consoles, loadNative),
    ],
    async close() {
      await consoles.close();
      await (await native)?.sessions.close();
    },
  };
});
