// Which policy rules a patch of a node has to pass: one for each field that it touches.
import { interfaceKindNames, type Node, type PolicyRuleName } from '@wrought/contract';
import type { Operation } from '../../core/patch.ts';
import { type Access, nodeTarget } from '../../policy/access.ts';

const rules: Readonly<Record<string, PolicyRuleName>> = {
  instance_info: 'baremetal:node:update_instance_info',
  instance_name: 'baremetal:node:update_instance_info',
  extra: 'baremetal:node:update_extra',
  driver_info: 'baremetal:node:update:driver_info',
  properties: 'baremetal:node:update:properties',
  chassis_uuid: 'baremetal:node:update:chassis_uuid',
  instance_uuid: 'baremetal:node:update:instance_uuid',
  lessee: 'baremetal:node:update:lessee',
  owner: 'baremetal:node:update:owner',
  driver: 'baremetal:node:update:driver_interfaces',
  ...Object.fromEntries(
    interfaceKindNames.map((kind) => [`${kind}_interface`, 'baremetal:node:update:driver_interfaces' as const]),
  ),
  network_data: 'baremetal:node:update:network_data',
  conductor_group: 'baremetal:node:update:conductor_group',
  name: 'baremetal:node:update:name',
  retired: 'baremetal:node:update:retired',
  retired_reason: 'baremetal:node:update:retired',
  shard: 'baremetal:node:update:shard',
  parent_node: 'baremetal:node:update:parent_node',
  disable_power_off: 'baremetal:node:update:disable_power_off',
};

function ruleOf({ path: [name], op, value }: Operation): PolicyRuleName {
  const switchesCleaningOff = name === 'automated_clean' && op !== 'remove' && value === false;
  return switchesCleaningOff ? 'baremetal:node:disable_cleaning' : (rules[name] ?? 'baremetal:node:update');
}

/** @throws RegisteredError 403 */
export function requirePatch(access: Access, node: Node, operations: readonly Operation[]): void {
  const target = nodeTarget(node);
  const wanted = new Set(operations.map(ruleOf));
  if (wanted.has('baremetal:node:update:owner') && node.provision_state === 'active') {
    wanted.add('baremetal:node:update_owner_provisioned');
  }
  for (const rule of wanted) {
    access.require(rule, target);
  }
}
