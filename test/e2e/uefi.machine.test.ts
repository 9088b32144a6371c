// The whole main job on a UEFI machine, driven by the real client.
import { test } from 'node:test';
import { deployAndTakeBack } from './support/life-cycle.ts';
import { siteForTests } from './support/site.ts';

const site = siteForTests({ machines: [{ disks: [{ sizeMiB: 2048 }] }], firmware: 'uefi' });

test('a UEFI machine is enrolled, deployed from a raw image, proved, taken back and cleaned', async () => {
  await deployAndTakeBack(site(), site().lab.machine('n1'), 'raw', undefined, ['--no-automated-clean']);
});
