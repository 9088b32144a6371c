// The whole main job on a BIOS machine, driven by the real client.
import { test } from 'node:test';
import { deployAndTakeBack } from './support/life-cycle.ts';
import { rescueAndReturn } from './support/rescue.ts';
import { siteForTests } from './support/site.ts';

const site = siteForTests({ machines: [{ disks: [{ sizeMiB: 2048 }] }], firmware: 'bios' });

test('a BIOS machine is enrolled, cleaned, deployed from qcow2, proved, rescued and taken back', async () => {
  const machine = site().lab.machine('n1');
  await deployAndTakeBack(site(), machine, 'qcow2', (baremetal, nonce) =>
    rescueAndReturn(site(), machine, baremetal, nonce),
  );
});
