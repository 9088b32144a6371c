// Network interface noop: the machine's network is set up by hand and stays as it is.
import { type Node, registeredError } from '@wrought/contract';
import type { NetworkInterface } from '../drivers/kit/index.ts';

const nothing = async () => ({});

function unsupported(node: Node) {
  return registeredError('UnsupportedDriverExtension', {
    interface: 'network',
    implementation: 'noop',
    node: node.uuid,
    extension: 'VIFs',
  });
}

export const noopNetwork: NetworkInterface = {
  kind: 'network',
  name: 'noop',
  properties: {},
  validate: async () => {},
  addProvisioningNetwork: nothing,
  removeProvisioningNetwork: nothing,
  addCleaningNetwork: nothing,
  removeCleaningNetwork: nothing,
  configureTenantNetworks: nothing,
  unconfigureTenantNetworks: nothing,
  async attachVif(task) {
    throw unsupported(task.node);
  },
  async detachVif(task) {
    throw unsupported(task.node);
  },
  // Tear-down asks every node for its VIFs; one without any has an empty list.
  listVifs: async () => [],
};
