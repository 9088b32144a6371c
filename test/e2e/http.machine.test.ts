// The boot interface http-ipxe: firmware with UEFI downloads iPXE by the URL that DHCP tells it, without TFTP.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { provision, timeline } from '@wrought/lab';
import { siteForTests } from './support/site.ts';

const getSite = siteForTests({
  machines: [{ disks: [{ sizeMiB: 64 }], nics: [{ networkBoot: 'native' }] }],
  firmware: 'uefi',
  redfish: 'generic',
  settings: ['deploy.erase_devices_priority=0'],
});

test('a machine is cleaned in the ramdisk that it got through iPXE by UEFI HTTP boot', async () => {
  const { api, lab, enrol } = getSite();
  const machine = lab.machine('n1');
  const node = await enrol(machine, { bootInterface: 'http-ipxe' });
  await provision({ api, node }, 'manage', 'manageable');
  const available = await provision({ api, node }, 'provide', 'available');
  assert.equal(available.power_state, 'power off');
  assert.match(readFileSync(machine.record.serialLog, 'latin1'), /URI: http:\S+\/snponly\.efi/);
  const events = await timeline(api, node);
  assert.ok(!events.some(({ kind }) => kind === 'tftp'), 'nothing is read over TFTP');
});
