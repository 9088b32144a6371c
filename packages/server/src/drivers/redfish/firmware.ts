// Firmware through Redfish: components with their versions, and their updates.
import { type FirmwareInterface, lazily, step } from '../kit/index.ts';
import type { RedfishBmc } from './bmc/index.ts';
import { readConnection } from './connection.ts';
import { readComponentImages } from './firmware-images.ts';
import { firmwareWork } from './firmware-work.ts';
import { properties } from './properties.ts';

/** Firmware interface "redfish". */
export function redfishFirmware(load: () => Promise<RedfishBmc>): FirmwareInterface {
  const work = firmwareWork(load, readComponentImages);
  return {
    kind: 'firmware',
    name: 'redfish',
    properties,
    supported: true,
    async validate(task) {
      readConnection(task.node, task.config);
    },
    ...lazily(async () => (await load()).firmware, ['readComponents']),
    steps: [
      step({
        interface: 'firmware',
        step: 'update',
        kinds: ['clean', 'deploy', 'service'],
        recovery: 'repeat',
        argsinfo: {
          settings: {
            description:
              'The updates in their order: [{"component": "bmc", "url": "https://...", "wait": 60}]; components are bios, bmc and nic:ID.',
            required: true,
          },
        },
        execute: work,
        resume: work,
      }),
    ],
  };
}
