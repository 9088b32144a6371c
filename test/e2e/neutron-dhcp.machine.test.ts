// DHCP by Neutron: machines boot by what a real DHCP agent of Neutron tells them, over TFTP and over HTTP.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { provision, startChild } from '@wrought/lab';
import { type NeutronCloud, startNeutronCloud } from '../neutron/cloud.ts';
import { startDhcpAgent } from './support/dhcp-agent.ts';
import { joinCloud, neutronSettings } from './support/neutron-tenant.ts';
import { siteForTests } from './support/site.ts';

const NETWORK = { network: 'provisioning', vlan: 100, gateway: '192.0.2.1/24' } as const;
const folder = mkdtempSync(join(tmpdir(), 'wrought-dhcp-'));
const switchFile = join(folder, 'switch.json');
const tftpRoot = join(folder, 'tftp');
const hardware = { firmware: 'uefi', disks: [{ sizeMiB: 64 }], nics: [{ networkBoot: 'native' }] } as const;
let cloud: NeutronCloud;
const getSite = siteForTests(async () => {
  mkdirSync(tftpRoot);
  cloud = await startNeutronCloud({ switchFile });
  return {
    switch: 'openvswitch',
    redfish: 'generic',
    machines: ['tftp', 'http'].map((name) => ({
      name,
      ...hardware,
      disks: [...hardware.disks],
      nics: [...hardware.nics],
    })),
    settings: [
      ...neutronSettings(cloud),
      'dhcp.dhcp_provider=neutron',
      `neutron.cleaning_network=${NETWORK.network}`,
      'deploy.erase_devices_priority=0',
      `pxe.tftp_root=${tftpRoot}`,
    ],
  };
});
after(async () => {
  await cloud?.stop();
  rmSync(folder, { recursive: true });
});

/** The TFTP server of the operator. */
function startTftp(namespace: string, log: string) {
  const options = ['--keep-in-foreground', '--port=0', '--enable-tftp', `--tftp-root=${tftpRoot}`, '--user=root'];
  const files = ['--conf-file=/dev/null', '--pid-file=', `--log-facility=${log}`];
  const command = ['netns', 'exec', namespace, 'dnsmasq', ...options, ...files];
  return startChild('dnsmasq', '/sbin/ip', command, join(folder, 'tftp-output.log'));
}

test('machines are cleaned in the ramdisk that Neutron led them to', async () => {
  const site = getSite();
  const { api, lab, enrol } = site;
  await using stack = new AsyncDisposableStack();
  stack.use(await joinCloud(site, cloud, switchFile, [cloud.brokerUrl]));
  stack.use(await startDhcpAgent({ ...NETWORK, site, cloud, folder }));
  const log = join(folder, 'tftp.log');
  const tftp = startTftp(lab.record.namespace, log);
  stack.defer(() => tftp.stop());

  async function clean(name: string, bootInterface: 'ipxe' | 'http-ipxe'): Promise<void> {
    const node = await enrol(lab.machine(name), { bootInterface, fields: { network_interface: 'neutron' } });
    await provision({ api, node }, 'manage', 'manageable');
    const available = await provision({ api, node }, 'provide', 'available');
    assert.equal(available.power_state, 'power off');
    const { mac } = lab.machine(name).record.nics[0] ?? assert.fail();
    assert.deepEqual(await cloud.ports([mac]), []);
  }
  const timesOverTftp = () => readFileSync(log, 'utf8').match(/sent \S+\/snponly\.efi/g)?.length ?? 0;

  await clean('tftp', 'ipxe');
  const before = timesOverTftp();
  assert.ok(before > 0);
  await clean('http', 'http-ipxe');
  assert.match(readFileSync(lab.machine('http').record.serialLog, 'latin1'), /URI: http:\S+\/snponly\.efi/);
  assert.equal(timesOverTftp(), before);
});
