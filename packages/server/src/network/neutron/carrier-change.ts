// Carries a change of a port or port group over to the VIF that it carries: its MAC address, and its DHCP client identifier.
//
// Before Neutron is changed, the carrier notes the VIF and how it is bound: a process may be cut off while the VIF is free, or before the
// new address is written. The note is taken back when somebody has seen that both sides agree.
import { registeredError } from '@wrought/contract';
import type { CarrierChange, Facts, Task } from '../../drivers/kit/index.ts';
import type { Neutron, NeutronPort } from '../../openstack/neutron.ts';
import { type Carrier, carriersOf, nameOf, type ReaddressedVif, readdress, vifOf } from '../vif-binding.ts';
import { bindVif, clientIdOption, hostOf, isBound, portIfThere, unbind } from './binding.ts';
import { withNeutron } from './errors.ts';

/** Gives a port another MAC address: Neutron changes those of free ports only, so a bound one is freed and bound again as it was. */
async function changeAddress(
  neutron: Neutron,
  task: Task,
  carrier: Carrier,
  port: NeutronPort,
  address: string,
): Promise<void> {
  const binding = isBound(port)
    ? { 'binding:host_id': port['binding:host_id'] ?? '', 'binding:profile': port['binding:profile'] ?? {} }
    : {};
  task.learn(readdress(carrier, { id: port.id, provision_state: task.node.provision_state, binding }));
  await task.store();
  if (isBound(port)) {
    await unbind(neutron, port.id, { resetMac: false });
  }
  try {
    await neutron.updatePort(port.id, { mac_address: address, ...binding });
  } catch (error) {
    if (isBound(port)) {
      await neutron.updatePort(port.id, binding);
    }
    throw error;
  }
}

/**
 * Brings a VIF and its carrier to the same address again, and the VIF back to where it was bound. Where the machine went on to another
 * state meanwhile, what it does there binds the VIF, and nothing is bound that is not to be by now. Safe to repeat.
 * @throws RegisteredError NetworkError
 */
export async function settleAddress(
  neutron: Neutron,
  task: Task,
  carrier: Carrier,
  { id, provision_state: state, binding }: ReaddressedVif,
): Promise<Facts> {
  const agreed = readdress(carrier, null);
  if (vifOf(carrier) !== id || task.node.provision_state !== state) {
    return agreed;
  }
  return withNeutron(`Settling the MAC address of VIF ${id}, which ${nameOf(carrier)} carries,`, async () => {
    const port = await portIfThere(neutron, id);
    if (port === undefined || (isBound(port) && port['binding:host_id'] !== hostOf(task, carrier))) {
      return agreed;
    }
    const isAsBound = binding['binding:host_id'] === undefined || isBound(port);
    const hasAddress = port.mac_address.toLowerCase() === carrier.item.address?.toLowerCase();
    if (!isAsBound || !hasAddress) {
      await bindVif(neutron, carrier, port, binding);
      task.record({
        kind: 'network',
        message: `The change of the MAC address of VIF ${id} was cut off; it has that of ${nameOf(carrier)} again.`,
      });
    }
    return agreed;
  });
}

/**
 * Tells Neutron of the change. A VIF that is gone, or on another machine by now, is left alone. Safe to repeat.
 * @throws RegisteredError NetworkError; the VIF is bound as it was then, or is as soon as Neutron answers again
 */
export async function changeCarrier(neutron: Neutron, task: Task, change: CarrierChange): Promise<void> {
  const carrier = carriersOf(task).find(({ item }) => item.uuid === change.uuid);
  const vifId = carrier === undefined ? null : vifOf(carrier);
  if (carrier === undefined || vifId === null) {
    return;
  }
  const what = `Changing VIF ${vifId}, which ${nameOf(carrier)} of node ${task.node.uuid} carries,`;
  await withNeutron(what, async () => {
    const port = await portIfThere(neutron, vifId);
    if (port === undefined) {
      return;
    }
    const { address, clientId } = change;
    if (isBound(port) && port['binding:host_id'] !== hostOf(task, carrier)) {
      throw registeredError('Conflict', {
        reason: `VIF ${vifId} is bound to host ${port['binding:host_id']} by now, not to node ${task.node.uuid}. Detach it from the node first.`,
      });
    }
    if (address !== undefined && port.mac_address.toLowerCase() !== address.toLowerCase()) {
      await changeAddress(neutron, task, carrier, port, address);
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
