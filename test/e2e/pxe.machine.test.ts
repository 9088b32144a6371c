// The boot interface pxe: pxelinux for BIOS and GRUB for UEFI bring the same ramdisk up, over TFTP alone.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { provision, timeline } from '@wrought/lab';
import { siteForTests } from './support/site.ts';

const getSite = siteForTests({
  machines: [
    { name: 'bios', firmware: 'bios', disks: [{ sizeMiB: 64 }] },
    { name: 'uefi', firmware: 'uefi', disks: [{ sizeMiB: 64 }], nics: [{ networkBoot: 'native' }] },
  ],
  // BMCs are reached by the program here, and in the process everywhere else.
  settings: ['deploy.erase_devices_priority=0', 'ipmi.backend=ipmitool'],
});

for (const [name, loader] of [
  ['bios', /pxelinux/],
  ['uefi', /grub|shim|bootx64/i],
] as const) {
  test(`a ${name.toUpperCase()} machine is cleaned in the ramdisk that it got through ${loader.source}`, async () => {
    const { api, lab, enrol } = getSite();
    const node = await enrol(lab.machine(name), { bootInterface: 'pxe' });
    const options = { api, node };
    await provision(options, 'manage', 'manageable');
    const available = await provision(options, 'provide', 'available');
    assert.equal(available.power_state, 'power off');
    const events = await timeline(api, node);
    assert.ok(
      events.some(({ kind, message }) => kind === 'tftp' && loader.test(message)),
      `no TFTP request for ${loader} in: ${events.map(({ message }) => message).join(' | ')}`,
    );
  });
}
