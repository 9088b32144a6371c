// A fleet goes through cleaning and deployment on a real server, does the same for the same seed, and fails as it is told to.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { faultAt, faultNames, parseFaults } from '../src/fleet/faults.ts';
import type { Effect } from '../src/fleet/machine.ts';
import { parseSpan, seededRandom } from '../src/fleet/random.ts';
import {
  createApiClient,
  createServerProcess,
  enrolFleet,
  type FleetOptions,
  fleetSettings,
  ipmiFleetSettings,
  redfishFleetSettings,
  startFleet,
} from '../src/index.ts';
import { pollUntil } from '../src/process/poll.ts';

const program = fileURLToPath(new URL('../../../bin/wrought', import.meta.url));
const MACHINES = 12;
const DEADLINE_SECONDS = 60;

async function startServer(t: TestContext, driverSettings: readonly string[]) {
  const directory = await mkdtemp(join(tmpdir(), 'wrought-fleet-'));
  const server = createServerProcess({
    program,
    dataDirectory: join(directory, 'data'),
    logFile: join(directory, 'server.log'),
    settings: ['api.auth=none', 'api.listen=127.0.0.1:0', 'conductor.sync_power_state_interval=0', ...driverSettings],
  });
  t.after(async () => {
    await server.kill();
    await rm(directory, { recursive: true, force: true });
  });
  await server.start();
  return { server, api: createApiClient(server.socketPath) };
}

const kinds: readonly (readonly [string, readonly string[], Pick<FleetOptions, 'ipmi' | 'redfish'>])[] = [
  ['HTTP', fleetSettings, {}],
  ['IPMI', ipmiFleetSettings, { ipmi: {} }],
  ['Redfish', redfishFleetSettings, { redfish: {} }],
];

for (const [kind, settings, bmcs] of kinds) {
  test(`machines of a fleet with ${kind} BMCs are cleaned and deployed by their agents, each image written once`, async (t) => {
    const { server, api } = await startServer(t, settings);
    const effects: Effect[] = [];
    const fleet = await startFleet({
      machines: MACHINES,
      seed: 7,
      ...bmcs,
      apis: [server.url()],
      bootSeconds: { least: 0.05, most: 0.2 },
      stepSeconds: { least: 0.02, most: 0.1 },
      onEffect: (effect) => effects.push(effect),
    });
    t.after(() => fleet.close());
    const uuids = await enrolFleet(api, fleet);
    const all = async (target: string, state: string) => {
      for (const uuid of uuids) {
        await api.call('PUT', `/v1/nodes/${uuid}/states/provision`, { target });
      }
      const reached = await pollUntil(async () => {
        const { nodes } = await api.call<{ nodes: { provision_state: string }[] }>('GET', '/v1/nodes');
        return nodes.every(({ provision_state }) => provision_state === state);
      }, DEADLINE_SECONDS);
      const { nodes } = await api.call<{ nodes: object[] }>('GET', '/v1/nodes?fields=name,provision_state,last_error');
      assert.ok(reached, JSON.stringify(nodes));
    };
    await all('manage', 'manageable');
    await all('provide', 'available');
    assert.equal(effects.filter(({ what }) => what === 'erase_devices_metadata').length, MACHINES);
    await all('active', 'active');
    for (const machine of fleet.machines) {
      assert.deepEqual(
        [machine.power, machine.bootsFrom, machine.imagesWritten],
        ['power on', 'disk', 1],
        machine.name,
      );
    }
    const keys = effects.filter(({ what }) => what === 'write_image').map(({ key }) => key);
    assert.equal(new Set(keys).size, MACHINES);
    assert.ok(keys.every((key) => key !== null));
    const bmcPower = fleet.ipmi?.bmcs.map(({ chassis }) => chassis.power);
    assert.deepEqual(bmcPower, kind === 'IPMI' ? fleet.machines.map(() => 'on') : undefined);
    const counts = fleet.counts();
    assert.equal(counts.imagesWritten, MACHINES);
    assert.equal(counts.agents, 0);
  });
}

test('a machine of a fleet does what its Redfish service is told, and the service sees what it does by itself', async (t) => {
  const fleet = await startFleet({
    ...{ machines: 2, seed: 3, apis: ['http://127.0.0.1:9'], redfish: { scheme: 'http', model: 'supermicro' } },
    bootSeconds: { least: 0.01, most: 0.02 },
  });
  t.after(() => fleet.close());
  const [machine] = fleet.machines;
  const bmc = fleet.redfish?.bmcs[0];
  assert.ok(machine && bmc);
  const { driver, driver_info: info } = fleet.driverOf(machine) as {
    driver: string;
    driver_info: Record<string, string>;
  };
  assert.deepEqual(
    [driver, info.redfish_address, info.redfish_system_id],
    ['redfish', bmc.url, '/redfish/v1/Systems/1'],
  );
  const headers = {
    Authorization: `Basic ${Buffer.from(`${info.redfish_username}:${info.redfish_password}`).toString('base64')}`,
    'Content-Type': 'application/json',
  };
  const ask = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${bmc.url}/redfish/v1${path}`, {
      method,
      headers,
      body: JSON.stringify(body) ?? null,
    });
    return response.status === 204 ? {} : ((await response.json()) as { PowerState?: string });
  };
  const reset = (ResetType: string) => ask('POST', '/Systems/1/Actions/ComputerSystem.Reset', { ResetType });
  await reset('On');
  assert.deepEqual([machine.power, machine.bootsFrom], ['power on', 'disk']);
  await ask('PATCH', '/Systems/1', { Boot: { BootSourceOverrideTarget: 'UsbCd', BootSourceOverrideEnabled: 'Once' } });
  const drive = '/Managers/1/VirtualMedia/VirtualMedia1';
  await ask('POST', `${drive}/Actions/VirtualMedia.InsertMedia`, { Image: 'http://192.0.2.1/agent.iso' });
  await reset('ForceRestart');
  assert.equal(machine.bootsFrom, 'ramdisk');
  assert.ok(await pollUntil(async () => machine.agent !== undefined, DEADLINE_SECONDS), 'the agent came up');
  machine.setPower('power off', null);
  assert.equal((await ask('GET', '/Systems/1')).PowerState, 'Off');
  await reset('On');
  assert.equal(machine.bootsFrom, 'disk');
  assert.ok(fleet.counts().bmcCalls > 5);
});

test('a BMC fails as its fault has it, and answers again without it', async (t) => {
  const fleet = await startFleet({ machines: 1, seed: 1, apis: ['http://127.0.0.1:9'] });
  t.after(() => fleet.close());
  const [machine] = fleet.machines;
  assert.ok(machine);
  const ask = (milliseconds = 10_000) =>
    fetch(fleet.addressOf(machine), { signal: AbortSignal.timeout(milliseconds) }).then(({ status }) => status);
  assert.equal(await ask(), 200);
  fleet.setFaults({ wrong: 1 });
  assert.equal(await ask(), 500);
  fleet.setFaults({ reset: 1 });
  await assert.rejects(ask(), TypeError);
  fleet.setFaults({ silent: 1 });
  await assert.rejects(ask(100), { name: 'TimeoutError' });
  fleet.setFaults({});
  assert.equal(await ask(), 200);
  assert.equal(fleet.counts().bmcFaults, 3);
});

test('the same seed gives the same machines and strikes the same ones', async (t) => {
  const struckBy = async (seed: number) => {
    const fleet = await startFleet({ machines: 200, seed, apis: ['http://127.0.0.1:9'] });
    t.after(() => fleet.close());
    return fleet.machines.filter((machine) => machine.fault({ silent: 0.1 }) !== null).map(({ mac }) => mac);
  };
  const first = await struckBy(42);
  assert.deepEqual(await struckBy(42), first);
  assert.notDeepEqual(await struckBy(43), first);
  assert.ok(first.length > 5 && first.length < 45, `${first.length} of 200 were struck for 10 %`);
});

test('faults strike the share that is asked for', () => {
  const shares = fc.record(
    Object.fromEntries(faultNames.map((name) => [name, fc.integer({ min: 0, max: 25 })])) as Record<
      (typeof faultNames)[number],
      fc.Arbitrary<number>
    >,
  );
  fc.assert(
    fc.property(shares, (percents) => {
      const text = Object.entries(percents)
        .map(([name, percent]) => `${name}=${percent}%`)
        .join(',');
      const parsed = parseFaults(text);
      const struck = Array.from({ length: 1000 }, (_, index) => faultAt(parsed, (index + 0.5) / 1000));
      for (const name of faultNames) {
        assert.equal(struck.filter((each) => each === name).length, percents[name] * 10);
      }
    }),
  );
});

test('what can not be read is refused with what is allowed', () => {
  assert.throws(() => parseFaults('silnt=1%'), /"silnt=1%" is no fault; write one of silent, slow, wrong, reset/);
  assert.throws(() => parseFaults('silent=1'), /is no fault/);
  assert.throws(() => parseFaults('silent=60%,slow=50%'), /110 % of the machines/);
  assert.throws(() => parseSpan('5-2'), /"5-2" is no span of seconds/);
  assert.throws(() => parseSpan('x'), /is no span/);
  assert.deepEqual(parseSpan('0.5'), { least: 0.5, most: 0.5 });
});

test('random numbers are spread evenly and differ by name', () => {
  const numbers = Array.from({ length: 5000 }, (_, index) => seededRandom(1, `machine-${index}`)());
  const mean = numbers.reduce((sum, each) => sum + each, 0) / numbers.length;
  assert.ok(Math.abs(mean - 0.5) < 0.02, `mean ${mean}`);
  assert.equal(new Set(numbers).size, numbers.length);
});

test('an agent that is answered with what it can not use says so and begins anew', async (t) => {
  let lookups = 0;
  const heartbeat = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    response.setHeader('Content-Type', 'application/json');
    if (request.url?.startsWith('/v1/lookup') !== true) {
      heartbeat.resolve();
      response.end();
      return;
    }
    lookups += 1;
    const right = { node: { uuid: 'a' }, config: { agent_token: 'token', heartbeat_timeout: 60 } };
    response.end(JSON.stringify(lookups === 1 ? {} : right));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const { port } = server.address() as AddressInfo;
  const fleet = await startFleet({
    machines: 1,
    seed: 1,
    apis: [`http://127.0.0.1:${port}`],
    bootSeconds: { least: 0, most: 0 },
  });
  t.after(() => fleet.close());
  const [machine] = fleet.machines;
  machine?.setBoot('ramdisk', null);
  machine?.setPower('power on', null);
  await heartbeat.promise;
  const { refused, lastProblem } = fleet.counts();
  assert.equal(refused, 1);
  assert.match(lastProblem ?? '', /^An answer could not be used: Cannot read properties/);
});
