// Management through IPMI: boot device and NMI.
import { registeredError } from '@wrought/contract';
import type { ManagementInterface } from '../kit/index.ts';
import { bootDevices, setBootDevice } from './boot-device.ts';
import type { CommandSender } from './command.ts';
import { readConnection } from './connection.ts';
import { parseBootFlags } from './parse.ts';
import { properties } from './properties.ts';
import { parseSensors } from './sensors.ts';

/** Management interface "ipmitool". */
export function ipmitoolManagement(sender: CommandSender): ManagementInterface {
  return {
    kind: 'management',
    name: 'ipmitool',
    properties,
    async validate(task) {
      readConnection(task.node);
    },
    supportedBootDevices: async () => bootDevices,
    async setBootDevice(task, device, persistent) {
      await setBootDevice(sender, task, device, persistent);
      if (readConnection(task.node).forceBootDevice) {
        task.learn({
          driver_internal_info: { persistent_boot_device: device, is_next_boot_persistent: persistent },
        });
      }
    },
    async getBootDevice(task) {
      const output = await sender.send(task, 'chassis', 'bootparam', 'get', '5');
      const flags = parseBootFlags(output);
      if (flags === null) {
        throw registeredError('DriverOperationError', {
          driver: 'ipmitool',
          reason: `the BMC at ${readConnection(task.node).address} answered "chassis bootparam get 5" without boot flags: ${JSON.stringify(output.trim().slice(0, 200))}.`,
        });
      }
      return { boot_device: flags.device, persistent: flags.device === null ? null : flags.persistent };
    },
    getSensorsData: async (task) => parseSensors(await sender.send(task, '-v', 'sdr')),
    async injectNmi(task) {
      await sender.send(task, 'chassis', 'power', 'diag');
      task.record({ kind: 'bmc', message: 'The BMC raised a non-maskable interrupt.' });
    },
  };
}
