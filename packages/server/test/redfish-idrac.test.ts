// The hardware type idrac at simulated services of Dell: its interfaces, a Lifecycle Controller that needs time, jobs and restarts.
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { JsonObject } from '@wrought/contract';
import { freePort } from '@wrought/lab';
import { createBootServices } from '../src/boot/services.ts';
import { loadConfig } from '../src/config/index.ts';
import { createCatalog } from '../src/drivers/catalog.ts';
import { loadDrivers } from '../src/drivers/index.ts';
import type { Step } from '../src/drivers/kit/index.ts';
import { getNode } from '../src/store/nodes.ts';
import { timelineAfter } from '../src/store/timeline.ts';
import { untilSaid } from './support/boot-machine.ts';
import { requester, silentLog, type TestConductor } from './support/conductor.ts';
import { startIdrac } from './support/idrac.ts';
import { testTask } from './support/task.ts';

const management = (step: string, args: JsonObject = {}) => ({ interface: 'management', step, args });

async function saidOf({ store }: TestConductor, { id }: { id: number }): Promise<readonly string[]> {
  return (await timelineAfter(store.read, id, 0, 200)).map(({ message }) => message);
}

async function catalogOf(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'wrought-idrac-'));
  t.after(() => rm(directory, { recursive: true, force: true }));
  const config = loadConfig({ dataDirectory: directory, set: ['drivers.enabled=["idrac","redfish"]'] });
  const { environment } = await createBootServices({ config: () => config, log: silentLog });
  return createCatalog(await loadDrivers(config, environment), config);
}

test('the hardware type has the interfaces of Dell first, and those of redfish and the agent beside them', async (t) => {
  const catalog = await catalogOf(t);
  const idrac = catalog.summaries(() => []).find(({ name }) => name === 'idrac');
  const { bios, boot, inspect, management: ofManagement, power, raid, vendor } = idrac?.enabledInterfaces ?? {};
  assert.deepEqual(bios, ['idrac-redfish', 'redfish', 'no-bios']);
  assert.deepEqual(boot?.slice(-2), ['idrac-redfish-virtual-media', 'redfish-https']);
  assert.deepEqual(inspect, ['idrac-redfish', 'agent', 'no-inspect']);
  assert.deepEqual(ofManagement, ['idrac-redfish']);
  assert.deepEqual(power, ['idrac-redfish', 'redfish']);
  assert.deepEqual(raid?.slice(0, 2), ['idrac-redfish', 'no-raid']);
  assert.deepEqual(vendor, ['idrac-redfish', 'redfish', 'no-vendor']);
  assert.throws(() => catalog.resolve('idrac', { management_interface: 'redfish' }), { name: 'IncompatibleInterface' });
  assert.throws(() => catalog.resolve('redfish', { bios_interface: 'idrac-redfish' }), {
    name: 'IncompatibleInterface',
  });
  assert.ok('redfish_address' in catalog.properties('idrac'));
});

test('every interface of Dell says what a node lacks to reach its iDRAC', async (t) => {
  const own = (await catalogOf(t)).all().filter(({ name }) => name === 'idrac-redfish');
  assert.deepEqual(own.map(({ kind }) => kind).sort(), ['bios', 'inspect', 'management', 'power', 'raid', 'vendor']);
  for (const each of own) {
    const lacking = testTask({ node: { driver: 'idrac' }, interfaces: [] }).task;
    await assert.rejects(each.validate(lacking), { name: 'MissingParameterValue', message: /redfish_address/ });
    const driver_info = { redfish_address: 'https://192.0.2.7', redfish_auth_type: 'smart card' };
    const wrong = testTask({ node: { driver: 'idrac', driver_info }, interfaces: [] }).task;
    await assert.rejects(each.validate(wrong), { name: 'InvalidParameterValue', message: /auto, session, basic/ });
  }
});

test('the job queue is cleared in a cleaning, and what had not ended is said', async (t) => {
  const { server, node, clean, ask } = await startIdrac(t);
  await ask('PATCH', '/Systems/System.Embedded.1/Bios/Settings', {
    Attributes: { LogicalProc: 'Disabled' },
    '@Redfish.SettingsApplyTime': { ApplyTime: 'OnReset' },
  });
  const jobs = async () => (await ask('GET', '/Managers/iDRAC.Embedded.1/Oem/Dell/Jobs')).body['Members@odata.count'];
  assert.equal(await jobs(), 1);
  await clean(server, management('clear_job_queue'));
  await server.untilState(node.uuid, 'manageable', 60_000);
  assert.equal(await jobs(), 0);
  await untilSaid(server, node, 'The job queue of the iDRAC was cleared: 1 jobs, of which had not ended: JID_');
});

test('the iDRAC restarts, and the step ends when its Lifecycle Controller is ready again', async (t) => {
  const { server, node, clean, restarts, service } = await startIdrac(t, { resetSeconds: 1, lifecycleSeconds: 3 });
  await clean(server, management('reset_idrac'));
  await server.untilState(node.uuid, 'manageable', 60_000);
  assert.equal(restarts.length, 1);
  assert.ok(Date.now() >= service.startedAt + 3000, 'it waited');
  assert.equal(service.machine.power, 'Off', 'the machine is as it was');
});

test('a known good state is a restart and then an empty queue', async (t) => {
  const { server, node, clean, restarts } = await startIdrac(t, { resetSeconds: 1 });
  await clean(server, management('known_good_state'));
  await server.untilState(node.uuid, 'manageable', 60_000);
  assert.equal(restarts.length, 1);
  await untilSaid(server, node, 'The job queue of the iDRAC was cleared');
  const said = await saidOf(server, node);
  const at = (words: string) => said.findIndex((line) => line.includes(words));
  assert.ok(at('told to restart') >= 0 && at('told to restart') < at('job queue of the iDRAC was cleared'));
});

test('a server that dies after it told the iDRAC to restart does not tell it twice', async (t) => {
  const { server, node, clean, restarts } = await startIdrac(t, { resetSeconds: 2 });
  await clean(server, management('reset_idrac'));
  await untilSaid(server, node, 'The iDRAC was told to restart');
  const next = await server.takeOver();
  await next.untilState(node.uuid, 'manageable', 60_000);
  assert.equal(restarts.length, 1);
});

test('an iDRAC that goes away before it is told to restart is waited for only so long', async (t) => {
  const all = (await catalogOf(t)).all();
  const found = all.find(({ kind, name }) => kind === 'management' && name === 'idrac-redfish');
  const step = (found as { readonly steps?: readonly Step[] }).steps?.find((each) => each.step === 'reset_idrac');
  const redfish_address = `http://127.0.0.1:${await freePort()}`;
  const driver_info = { redfish_address, redfish_username: 'admin', redfish_password: 'secret12' };
  const begunAgo = async (seconds: number) => {
    const { task } = testTask({
      node: { driver: 'idrac', driver_info },
      set: ['redfish.connection_attempts=1', 'redfish.idrac_ready_timeout=60'],
    });
    const asked = { step: 'reset_idrac', phase: 'asked', before: null, wasAway: false };
    return step?.execute(
      { ...task, memory: { idrac_reset: { ...asked, since: Date.now() - seconds * 1000 } } },
      {} as never,
    );
  };
  assert.equal((await begunAgo(30))?.kind, 'park');
  const outcome = await begunAgo(61);
  assert.match(outcome?.kind === 'fail' ? outcome.reason : '', /was away for 60 s \(redfish\.idrac_ready_timeout\)/);
});

test('verification runs the steps that the operator gave a priority', async (t) => {
  const set = ['conductor.verify_step_priority_override={"management.known_good_state":5}'];
  const { server, node, restarts } = await startIdrac(t, { resetSeconds: 1 }, set, { provision_state: 'enroll' });
  await server.conductor.doors.start.provision({ node, verb: 'manage', requester });
  await server.untilState(node.uuid, 'manageable', 60_000);
  assert.equal(restarts.length, 1);
});

test('BIOS settings wait for the Lifecycle Controller', async (t) => {
  const { server, node, clean, service } = await startIdrac(t, { lifecycleSeconds: 4 });
  const settings = [{ name: 'LogicalProc', value: 'Disabled' }];
  await clean(server, { interface: 'bios', step: 'apply_configuration', args: { settings } });
  await untilSaid(server, node, 'Waiting for the iDRAC to be ready (the Lifecycle Controller is "NotInitialized")');
  await server.untilState(node.uuid, 'manageable', 60_000);
  assert.ok(Date.now() >= service.startedAt + 4000, 'it waited');
});

test('a Lifecycle Controller that does not become ready fails the step with what to do', async (t) => {
  const { server, node, clean } = await startIdrac(t, { lifecycleSeconds: 1000 }, ['redfish.idrac_ready_timeout=1']);
  await clean(server, { interface: 'bios', step: 'factory_reset' });
  const failed = await server.untilState(node.uuid, 'clean failed', 60_000);
  assert.match(failed.last_error ?? '', /did not become ready .* within 1 s .*"NotInitialized".*reset_idrac/);
});

test('ports learn whether the BIOS boots from their cards, and learn it anew', async (t) => {
  const { server, node, service, clean } = await startIdrac(t);
  const pxe = async () => {
    const { provision } = server.conductor.doors.start;
    await provision({ node: await getNode(server.store.read, node.uuid), verb: 'inspect', requester });
    await server.untilState(node.uuid, 'manageable', 60_000);
    const rows = await server.store.read.selectFrom('ports').selectAll().where('node_id', '=', node.id).execute();
    return Object.fromEntries(rows.map(({ address, pxe_enabled }) => [address, Boolean(pxe_enabled)]));
  };
  const [first, second] = service.macs as readonly [string, string];
  assert.deepEqual(await pxe(), { [first]: true, [second]: false });
  const settings = [
    { name: 'PxeDev1EnDis', value: 'Disabled' },
    { name: 'PxeDev2EnDis', value: 'Enabled' },
  ];
  await clean(server, { interface: 'bios', step: 'apply_configuration', args: { settings } });
  await server.untilState(node.uuid, 'manageable', 60_000);
  assert.deepEqual(await pxe(), { [first]: false, [second]: true });
  await clean(server, {
    interface: 'bios',
    step: 'apply_configuration',
    args: { settings: [{ name: 'BootMode', value: 'Bios' }] },
  });
  await server.untilState(node.uuid, 'manageable', 60_000);
  assert.deepEqual(await pxe(), { [first]: false, [second]: true }, 'the BIOS of old does not tell');
});
