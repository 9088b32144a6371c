// Faults of simulated Redfish services: each does what it says, to the same services and at the same times for the same seed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createRedfishFault,
  parseRedfishFaults,
  type RedfishFaultName,
  redfishFaultNames,
  startRedfishSimulator,
} from '../src/index.ts';
import { login } from './bmc-peers.ts';
import { basic, keysOf, type Reply, send, startService } from './redfish-peers.ts';

const credentials = { UserName: login.userName, Password: login.password };
const sessions = '/redfish/v1/SessionService/Sessions';

type Service = Awaited<ReturnType<typeof startService>>;

/** Gives the service a fault that strikes each time. */
function afflict({ bmc }: Service, name: RedfishFaultName): void {
  bmc.fault = createRedfishFault(name, 7, bmc.name, 1);
}

async function taskAfter({ ask }: Service): Promise<{ readonly TaskState: string; readonly Messages: object[] }> {
  const made = await ask('POST', '/UpdateService/update', Buffer.from('x'), {
    'Content-Type': 'application/octet-stream',
  });
  await sleep(150);
  return (await ask('GET', made.body['@odata.id'].replace('/redfish/v1', ''))).body;
}

/** What each fault looks like from outside. */
const looks: Readonly<Record<RedfishFaultName, (service: Service) => Promise<void>>> = {
  async silent({ ask }) {
    const outcome = await Promise.race([ask('GET', '/Systems/1').then(String, String), sleep(100, 'nothing')]);
    assert.equal(outcome, 'nothing');
  },
  async slow({ ask }) {
    const began = performance.now();
    assert.equal((await ask('GET', '/Systems/1')).status, 200);
    assert.ok(performance.now() - began > 400);
  },
  async error({ ask }) {
    const reply = await ask('GET', '/Systems/1');
    assert.deepEqual([reply.status, keysOf(reply)], [500, ['InternalError']]);
  },
  async unavailable({ ask }) {
    const reply = await ask('GET', '/Systems/1');
    assert.deepEqual([reply.status, reply.headers['retry-after']], [503, '2']);
    assert.deepEqual(keysOf(reply), ['ServiceTemporarilyUnavailable']);
  },
  async full({ bmc, ask }) {
    const reply = await send(bmc, 'POST', sessions, credentials, {});
    assert.deepEqual([reply.status, keysOf(reply)], [503, ['SessionLimitExceeded']]);
    assert.equal((await ask('GET', '/Systems/1')).status, 200);
  },
  async weak({ ask, bmc }) {
    const etag = String((await ask('GET', '/Systems/1')).headers.etag);
    assert.match(etag, /^W\/"/);
    const change = (match: string) => ask('PATCH', '/Systems/1', { AssetTag: 'x' }, { 'If-Match': match });
    assert.equal((await change(etag)).status, 412);
    assert.equal((await change(etag.slice(2))).status, 200);
    bmc.counts.faults += 1;
  },
  async missing({ ask, bmc }) {
    const { body } = await ask('GET', '/Systems/1');
    bmc.fault = undefined;
    const whole = (await ask('GET', '/Systems/1')).body;
    const gone = Object.keys(whole).filter((name) => !(name in body));
    assert.ok(gone.length > 2 && gone.length < Object.keys(whole).length, gone.join());
    assert.ok('@odata.id' in body);
  },
  async mistyped({ ask, bmc }) {
    const { body } = await ask('GET', '/Systems/1');
    bmc.fault = undefined;
    const whole = (await ask('GET', '/Systems/1')).body;
    const kind = (value: unknown) => (Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value);
    const others = Object.keys(whole).filter((name) => kind(whole[name]) !== kind(body[name]));
    assert.ok(others.length > 2, others.join());
  },
  async failing(service) {
    const task = await taskAfter(service);
    assert.equal(task.TaskState, 'Exception');
    assert.equal(task.Messages.length, 1);
    service.bmc.fault = undefined;
    assert.equal((await service.ask('GET', '/UpdateService/FirmwareInventory/BIOS')).body.Version, '1.0.0');
  },
  async resetting(service) {
    assert.equal((await taskAfter(service)).TaskState, 'Interrupted');
  },
  async certificate({ bmc, simulator }) {
    const path = '/redfish/v1';
    await assert.rejects(
      send(bmc, 'GET', path, undefined, basic, simulator.certificateOf(bmc)),
      /self-signed|certificate/,
    );
    bmc.fault = undefined;
    assert.equal((await send(bmc, 'GET', path, undefined, basic, simulator.certificateOf(bmc))).status, 200);
  },
  async expired({ bmc }) {
    const begun: Reply = await send(bmc, 'POST', sessions, credentials, {});
    const token = { 'X-Auth-Token': String(begun.headers['x-auth-token']) };
    assert.equal((await send(bmc, 'GET', '/redfish/v1/Systems', undefined, token)).status, 401);
    bmc.fault = undefined;
    assert.equal((await send(bmc, 'GET', '/redfish/v1/Systems', undefined, token)).status, 401);
  },
};

for (const name of redfishFaultNames) {
  test(`the fault "${name}" looks as it should, and is gone when it is taken away`, async (t) => {
    const scheme = name === 'certificate' ? 'https' : 'http';
    const service = await startService(t, { scheme, resetSeconds: 0.01 });
    afflict(service, name);
    await looks[name](service);
    assert.ok(service.simulator.counts.faults > 0, 'the fault struck');
    service.bmc.fault = undefined;
    assert.equal((await service.ask('GET', '/Systems/1')).body.PowerState, 'Off');
  });
}

test('faults strike the same services, and at the same times, for the same seed', async (t) => {
  const struckBy = async (seed: number) => {
    const faults = parseRedfishFaults('silent=5%,unavailable=10%');
    const simulator = await startRedfishSimulator({ count: 200, scheme: 'http', seed, faults });
    t.after(() => simulator.close());
    return simulator.bmcs.map(({ fault }) => fault?.name);
  };
  const first = await struckBy(1);
  assert.deepEqual(await struckBy(1), first);
  assert.notDeepEqual(await struckBy(2), first);
  const share = (name: RedfishFaultName) => first.filter((each) => each === name).length / first.length;
  assert.ok(share('silent') > 0 && share('silent') < 0.12, `${share('silent')}`);
  assert.ok(share('unavailable') > 0.03 && share('unavailable') < 0.2, `${share('unavailable')}`);
  const times = (seed: number) => {
    const fault = createRedfishFault('error', seed, 'machine-0', 0.5);
    return Array.from({ length: 64 }, () => fault.strikes());
  };
  assert.deepEqual(times(1), times(1));
  assert.notDeepEqual(times(1), times(2));
  assert.throws(() => parseRedfishFaults('mute=1%'), /"mute=1%" is no fault; write one of silent, slow, error/);
});
