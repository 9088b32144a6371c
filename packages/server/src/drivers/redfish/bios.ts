// BIOS settings through Redfish: read, applied at the next boot, and reset to those of the factory.
import { type BiosInterface, lazily, readSettings } from '../kit/index.ts';
import type { RedfishBmc } from './bmc/index.ts';
import { readConnection } from './connection.ts';
import { properties } from './properties.ts';
import { stepByReboot } from './step-by-reboot.ts';

/** BIOS interface "redfish". */
export function redfishBios(load: () => Promise<RedfishBmc>): BiosInterface {
  const kinds = ['clean', 'deploy', 'service'] as const;
  const part = async () => (await load()).bios;
  const facts = async (task: Parameters<BiosInterface['validate']>[0]) => ({
    bios_settings: await (await part()).readSettings(task),
  });
  return {
    kind: 'bios',
    name: 'redfish',
    properties,
    supported: true,
    async validate(task) {
      readConnection(task.node, task.config);
    },
    ...lazily(part, ['readSettings']),
    steps: [
      stepByReboot(
        {
          interface: 'bios',
          step: 'apply_configuration',
          kinds,
          argsinfo: {
            settings: {
              description: 'The settings to apply: [{"name": "ProcVirtualization", "value": "Enabled"}].',
              required: true,
            },
          },
        },
        {
          awaited: 'the BIOS settings',
          apply: async (task, { settings }) => (await part()).applySettings(task, readSettings(settings)),
          look: async (task, { settings }) => (await part()).lookAtSettings(task, readSettings(settings)),
          facts,
        },
      ),
      stepByReboot(
        { interface: 'bios', step: 'factory_reset', kinds },
        {
          awaited: 'the BIOS settings of the factory',
          async apply(task) {
            await (await part()).resetSettings(task);
            return true;
          },
          look: async (task) => (await part()).lookAtReset(task),
          facts,
        },
      ),
    ],
  };
}
