// Writes facts that a step or a call learned, in the transaction of whoever calls.
import type { Node } from '@wrought/contract';
import type { Facts } from '../../drivers/kit/index.ts';
import { replaceBiosSettings } from '../../store/bios-settings.ts';
import { dissolvePortgroup, makeDynamicPortgroup } from '../../store/dynamic-portgroups.ts';
import { writeFirmwareComponents } from '../../store/firmware-components.ts';
import { addMissingPorts, describePorts } from '../../store/inspection.ts';
import { replacePluginData, writeInventory } from '../../store/inventories.ts';
import { findNodeById, mergeObject, type NodeChanges, updateNode } from '../../store/nodes.ts';
import { portTable } from '../../store/port-list.ts';
import { mergeInternalInfo } from '../../store/ports.ts';
import type { Store, StoreTransaction } from '../../store/store.ts';

/** The node columns that facts change. */
export function changesOfFacts(node: Node, facts: Facts): NodeChanges {
  const changes: NodeChanges = {};
  for (const field of [
    'power_state',
    'boot_mode',
    'secure_boot',
    'health',
    'raid_config',
    'target_raid_config',
  ] as const) {
    if (facts[field] !== undefined) {
      Object.assign(changes, { [field]: facts[field] });
    }
  }
  for (const field of ['driver_internal_info', 'instance_info', 'properties'] as const) {
    const members = facts[field];
    if (members !== undefined) {
      changes[field] = mergeObject(node[field], members);
    }
  }
  return { ...changes, ...facts.inspection_rules?.node };
}

async function applyInspectionRules(
  trx: StoreTransaction,
  nodeId: number,
  { ports, plugin_data }: NonNullable<Facts['inspection_rules']>,
): Promise<void> {
  for (const { id, changes } of ports) {
    await portTable.update(trx, id, changes);
  }
  if (plugin_data !== undefined) {
    await replacePluginData(trx, nodeId, plugin_data);
  }
}

/** Writes the facts that have tables of their own: ports, port groups, BIOS settings, firmware components, inventory and plugin data. */
export async function applyTableFacts(trx: StoreTransaction, nodeId: number, facts: Facts): Promise<void> {
  if (facts.bios_settings !== undefined) {
    await replaceBiosSettings(trx, nodeId, facts.bios_settings);
  }
  if (facts.firmware_components !== undefined) {
    await writeFirmwareComponents(trx, nodeId, facts.firmware_components);
  }
  if (facts.inspection !== undefined) {
    await writeInventory(trx, nodeId, facts.inspection.inventory, facts.inspection.plugin_data);
  }
  if (facts.new_ports !== undefined) {
    await addMissingPorts(
      trx,
      nodeId,
      facts.new_ports.map(({ address }) => address),
    );
  }
  if (facts.found_ports !== undefined) {
    await describePorts(trx, nodeId, facts.found_ports);
  }
  for (const { portgroup, ports } of facts.new_portgroups ?? []) {
    await makeDynamicPortgroup(trx, nodeId, portgroup, ports);
  }
  if (facts.inspection_rules !== undefined) {
    await applyInspectionRules(trx, nodeId, facts.inspection_rules);
  }
  for (const table of ['ports', 'portgroups'] as const) {
    for (const fact of facts[table] ?? []) {
      await mergeInternalInfo(trx, table, fact.uuid, fact.internal_info);
    }
  }
  for (const uuid of facts.dissolved_portgroups ?? []) {
    await dissolvePortgroup(trx, uuid);
  }
}

/** Writes facts to a node and its ports in a transaction of their own; a node that was deleted is passed over. */
export async function storeFacts(store: Store, nodeId: number, facts: Facts): Promise<void> {
  await store.transaction(async (trx) => {
    const node = await findNodeById(trx, nodeId);
    if (node !== undefined) {
      await applyTableFacts(trx, node.id, facts);
      const changes = changesOfFacts(node, facts);
      if (Object.keys(changes).length > 0) {
        await updateNode(trx, node, changes);
      }
    }
  });
}
