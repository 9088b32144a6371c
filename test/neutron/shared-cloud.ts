// The one Keystone, MariaDB and Neutron of all tests in this folder: started with the first of them, ended after the last.
import { after } from 'node:test';
import { loadConfig } from '@wrought/server/config';
import type { NetworkInterface } from '../../packages/server/src/drivers/kit/index.ts';
import { flatNetwork } from '../../packages/server/src/network/flat.ts';
import { neutronNetwork } from '../../packages/server/src/network/neutron/index.ts';
import { createCloud, type Cloud as Services } from '../../packages/server/src/openstack/cloud.ts';
import { type NeutronCloud, startNeutronCloud } from './cloud.ts';

export const cloud: NeutronCloud = await startNeutronCloud();
/** What a server asks this cloud with. */
export const services: Services = createCloud(loadConfig({ set: cloud.set }));
export const neutron: NetworkInterface = neutronNetwork(services);
export const flat: NetworkInterface = flatNetwork(services);

after(async () => {
  await services.close();
  await cloud.stop();
});
