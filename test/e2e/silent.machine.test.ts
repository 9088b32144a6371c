// A machine that never calls back: its deployment fails in time, says what was awaited and seen last, and works once mended.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configDriveWithNonce, proveByNonce, setImage, waitForState } from '@wrought/lab';
import { siteForTests } from './support/site.ts';

/** Far less than a machine needs to call back, so that the test does not wait long for one that never does. */
const impatientSeconds = 15;
const patientSeconds = 200;

const getSite = siteForTests({
  machines: [{ name: 'n1' }],
  settings: ['clean.automated=false', `conductor.deploy_callback_timeout=${impatientSeconds}`],
});

let node = '';

test('a machine that never calls back fails its deployment after the time-out', async () => {
  const site = getSite();
  const machine = site.lab.machine('n1');
  await machine.setFaults({ linkDown: true });
  node = await site.enrol(machine);
  const verbs: [string, string][] = [
    ['manage', 'manageable'],
    ['provide', 'available'],
  ];
  for (const [target, wanted] of verbs) {
    await site.api.call('PUT', `/v1/nodes/${node}/states/provision`, { target });
    await waitForState(site.api, node, wanted, { deadlineSeconds: 60 });
  }
  await setImage(site.api, node, { url: site.image.qcow2Url, sha256: site.image.qcow2.sha256, format: 'qcow2' });
  await site.api.call('PUT', `/v1/nodes/${node}/states/provision`, { target: 'active' });
  await waitForState(site.api, node, 'wait call-back', { deadlineSeconds: 60, failureStates: ['deploy failed'] });
  const why = await site.api.call<Record<string, unknown>>('GET', `/wrought/v1/nodes/${node}/why`);
  assert.match(String(why.waiting_for), /heartbeat/);
  const failed = await waitForState(site.api, node, 'deploy failed', { deadlineSeconds: 120 });
  assert.match(failed.last_error ?? '', /Timed out/);
  assert.match(failed.last_error ?? '', /first heartbeat of the agent/);
  assert.match(failed.last_error ?? '', /Last seen: /);
  assert.equal(failed.power_state, 'power off');
});

test('with the cable back in, the same deployment succeeds', async () => {
  const site = getSite();
  const machine = site.lab.machine('n1');
  await machine.setFaults({ linkDown: false });
  await site.server.stop();
  await site.server.start([`conductor.deploy_callback_timeout=${patientSeconds}`]);
  const { nonce, configdrive } = configDriveWithNonce('n1');
  const offset = machine.serialOffset();
  await site.api.call('PUT', `/v1/nodes/${node}/states/provision`, { target: 'active', configdrive });
  const active = await waitForState(site.api, node, 'active', {
    deadlineSeconds: 300,
    failureStates: ['deploy failed'],
  });
  assert.equal(active.last_error, null);
  await proveByNonce(machine, nonce, offset);
});
