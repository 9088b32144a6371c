// Sends what an inspection wants to know: the inventory, the root disk and where the machine booted from.
import type { AgentNode } from '@wrought/contract';
import type { AgentContext } from './extensions/extension.ts';
import type { Disk } from './hardware/disks.ts';
import { readInventory } from './hardware/inventory.ts';
import { pickRootDevice } from './hardware/root-device.ts';
import type { ApiClient } from './session/api-client.ts';
import { HARDWARE_MANAGER, HARDWARE_MANAGER_VERSION } from './steps.ts';

/** Hints are the server's to apply: an inspection looks at the machine alone. */
const NODE_WITHOUT_HINTS: AgentNode = { uuid: '', properties: {}, instance_info: {}, driver_internal_info: {} };

/** Reads the inventory and posts it to the inspection's callback URL. */
export async function sendInspection(agent: AgentContext, client: ApiClient, url: string): Promise<void> {
  const inventory = await readInventory(agent);
  const disks: Disk[] = inventory.disks.map((disk) => ({ ...disk, isReadOnly: false, transport: null }));
  let rootDisk: Disk | null = null;
  try {
    rootDisk = pickRootDevice(agent.node ?? NODE_WITHOUT_HINTS, disks);
  } catch (error) {
    agent.log.warning(`inspection: ${error instanceof Error ? error.message : error}`);
  }
  await client.continueInspection(url, {
    inventory,
    root_disk: rootDisk,
    boot_interface: agent.settings.bootInterface,
    configuration: {
      collectors: ['default'],
      managers: [{ name: HARDWARE_MANAGER, version: HARDWARE_MANAGER_VERSION[HARDWARE_MANAGER] }],
    },
  });
  agent.log.info(`inspection data sent to ${url}`);
}
