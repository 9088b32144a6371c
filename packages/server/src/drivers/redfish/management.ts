// Management through Redfish: what a machine boots from and in which mode, secure boot, sensors, lights, virtual media, NMI.
import { lazily, type ManagementInterface } from '../kit/index.ts';
import type { RedfishBmc } from './bmc/index.ts';
import { bootDevices } from './boot-devices.ts';
import { clockSteps } from './clock.ts';
import { readConnection } from './connection.ts';
import { properties } from './properties.ts';
import { secureBootKeySteps } from './secure-boot-keys.ts';
import { updateFirmwareStep } from './update-firmware.ts';

/** Management interface "redfish". */
export function redfishManagement(load: () => Promise<RedfishBmc>): ManagementInterface {
  return {
    kind: 'management',
    name: 'redfish',
    properties,
    async validate(task) {
      readConnection(task.node, task.config);
    },
    supportedBootDevices: async () => bootDevices,
    ...lazily(
      async () => (await load()).management,
      [
        'detectVendor',
        'setBootDevice',
        'getBootDevice',
        'leavesBootToSystem',
        'getBootMode',
        'setBootMode',
        'getSecureBoot',
        'setSecureBoot',
        'getSensorsData',
        'injectNmi',
      ],
    ),
    steps: [
      ...secureBootKeySteps(async () => (await load()).secureBootKeys),
      ...clockSteps(async () => (await load()).clock),
      updateFirmwareStep(load),
    ],
    indicators: lazily(async () => (await load()).indicators, ['list', 'get', 'set']),
    virtualMedia: lazily(async () => (await load()).virtualMedia, ['list', 'attach', 'detach']),
  };
}
