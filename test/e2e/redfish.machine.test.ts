// The main job without DHCP, TFTP and PXE: machines whose BMC shows them a CD, or whose firmware downloads the same medium.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  configDriveWithNonce,
  type MachineHandle,
  proveByNonce,
  provision,
  setImage,
  startAddressServer,
  timeline,
} from '@wrought/lab';
import { deployAndTakeBack } from './support/life-cycle.ts';
import { siteForTests } from './support/site.ts';

const machine = { disks: [{ sizeMiB: 2048 }], nics: [{ networkBoot: 'none' as const }] };
const site = siteForTests({
  machines: [machine, machine],
  firmware: 'uefi',
  redfish: 'generic',
  settings: ['dhcp.dhcp_provider=none'],
});

/** There is no DHCP server: the agent gets the address of its machine from the boot medium. */
function networkData({ record }: MachineHandle, address: string): object {
  return {
    links: [{ id: 'link', type: 'phy', ethernet_mac_address: record.nics[0]?.mac }],
    networks: [
      {
        ...{ id: 'network', link: 'link', network_id: 'lab', type: 'ipv4' },
        ...{ ip_address: address, netmask: '255.255.255.0', routes: [] },
      },
    ],
    services: [],
  };
}

test('a machine is deployed, taken back and cleaned through a virtual CD', async () => {
  const n1 = site().lab.machine('n1');
  await deployAndTakeBack(site(), n1, 'qcow2', undefined, [
    ...['--boot-interface', 'redfish-virtual-media', '--no-automated-clean'],
    ...['--network-data', JSON.stringify(networkData(n1, '10.99.0.50'))],
  ]);
  const told = (await timeline(site().api, 'n1')).map(({ message }) => message);
  assert.ok(told.some((message) => /fetched the boot medium of node/.test(message)));
  assert.ok(!told.some((message) => /DHCP|TFTP/.test(message)), 'nothing else was asked');
});

test('a machine is deployed by UEFI HTTP boot', async (t) => {
  const { api, lab, enrol, image, directory } = site();
  const n2 = lab.machine('n2');
  // Firmware has no address but from DHCP, and is told of the URL by its BMC alone.
  const addresses = await startAddressServer({
    ...{ namespace: lab.record.namespace, device: 'br0', directory },
    ...{ macs: [n2.record.nics[0]?.mac ?? ''], range: ['10.99.0.52', '10.99.0.60'] },
  });
  t.after(() => addresses.close());
  await enrol(n2, {
    bootInterface: 'redfish-https',
    fields: { network_data: networkData(n2, '10.99.0.51'), automated_clean: false },
  });
  await provision({ api, node: 'n2' }, 'manage', 'manageable');
  await provision({ api, node: 'n2' }, 'provide', 'available');
  await setImage(api, 'n2', { url: image.rawUrl, sha256: image.raw.sha256, format: 'raw' });
  const { nonce, configdrive } = configDriveWithNonce('n2');
  const offset = n2.serialOffset();
  await provision({ api, node: 'n2' }, 'active', 'active', { configdrive });
  await proveByNonce(n2, nonce, offset);
});
