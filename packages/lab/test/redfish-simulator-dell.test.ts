// Dell's own parts of an iDRAC-like service: job queue, Lifecycle Controller, configuration profiles.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FakeMachine } from '../src/index.ts';
import { keysOf, startService } from './redfish-peers.ts';

const manager = '/Managers/iDRAC.Embedded.1';
const dell = `${manager}/Oem/Dell`;
const exportPath = `${manager}/Actions/Oem/EID_674_Manager.ExportSystemConfiguration`;
const importPath = `${manager}/Actions/Oem/EID_674_Manager.ImportSystemConfiguration`;
const local = { ShareType: 'LOCAL', Target: ['BIOS'] };

const startDell = async (...[t]: Parameters<typeof startService>) => {
  const service = await startService(t, { model: 'idrac' });
  const ended = async (job: string) => {
    for (;;) {
      const { body } = await service.ask('GET', `${dell}/Jobs/${job}`);
      if (!['Running', 'Scheduled'].includes(body.JobState)) return body;
      await sleep(10);
    }
  };
  return { ...service, ended };
};

test('jobs wait in the queue, and are deleted one by one or all at once', async (t) => {
  const { ask } = await startDell(t);
  const settings = '/Systems/System.Embedded.1/Bios/Settings';
  const configure = (value: string) =>
    ask('PATCH', settings, {
      Attributes: { LogicalProc: value },
      '@Redfish.SettingsApplyTime': { ApplyTime: 'OnReset' },
    });
  const { body: task } = await configure('Disabled');
  await configure('Enabled');
  const { body: job } = await ask('GET', `${dell}/Jobs/${task.Id}`);
  assert.deepEqual([job.JobState, job.JobType, job.PercentComplete], ['Scheduled', 'BIOSConfiguration', 0]);
  const remove = (JobID: string) =>
    ask('POST', `${dell}/DellJobService/Actions/DellJobService.DeleteJobQueue`, { JobID });
  const count = async () => (await ask('GET', `${dell}/Jobs`)).body['Members@odata.count'];
  assert.deepEqual(keysOf(await remove('JID_7')), ['ResourceNotFound']);
  assert.equal(await count(), 2);
  assert.equal((await remove(task.Id)).status, 204);
  assert.equal(await count(), 1);
  assert.equal((await remove('JID_CLEARALL')).status, 204);
  assert.equal(await count(), 0);
});

test('the Lifecycle Controller tells its state, and the iDRAC is reset', async (t) => {
  const { ask, bmc } = await startDell(t);
  const status = async () =>
    (await ask('POST', `${dell}/DellLCService/Actions/DellLCService.GetRemoteServicesAPIStatus`, {})).body;
  assert.deepEqual(await status(), {
    Status: 'Ready',
    LCStatus: 'Ready',
    RTStatus: 'Ready',
    ServerStatus: 'PoweredOff',
  });
  const isReset = new Promise<void>((resolve) => {
    bmc.onChange((change) => change.what === 'reset' && resolve());
  });
  const reset = (Force: string) =>
    ask('POST', `${dell}/DelliDRACCardService/Actions/DelliDRACCardService.iDRACReset`, { Force });
  assert.deepEqual(keysOf(await reset('Now')), ['ActionParameterValueNotInList']);
  assert.equal((await reset('Graceful')).status, 204);
  await isReset;
});

test('a configuration is exported, changed and imported; what it says of the next boot counts', async (t) => {
  const { ask, bmc, ended } = await startDell(t);
  const machine = bmc.machine as FakeMachine;
  machine.setPower('On');
  const links = (await ask('GET', manager)).body.Links.Oem.Dell;
  assert.deepEqual(links.Jobs, { '@odata.id': `/redfish/v1${dell}/Jobs` });
  const begun = await ask('POST', exportPath, { ExportFormat: 'JSON', ShareParameters: local });
  await ended(begun.body.Id);
  const profile = (await ask('GET', String(begun.headers.location).replace('/redfish/v1', ''))).body;
  const [component] = profile.SystemConfiguration.Components;
  const attribute = component.Attributes.find(({ Name }: { Name: string }) => Name === 'AcPwrRcvryUserDelay');
  assert.equal(attribute.Value, '120');
  attribute.Value = '200';
  const put = async (ImportBuffer: string) => {
    const { body } = await ask('POST', importPath, { ImportBuffer, ShareParameters: local, ShutdownType: 'Forced' });
    return ended(body.Id);
  };
  const boots = machine.boots;
  assert.equal((await put(JSON.stringify(profile))).JobState, 'Completed');
  assert.equal(machine.boots, boots + 1);
  const { Attributes: values } = (await ask('GET', '/Systems/System.Embedded.1/Bios')).body;
  assert.equal(values.AcPwrRcvryUserDelay, 200);

  const xml = `<SystemConfiguration><Component FQDD="iDRAC.Embedded.1"><Attribute Name="ServerBoot.1#BootOnce">Enabled</Attribute>
<Attribute Name="ServerBoot.1#FirstBootDevice">VCD-DVD</Attribute></Component></SystemConfiguration>`;
  assert.equal((await put(xml)).JobState, 'Completed');
  const { Boot: boot } = (await ask('GET', '/Systems/System.Embedded.1')).body;
  assert.deepEqual([boot.BootSourceOverrideTarget, boot.BootSourceOverrideEnabled], ['Cd', 'Once']);
  const wrong = xml.replace('iDRAC.Embedded.1', 'BIOS.Setup.1-1');
  const failed = await put(wrong);
  assert.equal(failed.JobState, 'Failed');
  assert.match(failed.Message, /BIOS\.Setup\.1-1 has no attribute ServerBoot/);
});
