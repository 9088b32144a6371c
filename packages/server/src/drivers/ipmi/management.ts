// Management through IPMI: boot device and mode, vendor, sensors, identify light and NMI.
import type { ManagementInterface } from '../kit/index.ts';
import type { IpmiBackend } from './backend.ts';
import { bootDevices, setBootDevice, setBootMode } from './boot-device.ts';
import { readConnection } from './connection.ts';
import { identifyLight } from './identify-light.ts';
import { properties } from './properties.ts';

/** Management interface "ipmitool". */
export function ipmitoolManagement(backend: IpmiBackend): ManagementInterface {
  return {
    kind: 'management',
    name: 'ipmitool',
    properties,
    async validate(task) {
      readConnection(task.node);
    },
    supportedBootDevices: async () => bootDevices,
    async setBootDevice(task, device, persistent) {
      await setBootDevice(backend, task, device, persistent);
      if (readConnection(task.node).forceBootDevice) {
        task.learn({
          driver_internal_info: { persistent_boot_device: device, is_next_boot_persistent: persistent },
        });
      }
    },
    async getBootDevice(task) {
      const flags = await backend.bootDevice(task);
      return { boot_device: flags.device, persistent: flags.device === null ? null : flags.persistent };
    },
    setBootMode: (task, mode) => setBootMode(backend, task, mode),
    async detectVendor(task) {
      const { manufacturerId } = await backend.deviceIds(task);
      const { manufacturerName } = await import('@wrought/ipmi/manufacturers');
      return manufacturerName(manufacturerId)?.toLowerCase() ?? null;
    },
    getSensorsData: (task) => backend.sensors(task),
    indicators: identifyLight(backend),
    async injectNmi(task) {
      await backend.controlPower(task, 'diag');
      task.record({ kind: 'bmc', message: 'The BMC raised a non-maskable interrupt.' });
    },
  };
}
