// Network interface flat: one network for every phase; VIFs are bound to ports in their internal_info.
import { type Port, registeredError } from '@wrought/contract';
import type { Facts, NetworkInterface, Task, Vif } from '../drivers/kit/index.ts';

const VIF_KEY = 'tenant_vif_port_id';

const nothing = async () => ({});

function vifOf(port: Port): string | null {
  const value = port.internal_info[VIF_KEY];
  return typeof value === 'string' && value !== '' ? value : null;
}

function bind(port: Port, vifId: string | null): Facts {
  return { ports: [{ uuid: port.uuid, internal_info: { [VIF_KEY]: vifId } }] };
}

/** Ports that can take a VIF, the best one first: those that boot from the network, then as they were made. */
function candidates(task: Task, vif: Vif): readonly Port[] {
  const wanted = task.ports.filter((port) => vif.port_uuid === undefined || port.uuid === vif.port_uuid);
  return wanted
    .filter((port) => vifOf(port) === null && port.portgroup_uuid === null)
    .sort((a, b) => Number(b.pxe_enabled) - Number(a.pxe_enabled) || a.id - b.id);
}

function attach(task: Task, vif: Vif): Facts {
  const holder = task.ports.find((port) => vifOf(port) === vif.id);
  if (holder !== undefined) {
    throw registeredError('VifAlreadyAttached', { vif: vif.id, port: holder.uuid, node: task.node.uuid });
  }
  const [port] = candidates(task, vif);
  if (port === undefined || vif.portgroup_uuid !== undefined) {
    const reason =
      vif.portgroup_uuid !== undefined
        ? `Port group ${vif.portgroup_uuid} can not be used; port groups come with a later version.`
        : vif.port_uuid !== undefined
          ? `Port ${vif.port_uuid} is not a free port of the node.`
          : `It has ${task.ports.length} ports. Detach another VIF, or create a port.`;
    throw registeredError('NoFreePhysicalPorts', { vif: vif.id, node: task.node.uuid, reason });
  }
  task.record({ kind: 'network', message: `VIF ${vif.id} is attached to port ${port.address}.` });
  return bind(port, vif.id);
}

export const flatNetwork: NetworkInterface = {
  kind: 'network',
  name: 'flat',
  properties: {
    cleaning_network: 'Network of cleaning. Default: network.cleaning_network of the configuration.',
    provisioning_network: 'Network of deployment. Default: network.provisioning_network of the configuration.',
  },
  // The one flat network needs no name without Neutron.
  validate: async () => {},
  addProvisioningNetwork: nothing,
  removeProvisioningNetwork: nothing,
  addCleaningNetwork: nothing,
  removeCleaningNetwork: nothing,
  configureTenantNetworks: nothing,
  unconfigureTenantNetworks: nothing,
  attachVif: async (task, vif) => attach(task, vif),
  async detachVif(task, vifId) {
    const port = task.ports.find((each) => vifOf(each) === vifId);
    if (port === undefined) {
      throw registeredError('VifNotAttached', { vif: vifId, node: task.node.uuid });
    }
    task.record({ kind: 'network', message: `VIF ${vifId} is detached from port ${port.address}.` });
    return bind(port, null);
  },
  async listVifs(task) {
    return task.ports.flatMap((port) => {
      const id = vifOf(port);
      return id === null ? [] : [{ id }];
    });
  },
};
