// Upkeep through Redfish: maker, health, clock of the BMC, keys of secure boot, at simulated services of every make.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { JsonObject } from '@wrought/contract';
import { redfishModelNames } from '@wrought/lab';
import { managersOf, readSecureBoot } from '@wrought/redfish';
import { createCalls } from '../src/drivers/redfish/bmc/calls.ts';
import { createClients } from '../src/drivers/redfish/bmc/clients.ts';
import { getNode, updateNode } from '../src/store/nodes.ts';
import { requester, silentLog } from './support/conductor.ts';
import { startRedfishConductor } from './support/redfish-conductor.ts';
import { startRedfishTask } from './support/redfish-task.ts';

/** The interface alone, with a way to run its steps and to look at the BMC beside it. */
async function setUp(t: TestContext, model: (typeof redfishModelNames)[number], set: readonly string[] = []) {
  const { management, task, stack } = await startRedfishTask(t, { model, set });
  const clients = createClients(silentLog);
  stack.defer(() => clients.close());
  const calls = createCalls(clients);
  return {
    management,
    task,
    run(name: string, args: JsonObject = {}) {
      const found = management.steps?.find((each) => each.step === name);
      assert.ok(found !== undefined, name);
      return found.execute(task, args);
    },
    clock: () =>
      calls.perform(task, 'look', async ({ client, system }) => {
        const [manager] = await managersOf(client, await system());
        return { time: manager?.text('DateTime') ?? '', offset: manager?.text('DateTimeLocalOffset') };
      }),
    secureBoot: () => calls.perform(task, 'look', async ({ client, system }) => readSecureBoot(client, await system())),
  };
}

for (const model of redfishModelNames) {
  test(`${model}: keys of secure boot are deleted, and come back`, async (t) => {
    const { run, secureBoot } = await setUp(t, model);
    assert.equal((await secureBoot()).mode, 'UserMode');
    for (const [name, mode] of [
      ['clear_secure_boot_keys', 'SetupMode'],
      ['reset_secure_boot_keys_to_default', 'UserMode'],
    ] as const) {
      assert.equal((await run(name)).kind, 'done');
      assert.equal((await secureBoot()).mode, mode);
    }
  });

  test(`${model}: the clock of the BMC is set, and set right by the verification where that is wanted`, async (t) => {
    const { run, clock } = await setUp(t, model, ['redfish.enable_verify_bmc_clock=true']);
    const args = { target_datetime: '2031-05-01T10:00:00+02:00', datetime_local_offset: '+01:00' };
    assert.equal((await run('set_bmc_clock', args)).kind, 'done');
    const { time, offset } = await clock();
    assert.equal(new Date(time).toISOString().slice(0, 15), '2031-05-01T08:0');
    assert.equal(offset, '+01:00');
    assert.equal((await run('verify_bmc_clock')).kind, 'done');
    assert.ok(Math.abs(Date.parse((await clock()).time) - Date.now()) < 60_000);
  });

  test(`${model}: who made the machine is told as the BMC writes it`, async (t) => {
    const { management, task } = await setUp(t, model);
    assert.match((await management.detectVendor?.(task)) ?? '', /\w/);
  });
}

test('a verification that is not to look at clocks leaves a wrong one', async (t) => {
  const { run, clock } = await setUp(t, 'generic');
  await run('set_bmc_clock', { target_datetime: '2031-05-01T10:00' });
  assert.equal((await run('verify_bmc_clock')).kind, 'done');
  assert.match((await clock()).time, /^2031-05-01T10:0/);
});

for (const [args, words] of [
  [{ target_datetime: 'noon' }, /target_datetime is "noon"; allowed: a time of ISO 8601/],
  [{ target_datetime: '2031-13-01T10:00' }, /target_datetime is "2031-13-01T10:00"/],
  [{ target_datetime: 5 }, /target_datetime is 5; allowed/],
  [{ datetime_local_offset: 'CET' }, /datetime_local_offset is "CET"; allowed: \+hh:mm/],
] as const) {
  test(`a clock that can not be is refused: ${JSON.stringify(args)}`, async (t) => {
    const { run, clock } = await setUp(t, 'generic');
    await assert.rejects(async () => run('set_bmc_clock', args), words);
    assert.ok(Math.abs(Date.parse((await clock()).time) - Date.now()) < 60_000);
  });
}

test('a node is verified with its clock, and learns who made it', async (t) => {
  const { server, node } = await startRedfishConductor(t, {}, ['redfish.enable_verify_bmc_clock=true']);
  await server.store.transaction((trx) => updateNode(trx, node, { provision_state: 'enroll' }));
  const enrolled = await getNode(server.store.read, node.uuid);
  await server.conductor.doors.start.provision({ node: enrolled, verb: 'manage', requester });
  const verified = await server.untilState(node.uuid, 'manageable', 30_000);
  assert.equal(verified.last_error, null);
  assert.match(String(verified.properties.vendor), /\w/);
});

test('the look at the power tells the health; changes are in the history', async (t) => {
  const { server, node } = await startRedfishConductor(t, {}, ['conductor.sync_power_state_interval=0']);
  const history = async () => {
    const rows = await server.store.read
      .selectFrom('node_history')
      .select(['severity', 'event'])
      .where('node_id', '=', node.id)
      .execute();
    return rows.map(({ severity, event }) => `${severity} ${event}`);
  };
  await server.conductor.syncPower();
  const seen = await getNode(server.store.read, node.uuid);
  assert.equal(seen.health, 'OK');
  assert.deepEqual(await history(), [], 'to be well from the beginning is no change');
  await server.store.transaction((trx) => updateNode(trx, seen, { health: 'Critical' }));
  await server.conductor.syncPower();
  await server.conductor.syncPower();
  assert.equal((await getNode(server.store.read, node.uuid)).health, 'OK');
  assert.deepEqual(await history(), ['INFO The BMC reports the health "OK"; it was "Critical".']);
});

test('health is not read where the operator does not want it, and what was read before is not kept', async (t) => {
  const off = ['conductor.sync_power_state_interval=0', 'conductor.enable_health_monitoring=false'];
  const { server, node } = await startRedfishConductor(t, {}, off);
  await server.store.transaction((trx) => updateNode(trx, node, { health: 'Critical' }));
  await server.conductor.syncPower();
  const seen = await getNode(server.store.read, node.uuid);
  assert.equal(seen.power_state, 'power off');
  assert.equal(seen.health, null);
});
