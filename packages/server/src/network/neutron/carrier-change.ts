// Carries a change of a port or port group over to the VIF that it carries: its MAC address, and its DHCP client identifier.
import { registeredError } from '@wrought/contract';
import type { CarrierChange, Task } from '../../drivers/kit/index.ts';
import { isNotFound, type Neutron, type NeutronPort } from '../../openstack/neutron.ts';
import { carriersOf, nameOf, vifOf } from '../vif-binding.ts';
import { clientIdOption, hostOf, isBound, unbind } from './binding.ts';
import { withNeutron } from './errors.ts';

/** Gives a bound port another MAC address: Neutron changes those of free ports only, so it is freed and bound again as it was. */
async function changeAddress(neutron: Neutron, port: NeutronPort, address: string): Promise<void> {
  const binding = {
    'binding:host_id': port['binding:host_id'] ?? '',
    'binding:profile': port['binding:profile'] ?? {},
  };
  if (isBound(port)) {
    await unbind(neutron, port.id, { resetMac: false });
  }
  try {
    await neutron.updatePort(port.id, { mac_address: address, ...(isBound(port) ? binding : {}) });
  } catch (error) {
    if (isBound(port)) {
      await neutron.updatePort(port.id, binding);
    }
    throw error;
  }
}

/**
 * Tells Neutron of the change. A VIF that is gone, or on another machine by now, is left alone. Safe to repeat.
 * @throws RegisteredError NetworkError; the VIF is bound as it was then, unless Neutron is away
 */
export async function changeCarrier(neutron: Neutron, task: Task, change: CarrierChange): Promise<void> {
  const carrier = carriersOf(task).find(({ item }) => item.uuid === change.uuid);
  const vifId = carrier === undefined ? null : vifOf(carrier);
  if (carrier === undefined || vifId === null) {
    return;
  }
  const what = `Changing VIF ${vifId}, which ${nameOf(carrier)} of node ${task.node.uuid} carries,`;
  await withNeutron(what, async () => {
    let port: NeutronPort;
    try {
      port = await neutron.port(vifId);
    } catch (error) {
      if (isNotFound(error)) {
        return;
      }
      throw error;
    }
    const { address, clientId } = change;
    if (isBound(port) && port['binding:host_id'] !== hostOf(task, carrier)) {
      throw registeredError('Conflict', {
        reason: `VIF ${vifId} is bound to host ${port['binding:host_id']} by now, not to node ${task.node.uuid}. Detach it from the node first.`,
      });
    }
    if (address !== undefined && port.mac_address.toLowerCase() !== address.toLowerCase()) {
      await changeAddress(neutron, port, address);
      task.record({ kind: 'network', message: `VIF ${vifId} has the MAC address ${address} now.` });
    }
    if (clientId !== undefined) {
      await neutron.updatePort(vifId, { extra_dhcp_opts: [clientIdOption(clientId)] });
      task.record({
        kind: 'network',
        message: `VIF ${vifId} has ${clientId === null ? 'no' : 'another'} DHCP client identifier now.`,
      });
    }
  });
}
