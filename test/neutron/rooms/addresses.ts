// What machines are told of their addresses by a real Neutron: config drives and DHCP options.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { neutronDhcp } from '../../../packages/server/src/network/dhcp/neutron.ts';
import type { BootOffer } from '../../../packages/server/src/network/dhcp/provider.ts';
import { silentLog } from '../../../packages/server/test/support/conductor.ts';
import { card, machine } from '../machine.ts';
import { cloud, neutron, services } from '../shared-cloud.ts';

test('the config drive gets the addresses that Neutron chose', async () => {
  const port = card();
  const node = machine([port]);
  const vif = await cloud.newVif();
  assert.equal(await neutron.networkData?.(node.task), null);
  node.task.learn(await neutron.attachVif(node.task, { id: vif.id }));
  const [address] = vif.fixed_ips;
  assert.deepEqual(await neutron.networkData?.(node.task), {
    links: [{ id: vif.id, vif_id: vif.id, type: 'phy', ethernet_mac_address: port.address, mtu: 1500 }],
    networks: [
      {
        id: 'network0',
        network_id: cloud.networks.tenant,
        link: vif.id,
        type: 'ipv4',
        ip_address: address?.ip_address,
        netmask: '255.255.255.0',
        routes: [{ network: '0.0.0.0', netmask: '0.0.0.0', gateway: '10.11.0.1' }],
        services: [],
      },
    ],
    services: [],
  });
  node.task.learn(await neutron.detachVif(node.task, vif.id));
});

test('boot files are offered as options of the bound port, and the client identifier stays', async () => {
  const port = card({ extra: { 'client-id': 'ff:00:01' } });
  const node = machine([port]);
  const dhcp = neutronDhcp(services, silentLog);
  const offer: BootOffer = {
    ipxeScriptUrl: 'http://192.0.2.1/boot.ipxe',
    bootMode: 'uefi',
    biosBootFile: 'undionly.kpxe',
    uefiBootFile: 'snponly.efi',
    uefiHttpUrl: null,
    tftpServer: '192.0.2.1',
  };
  // A port of a tenant with the same address is bound to nothing, and is left alone.
  const rogue = await cloud.newVif('tenant', { mac_address: port.address });
  node.task.learn(await neutron.addProvisioningNetwork(node.task));
  const id = String(node.task.ports[0]?.internal_info.provisioning_vif_port_id);
  const options = async (of: string) =>
    Object.fromEntries(
      ((await cloud.port(of)).extra_dhcp_opts as { opt_name: string; opt_value: string; ip_version: number }[]).map(
        ({ opt_name, opt_value, ip_version }) => [`${opt_name} v${ip_version}`, opt_value],
      ),
    );
  await dhcp.offerBoot(port.address, offer);
  assert.deepEqual(await options(id), {
    '61 v4': 'ff:00:01',
    'tag:!ipxe,67 v4': 'snponly.efi',
    'tag:ipxe,67 v4': 'http://192.0.2.1/boot.ipxe',
    'tag:!ipxe6,59 v6': 'tftp://192.0.2.1/snponly.efi',
    'tag:ipxe6,59 v6': 'http://192.0.2.1/boot.ipxe',
    '66 v4': '192.0.2.1',
    '150 v4': '192.0.2.1',
    'server-ip-address v4': '192.0.2.1',
  });
  await dhcp.offerBoot(port.address, { ...offer, ipxeScriptUrl: null, bootMode: 'bios' });
  assert.equal((await options(id))['67 v4'], 'undionly.kpxe');
  assert.equal('tag:ipxe,67 v4' in (await options(id)), false);
  await dhcp.offerBoot(port.address, { ...offer, uefiHttpUrl: 'http://192.0.2.1/snponly.efi' });
  const all = await options(id);
  assert.deepEqual(Object.fromEntries(Object.entries(all).filter(([name]) => name.includes('efihttp'))), {
    'tag:!ipxe,tag:!efihttp,67 v4': 'snponly.efi',
    'tag:!ipxe,tag:efihttp,67 v4': 'http://192.0.2.1/snponly.efi',
    'tag:efihttp,60 v4': 'HTTPClient',
    'tag:!ipxe6,tag:!efihttp6,59 v6': 'tftp://192.0.2.1/snponly.efi',
    'tag:!ipxe6,tag:efihttp6,59 v6': 'http://192.0.2.1/snponly.efi',
    'tag:efihttp6,16 v6': '00:00:01:57:00:0a:48:54:54:50:43:6c:69:65:6e:74',
  });
  assert.equal('tag:!ipxe,67 v4' in all, false);
  await dhcp.withdrawBoot(port.address);
  assert.deepEqual(await options(id), { '61 v4': 'ff:00:01' });
  assert.deepEqual(await options(rogue.id), {});
  node.task.learn(await neutron.removeProvisioningNetwork(node.task));
  await cloud.ask('DELETE', `/ports/${rogue.id}`);
});
