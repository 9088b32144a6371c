// Finds the interfaces of a node from what a client named, with errors in the form of a wrong value.
import { type InterfaceField, interfaceKindNames, isRegisteredError, registeredError } from '@wrought/contract';
import type { NodeChanges } from '../../store/nodes.ts';
import type { Services } from '../services.ts';

/** All interfaces of a node with this driver: named ones as named, others by default. @throws RegisteredError 400 */
export function interfacesFor(
  { doors }: Pick<Services, 'doors'>,
  driver: string,
  named: NodeChanges,
): Record<InterfaceField, string> {
  const wanted = Object.fromEntries(
    interfaceKindNames.map((kind) => [`${kind}_interface`, named[`${kind}_interface`] ?? null]),
  ) as Record<InterfaceField, string | null>;
  try {
    return doors.call.resolveInterfaces(driver, wanted);
  } catch (error) {
    // As a resource of its own a driver can be missing (404); here its name is a wrong value.
    if (isRegisteredError(error, 'DriverNotFound')) {
      throw registeredError('InvalidParameterValue', { reason: error.message });
    }
    throw error;
  }
}
