// A machine that never calls back: its deployment fails in time and says what was awaited and what was seen last.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImage, waitForState } from '@wrought/lab';
import { siteForTests } from './support/site.ts';

const callbackTimeoutSeconds = 15;

const getSite = siteForTests({
  machines: [{ name: 'n1', nics: [{ networkBoot: 'none' }] }],
  settings: ['clean.automated=false', `conductor.deploy_callback_timeout=${callbackTimeoutSeconds}`],
});

test('a machine that never calls back fails its deployment after the time-out', async () => {
  const site = getSite();
  const node = await site.enrol(site.lab.machine('n1'));
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
