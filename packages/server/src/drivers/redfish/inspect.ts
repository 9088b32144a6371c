// Inspection through Redfish: the BMC tells what hardware the machine has, which need not be on.
import { done, type InspectInterface } from '../kit/index.ts';
import type { RedfishBmc } from './bmc/index.ts';
import { readConnection } from './connection.ts';
import { properties } from './properties.ts';

/** Inspect interface "redfish". */
export function redfishInspect(load: () => Promise<RedfishBmc>): InspectInterface {
  return {
    kind: 'inspect',
    name: 'redfish',
    properties,
    supported: true,
    async validate(task) {
      readConnection(task.node, task.config);
    },
    async inspect(task) {
      const found = await (await load()).inspect(task);
      task.record({ kind: 'inspection', message: 'The BMC told what hardware the machine has.' });
      return done({ ...found.facts, inspection: { inventory: found.inventory, plugin_data: found.pluginData } });
    },
  };
}
