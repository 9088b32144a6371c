// Power through Redfish.
import { lazily, type PowerInterface } from '../kit/index.ts';
import type { RedfishBmc } from './bmc/index.ts';
import { readConnection } from './connection.ts';
import { properties } from './properties.ts';

/** Power interface "redfish". */
export function redfishPower(load: () => Promise<RedfishBmc>): PowerInterface {
  return {
    kind: 'power',
    name: 'redfish',
    properties,
    supportedTargets: ['power on', 'power off', 'rebooting', 'soft rebooting', 'soft power off'],
    canSync: true,
    async validate(task) {
      readConnection(task.node, task.config);
    },
    ...lazily(async () => (await load()).power, ['getPowerState', 'setPowerState']),
  };
}
