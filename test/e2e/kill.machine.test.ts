// The server is killed at the worst moments of a real deployment; each time it goes on, and the machine runs its image.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  configDriveWithNonce,
  lastEventId,
  type MachineHandle,
  proveByNonce,
  type Site,
  setImage,
  timeline,
  waitForState,
} from '@wrought/lab';
import { siteForTests } from './support/site.ts';

const momentDeadlineSeconds = 240;
/** Slow enough that "while the image is written" is a moment of several seconds. */
const imageBytesPerSecond = 12 * 1024 * 1024;

const getSite = siteForTests({ machines: 1, settings: ['clean.automated=false'] });

let node = '';

/** Waits for a timeline event that the test looks for. */
async function untilEvent(
  site: Site,
  after: number,
  isWanted: (message: string, kind: string) => boolean,
): Promise<void> {
  const deadline = performance.now() + momentDeadlineSeconds * 1000;
  let last = after;
  for (;;) {
    for (const event of await timeline(site.api, node, last)) {
      last = event.id;
      if (isWanted(event.message, event.kind)) return;
    }
    if (performance.now() > deadline) throw new Error(`the moment did not come within ${momentDeadlineSeconds} s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Deploys, kills the server at the moment, starts it again, and sees the machine run what was deployed. */
async function survives(moment: (site: Site, machine: MachineHandle, after: number) => Promise<void>): Promise<void> {
  const site = getSite();
  const machine = site.lab.machine('n1');
  await setImage(site.api, node, { url: site.image.rawUrl, sha256: site.image.raw.sha256, format: 'raw' });
  await site.images.setFault('/wrought-os.raw', { bytesPerSecond: imageBytesPerSecond });
  const served = await site.images.statistics('/wrought-os.raw');
  const { nonce, configdrive } = configDriveWithNonce('n1');
  const offset = machine.serialOffset();
  const after = await lastEventId(site.api, node);
  await site.api.call('PUT', `/v1/nodes/${node}/states/provision`, { target: 'active', configdrive });
  await moment(site, machine, after);
  await site.server.kill();
  await site.server.start();
  await waitForState(site.api, node, 'active', { deadlineSeconds: 420, failureStates: ['deploy failed'] });
  await proveByNonce(machine, nonce, offset);
  const written = await site.images.statistics('/wrought-os.raw');
  assert.equal(written.completed - served.completed, 1, 'the image was fetched whole exactly once');
  await site.api.call('PUT', `/v1/nodes/${node}/states/provision`, { target: 'deleted' });
  await waitForState(site.api, node, 'available', { deadlineSeconds: 120, failureStates: ['error'] });
}

test('a node is enrolled for the killings', async () => {
  const site = getSite();
  node = await site.enrol(site.lab.machine('n1'));
  const verbs: [string, string][] = [
    ['manage', 'manageable'],
    ['provide', 'available'],
  ];
  for (const [target, wanted] of verbs) {
    await site.api.call('PUT', `/v1/nodes/${node}/states/provision`, { target });
    await waitForState(site.api, node, wanted, { deadlineSeconds: 60 });
  }
});

test('killed while the ramdisk downloads', () =>
  survives(async (_site, machine) => {
    const from = machine.serialOffset();
    await machine.waitForSerial(/initramfs|deploy_ramdisk|\.initrd/, {
      deadlineSeconds: momentDeadlineSeconds,
      fromOffset: from,
    });
  }));

test('killed while the image is written', () =>
  survives((site, _machine, after) => untilEvent(site, after, (_message, kind) => kind === 'progress')));

test('killed after the write and before the reboot', () =>
  survives((site, _machine, after) =>
    untilEvent(site, after, (message) => message.includes('deploy.write_image is done')),
  ));
