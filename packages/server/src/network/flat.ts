// Network interface flat: one network for every phase; VIFs are bound to ports and port groups in their internal_info.
import type { NetworkInterface } from '../drivers/kit/index.ts';
import { attachVif, detachVif, listVifs } from './vif-binding.ts';

const nothing = async () => ({});

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
  addRescuingNetwork: nothing,
  removeRescuingNetwork: nothing,
  configureTenantNetworks: nothing,
  unconfigureTenantNetworks: nothing,
  attachVif: async (task, vif) => attachVif(task, vif),
  detachVif: async (task, vifId) => detachVif(task, vifId),
  listVifs: async (task) => listVifs(task),
};
