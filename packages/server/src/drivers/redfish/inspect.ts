// Inspection through Redfish: the BMC tells what hardware the machine has, which need not be on.
import { done, type InspectInterface } from '../kit/index.ts';
import type { RedfishBmc } from './bmc/index.ts';
import { readConnection } from './connection.ts';
import { properties } from './properties.ts';

/** Inspect interface "redfish", or that of a make, which learns more. */
export function redfishInspect(
  load: () => Promise<RedfishBmc>,
  { name = 'redfish', isDell = false } = {},
): InspectInterface {
  return {
    kind: 'inspect',
    name,
    properties,
    supported: true,
    async validate(task) {
      readConnection(task.node, task.config);
    },
    async inspect(task) {
      const bmc = await load();
      const found = await (isDell ? bmc.inspectDell(task) : bmc.inspect(task));
      task.record({ kind: 'inspection', message: 'The BMC told what hardware the machine has.' });
      return done({ ...found.facts, inspection: { inventory: found.inventory, plugin_data: found.pluginData } });
    },
  };
}
