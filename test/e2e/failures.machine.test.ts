// What goes wrong on a real machine says so in its own words, leaves the machine as it should, and works once it is mended.
import assert from 'node:assert/strict';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  type ApiError,
  configDriveWithNonce,
  type MachineHandle,
  nodeState,
  proveByNonce,
  type Site,
  setImage,
  waitForState,
} from '@wrought/lab';
import { siteForTests } from './support/site.ts';

const callbackTimeoutSeconds = 150;
const wrongDigest = '0'.repeat(64);

const getSite = siteForTests({
  machines: [{ name: 'n1', disks: [{ sizeMiB: 1536 }] }],
  settings: ['clean.automated=false', `conductor.deploy_callback_timeout=${callbackTimeoutSeconds}`],
});

let node = '';

async function provision(site: Site, target: string, wanted: string, failureStates: string[] = []) {
  await site.api.call('PUT', `/v1/nodes/${node}/states/provision`, { target });
  return waitForState(site.api, node, wanted, { deadlineSeconds: 300, failureStates });
}

/** The same machine with the good image: deployed, proved, and taken back for the next failure. */
async function retryMended(site: Site, machine: MachineHandle): Promise<void> {
  await setImage(site.api, node, { url: site.image.qcow2Url, sha256: site.image.qcow2.sha256, format: 'qcow2' });
  const { nonce, configdrive } = configDriveWithNonce('n1');
  const offset = machine.serialOffset();
  await site.api.call('PUT', `/v1/nodes/${node}/states/provision`, { target: 'active', configdrive });
  const deadline = { deadlineSeconds: 300, failureStates: ['deploy failed'] };
  const active = await waitForState(site.api, node, 'active', deadline);
  assert.equal(active.last_error, null);
  await proveByNonce(machine, nonce, offset);
  await provision(site, 'deleted', 'available');
}

test("a wrong BMC password leaves the node in enroll with the BMC's answer", async () => {
  const site = getSite();
  const machine = site.lab.machine('n1');
  node = await site.enrol(machine, { driverInfo: { ipmi_password: 'wrong-password' } });
  await site.api.call('PUT', `/v1/nodes/${node}/states/provision`, { target: 'manage' });
  const failed = await waitForState(site.api, node, 'enroll', { deadlineSeconds: 90 });
  assert.match(failed.last_error ?? '', new RegExp(machine.record.bmc.address.replaceAll('.', '\\.')));
  assert.match(failed.last_error ?? '', /password|RAKP|unauthorized|invalid user/i);
  assert.doesNotMatch(failed.last_error ?? '', /wrong-password/);

  const password = { op: 'add', path: '/driver_info/ipmi_password', value: machine.password() };
  await site.api.call('PATCH', `/v1/nodes/${node}`, [password]);
  await provision(site, 'manage', 'manageable', ['enroll']);
  await provision(site, 'provide', 'available');
});

test('an image that is not there is refused with its URL and the reason', async () => {
  const site = getSite();
  const url = `${site.images.url}/no-such-image.qcow2`;
  await setImage(site.api, node, { url, sha256: site.image.qcow2.sha256, format: 'qcow2' });
  await assert.rejects(
    site.api.call('PUT', `/v1/nodes/${node}/states/provision`, { target: 'active' }),
    (error: ApiError) => {
      assert.equal(error.status, 400);
      assert.match(error.message, /no-such-image\.qcow2/);
      assert.match(error.message, /404/);
      return true;
    },
  );
  assert.equal((await nodeState(site.api, node)).provision_state, 'available');
  await retryMended(site, site.lab.machine('n1'));
});

test('a wrong checksum fails the deployment with both digests', async () => {
  const site = getSite();
  await setImage(site.api, node, { url: site.image.qcow2Url, sha256: wrongDigest, format: 'qcow2' });
  const failed = await provision(site, 'active', 'deploy failed', ['active']);
  assert.match(failed.last_error ?? '', new RegExp(wrongDigest));
  assert.match(failed.last_error ?? '', new RegExp(site.image.qcow2.sha256));
  assert.equal(failed.power_state, 'power off');
  await retryMended(site, site.lab.machine('n1'));
});

test('an image larger than the disk fails the deployment with both sizes', async () => {
  const site = getSite();
  const large = join(site.directory, 'images/large.raw');
  writeFileSync(large, '');
  const imageBytes = 3 * 1024 ** 3;
  truncateSync(large, imageBytes);
  await setImage(site.api, node, { url: `${site.images.url}/large.raw`, sha256: wrongDigest, format: 'raw' });
  const failed = await provision(site, 'active', 'deploy failed', ['active']);
  assert.match(failed.last_error ?? '', new RegExp(String(imageBytes)));
  assert.match(failed.last_error ?? '', new RegExp(String(1536 * 1024 ** 2)));
  assert.equal(failed.power_state, 'power off');
  await retryMended(site, site.lab.machine('n1'));
});
