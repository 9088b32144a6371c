// The rules of a node's driver, its interfaces, and the conductor group that serves it.
import {
  type InterfaceField,
  interfaceKindNames,
  interfaceUpdateStates,
  type Node,
  registeredError,
} from '@wrought/contract';
import type { NodeChanges } from '../../../store/nodes.ts';
import type { Services } from '../../services.ts';
import { interfacesFor } from '../interfaces.ts';
import { checkConductor } from '../references.ts';

const interfaceFields: readonly InterfaceField[] = interfaceKindNames.map((kind) => `${kind}_interface` as const);

/** What follows from a changed driver, changed interfaces or another conductor group. @throws RegisteredError 400 and 409 */
export function driverChanges(
  node: Node,
  values: NodeChanges,
  { resetInterfaces }: { readonly resetInterfaces: boolean },
  services: Pick<Services, 'store' | 'doors' | 'config'>,
): NodeChanges {
  const named = interfaceFields.filter((field) => field in values);
  const { driver = node.driver } = values;
  const conductor_group =
    'conductor_group' in values
      ? (values.conductor_group ?? services.config().conductor.default_conductor_group)
      : node.conductor_group;
  const driverNamed = values.driver !== undefined;
  if (driver !== node.driver && node.console_enabled) {
    throw registeredError('ConflictingRequest', {
      reason: `The driver of node ${node.uuid} can not be changed while its console is enabled; stop the console first.`,
    });
  }
  if (driver !== node.driver || conductor_group !== node.conductor_group) {
    checkConductor(services, { uuid: node.uuid, driver, conductor_group });
  }
  if (!driverNamed && named.length === 0) {
    return { conductor_group };
  }
  const base = resetInterfaces ? {} : pick(node);
  const interfaces = interfacesFor(services, driver, { ...base, ...pick(values) });
  const changed = interfaceFields.filter((field) => interfaces[field] !== node[field]);
  if (changed.length > 0 && !node.maintenance && !interfaceUpdateStates.has(node.provision_state)) {
    throw registeredError('InvalidState', {
      reason:
        `The interfaces of node ${node.uuid} (${changed.join(', ')}) can not be changed in state ` +
        `"${node.provision_state}"; allowed: ${[...interfaceUpdateStates].join(', ')}, and any state in maintenance.`,
    });
  }
  return { ...interfaces, conductor_group };
}

function pick(values: NodeChanges | Node): NodeChanges {
  return Object.fromEntries(
    interfaceFields.filter((field) => field in values).map((field) => [field, values[field]]),
  ) as NodeChanges;
}
