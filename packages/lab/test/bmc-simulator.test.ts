// The project's own client against simulated BMCs: commands, sessions that end, and faults that it has to bear or to tell.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AuthenticationError,
  addSelEntry,
  CompletionCodeError,
  chassisControl,
  clearSel,
  createClient,
  getChassisStatus,
  getDeviceId,
  getSystemGuid,
  IpmiError,
  isSensorRecord,
  readFru,
  readSdrs,
  readSel,
  readSensors,
  requestBoot,
  resetWatchdogTimer,
  type Session,
  type SessionOptions,
  SessionRefusedError,
  setPowerRestorePolicy,
  setWatchdogTimer,
} from '@wrought/ipmi';
import fc from 'fast-check';
import {
  type Bmc,
  type BmcFaultName,
  bmcFaultNames,
  createFault,
  parseBmcFaults,
  setSensorReading,
  startBmcSimulator,
} from '../src/index.ts';
import { login, startBmc } from './bmc-peers.ts';

/** A client that is closed before its BMCs are. */
function clientOf(t: TestContext) {
  const client = createClient();
  t.after(() => client.close());
  const session = ({ address, port }: Bmc, options: Partial<SessionOptions> = {}): Session =>
    client.session({ host: address, port, ...login, suites: [17], ...options });
  return { client, session };
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

test('commands of every kind', async (t) => {
  const { session: open } = clientOf(t);
  const { bmc } = await startBmc(t);
  const session = open(bmc);
  assert.equal((await getDeviceId(session)).manufacturerId, 32473);
  const guid = await getSystemGuid(session);
  assert.equal(guid.as.ipmi, bmc.uuid);
  assert.ok(guid.plausible.includes('ipmi'));
  await chassisControl(session, 'power up');
  assert.equal((await getChassisStatus(session)).powerOn, true);
  const records = await all(readSdrs(session));
  assert.equal(records.filter((record) => !(record instanceof Error) && isSensorRecord(record)).length, 7);
  setSensorReading(bmc, 1, 96);
  const [temperature] = await all(readSensors(session));
  assert.deepEqual(
    [temperature?.name, temperature?.reading?.value, temperature?.reading?.status],
    ['CPU Temp', 96, 'critical'],
  );
  const fru = await readFru(session);
  assert.equal(fru.product?.fields.serialNumber?.text, 'SN00000000');
  assert.deepEqual(fru.problems, []);
});

test('the event log keeps what is added until it is cleared', async (t) => {
  const { session: open } = clientOf(t);
  const { bmc } = await startBmc(t);
  const session = open(bmc);
  const event = {
    type: 'system event',
    recordId: 0,
    timestamp: 0,
    generator: { kind: 'controller', address: 0x20, channel: 0, lun: 0 },
    messageRevision: 4,
    sensorType: 1,
    sensorNumber: 1,
    direction: 'assertion',
    eventType: 1,
    data: [0x57, 96, 85],
  } as const;
  const ids = [await addSelEntry(session, event), await addSelEntry(session, { ...event, sensorNumber: 2 })];
  const read = await all(readSel(session));
  assert.deepEqual(
    read.map(({ recordId }) => recordId),
    ids,
  );
  assert.ok(read.every((record) => record.type === 'system event' && record.timestamp > 1_700_000_000));
  await clearSel(session);
  assert.deepEqual(await all(readSel(session)), []);
});

test('a wish for the next boot is for one boot, unless it is persistent', async (t) => {
  const { session: open } = clientOf(t);
  const { bmc } = await startBmc(t);
  const session = open(bmc);
  const boots: unknown[] = [];
  bmc.chassis.onChange((change) => {
    if (change.what === 'reset' || (change.what === 'power' && change.power === 'on')) boots.push(change.boot?.device);
  });
  await requestBoot(session, { device: 'PXE' });
  await chassisControl(session, 'power up');
  await chassisControl(session, 'hard reset');
  await requestBoot(session, { device: 'hard drive', persistent: true, efi: true });
  await chassisControl(session, 'hard reset');
  await chassisControl(session, 'power cycle');
  assert.deepEqual(boots, ['PXE', undefined, 'hard drive', 'hard drive']);
  // Somebody who presses the button does not want what the last command wanted.
  await requestBoot(session, { device: 'PXE' });
  bmc.chassis.setPower('off');
  bmc.chassis.setPower('on');
  assert.equal(boots.at(-1), undefined);
});

test('a watchdog that nobody resets does to the machine what it was set to', async (t) => {
  const { session: open } = clientOf(t);
  const { bmc } = await startBmc(t);
  const session = open(bmc);
  await chassisControl(session, 'power up');
  const expired = Promise.withResolvers<void>();
  bmc.chassis.onChange((change) => {
    if (change.what === 'power' && change.power === 'off') expired.resolve();
  });
  await setWatchdogTimer(session, {
    use: 'SMS/OS',
    doNotLog: false,
    running: false,
    action: 'power down',
    preTimeoutInterrupt: 'none',
    preTimeoutSeconds: 0,
    expired: {},
    initialCountdown: 1,
  });
  await resetWatchdogTimer(session);
  // The timer of a BMC does not keep a process alive, and nothing else here does.
  const alive = setInterval(() => {}, 1000);
  await expired.promise;
  clearInterval(alive);
  const [event] = await all(readSel(session));
  assert.ok(event?.type === 'system event');
  assert.deepEqual([event.sensorType, event.data[0] & 0x0f], [0x23, 2]);
});

test('when the supply comes back, the policy decides', async (t) => {
  const { session: open } = clientOf(t);
  const { bmc } = await startBmc(t);
  const session = open(bmc);
  const after = async (policy: 'always off' | 'previous' | 'always on', before: 'on' | 'off') => {
    await setPowerRestorePolicy(session, policy);
    bmc.chassis.setPower(before);
    bmc.chassis.restoreSupply();
    return (await getChassisStatus(session)).powerOn;
  };
  assert.equal(await after('always off', 'on'), false);
  assert.equal(await after('previous', 'on'), true);
  assert.equal(await after('previous', 'off'), false);
  assert.equal(await after('always on', 'off'), true);
});

test('over IPv6', async (t) => {
  const { session: open } = clientOf(t);
  const { bmc } = await startBmc(t, { places: { address: '::1' } });
  assert.equal((await getSystemGuid(open(bmc))).as.ipmi, bmc.uuid);
});

test('all sessions taken is told as that, and one that ends makes room', async (t) => {
  const { session: open } = clientOf(t);
  const { bmc } = await startBmc(t, { sessionLimit: 2 });
  const [first, second, third] = [open(bmc), open(bmc), open(bmc)];
  await getDeviceId(first);
  await getDeviceId(second);
  await assert.rejects(getDeviceId(third), SessionRefusedError);
  await first.close();
  await getDeviceId(third);
});

test('a session that nobody uses is forgotten', async (t) => {
  const { session: open } = clientOf(t);
  const { bmc } = await startBmc(t, { sessionSeconds: 0.2 });
  await getDeviceId(open(bmc));
  assert.equal(bmc.sessions.size, 1);
  await sleep(250);
  assert.equal(bmc.expireSessions(), false);
});

test('IPMI 1.5, and a wrong password', async (t) => {
  const { session: open } = clientOf(t);
  const { bmc } = await startBmc(t);
  for (const v15Authentication of [['md5'], ['straightPassword']] as const) {
    await getDeviceId(open(bmc, { protocol: '1.5', v15Authentication }));
  }
  await assert.rejects(getDeviceId(open(bmc, { password: 'wrong' })), AuthenticationError);
});

test('a hook answers raw requests before the BMC does', async (t) => {
  const { session: open } = clientOf(t);
  const { bmc } = await startBmc(t, {
    raw: ({ netFn, command, data }) => {
      if (netFn === 0x30) return Buffer.from(data).reverse();
      return netFn === 0x00 && command === 0x01 ? 0xc0 : undefined;
    },
  });
  const session = open(bmc, { timeout: 2000 });
  assert.deepEqual(await session.request({ netFn: 0x30, command: 1, data: Buffer.of(1, 2) }), Buffer.of(2, 1));
  await assert.rejects(
    getChassisStatus(session),
    (error) => error instanceof CompletionCodeError && error.code === 0xc0,
  );
  await getDeviceId(session);
});

const sessionsAFault = 6;
const timeoutMilliseconds = 1500;

for (const name of bmcFaultNames) {
  test(`with the fault "${name}" each request is answered right or fails with its reason, in time`, async (t) => {
    const { session: open } = clientOf(t);
    const { bmc, simulator } = await startBmc(t);
    bmc.fault = createFault(name, 7, bmc.name, 0.3);
    const sessions = Array.from({ length: sessionsAFault }, () => open(bmc, { timeout: timeoutMilliseconds }));
    const ask = [
      async (session: Session) => assert.equal((await getDeviceId(session)).productId, 0x0b3c),
      async (session: Session) => assert.equal((await getSystemGuid(session)).as.ipmi, bmc.uuid),
      async (session: Session) => assert.equal((await getChassisStatus(session)).powerOn, false),
    ];
    const outcomes = await Promise.allSettled(sessions.flatMap((session) => ask.map((each) => each(session))));
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') assert.ok(outcome.reason instanceof IpmiError, String(outcome.reason));
    }
    const answered = outcomes.filter(({ status }) => status === 'fulfilled').length;
    assert.ok(name === 'silent' ? answered === 0 : answered > 0, `${answered} were answered`);
    assert.ok(simulator.counts.faults > 0, 'the fault struck');
    bmc.fault = undefined;
    await getDeviceId(sessions[0] as Session);
  });
}

test('faults strike the same BMCs, and at the same times, for the same seed', async (t) => {
  const struckBy = async (seed: number) => {
    const simulator = await startBmcSimulator({ count: 200, seed, faults: parseBmcFaults('silent=5%,lossy=10%') });
    t.after(() => simulator.close());
    return simulator.bmcs.map(({ fault }) => fault?.name);
  };
  const first = await struckBy(1);
  assert.deepEqual(await struckBy(1), first);
  assert.notDeepEqual(await struckBy(2), first);
  const share = (name: BmcFaultName) => first.filter((each) => each === name).length / first.length;
  assert.ok(share('silent') > 0 && share('silent') < 0.12, `${share('silent')}`);
  assert.ok(share('lossy') > 0.03 && share('lossy') < 0.2, `${share('lossy')}`);
  const times = (seed: number) => {
    const fault = createFault('busy', seed, 'machine-0', 0.5);
    return Array.from({ length: 64 }, () => fault.strikes());
  };
  assert.deepEqual(times(1), times(1));
  assert.notDeepEqual(times(1), times(2));
});

test('random and broken packets leave a BMC as it was', async (t) => {
  const { client, session: open } = clientOf(t);
  const { bmc } = await startBmc(t);
  const { receive } = await import('../src/bmc-simulator/session/receive.ts');
  const peer = { address: '127.0.0.1', port: 9 };
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    // What begins as a packet gets further.
    fc.uint8Array({ maxLength: 100 }).map((rest) => Uint8Array.of(6, 0, 0xff, 7, 0, ...rest)),
    fc
      .tuple(fc.constantFrom(0, 1, 0x10, 0x12, 0x14, 0xc0), fc.uint8Array({ maxLength: 80 }))
      .map(([type, rest]) => Uint8Array.of(6, 0, 0xff, 7, 6, type, 0, 0, 0, 0, 0, 0, 0, 0, rest.length, 0, ...rest)),
  );
  fc.assert(
    fc.property(bytes, (packet) => receive(bmc, Buffer.from(packet), peer)),
    { numRuns: 5000 },
  );
  assert.ok(bmc.sessions.size <= bmc.settings.sessionLimit);
  bmc.reset();
  assert.equal((await client.ping(bmc.address, { port: bmc.port })).supportsIpmi, true);
  await getDeviceId(open(bmc));
});

test('options that can not be are refused with what is allowed', async () => {
  const refused = (options: Partial<Parameters<typeof startBmcSimulator>[0]>, expected: RegExp) =>
    assert.rejects(startBmcSimulator({ count: 1, ...options }), expected);
  await refused({ suites: [4] }, /suite 4 is one of those with xRC4/);
  await refused({ sessionLimit: 64 }, /64 sessions: 1 to 63/);
  await refused({ users: [{ id: 11, name: 'x', password: '', privilege: 'user' }] }, /user id 11 .* 1 to 10/);
  await refused({ places: { address: 'bmc' } }, /"bmc" is no IP address/);
  await refused({ count: 2, places: { port: 65_535 } }, /BMC 1 would have port 65536/);
  await refused({ places: { address: '::1', next: 'address' } }, /need an IPv4 address/);
  assert.throws(() => parseBmcFaults('mute=1%'), /"mute=1%" is no fault; write one of silent, slow, lossy/);
});

test('BMCs at addresses of their own share a port, and an address that is taken is told', async (t) => {
  const { session: open } = clientOf(t);
  const first = await startBmcSimulator({ count: 1 });
  t.after(() => first.close());
  const port = first.bmcs[0]?.port ?? 0;
  const simulator = await startBmcSimulator({ count: 300, places: { address: '127.9.0.1', port, next: 'address' } });
  t.after(() => simulator.close());
  const last = simulator.bmcs.at(-1);
  assert.ok(last);
  assert.equal(last.address, '127.9.1.44');
  assert.equal((await getSystemGuid(open(last))).as.ipmi, last.uuid);
  await assert.rejects(
    startBmcSimulator({ count: 2, places: { port } }),
    /cannot listen at 127\.0\.0\.1 port .*EADDRINUSE/,
  );
});
