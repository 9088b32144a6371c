// Sessions against OpenIPMI's ipmi_sim: logins of both protocols, what is refused and why, bridging, loss of a session.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import {
  AuthenticationError,
  type Client,
  ClosedError,
  CompletionCodeError,
  createClient,
  type Request,
  SessionLostError,
  TimeoutError,
} from '../src/index.ts';
import { guid, type SimulatorOptions, startSimulator } from './support/ipmi-sim.ts';

const getDeviceId: Request = { netFn: 0x06, command: 0x01 };
/** Product id of the simulated BMC and of its satellite, as they are on the wire. */
const productIds = { bmc: '020f', satellite: '3412' };
const productId = (answer: Buffer) => answer.subarray(9, 11).toString('hex');
const everything = ['authentication', 'integrity', 'confidentiality'] as const;

const clients = new WeakMap<TestContext, Client>();

/** The client of a test; closed before its BMCs, so that sessions can be closed. */
function client(t: TestContext): Client {
  const made = clients.get(t) ?? createClient();
  if (!clients.has(t)) t.after(() => made.close());
  clients.set(t, made);
  return made;
}

function bmcFor(t: TestContext, options: SimulatorOptions = {}) {
  client(t);
  return startSimulator(t, options);
}

test('a presence ping is answered, and not by a silent port', async (t) => {
  const bmc = await bmcFor(t);
  const pong = await client(t).ping(bmc.host, bmc);
  assert.equal(pong.supportsIpmi, true);
  bmc.hang();
  await assert.rejects(client(t).ping(bmc.host, { port: bmc.port, timeout: 200 }), TimeoutError);
  bmc.resume();
});

test('logins with the suites that ipmi_sim has as the specification has them', async (t) => {
  const bmc = await bmcFor(t);
  for (const suite of [0, 1, 2, 3, 6, 11]) {
    const session = client(t).session({ ...bmc, suites: [suite], allowNone: everything });
    assert.equal(productId(await session.request(getDeviceId)), productIds.bmc);
    assert.equal(session.suite, suite);
    await session.close();
  }
});

test('without configuration suite 17 is tried first, then 3, which is remembered', async (t) => {
  const bmc = await bmcFor(t);
  const made = client(t);
  const session = made.session(bmc);
  await session.request(getDeviceId);
  assert.equal(session.suite, 3);
  assert.equal((await session.request(getDeviceId)).length, 15);
});

test('IPMI 1.5 when asked for', async (t) => {
  const bmc = await bmcFor(t);
  for (const type of ['md5', 'straightPassword', 'none'] as const) {
    const session = client(t).session({ ...bmc, protocol: '1.5', v15Authentication: [type] });
    assert.equal((await session.request(getDeviceId)).length, 15);
    await session.close();
  }
});

test('IPv6', async (t) => {
  const bmc = await bmcFor(t, { host: '::1' });
  const session = client(t).session({ ...bmc, host: '0:0:0:0:0:0:0:1', suites: [3] });
  assert.equal((await session.request(getDeviceId)).length, 15);
});

test('a wrong password, a wrong user, a suite that is not there and another BMC are told apart', async (t) => {
  const bmc = await bmcFor(t);
  const expected = async (options: Parameters<ReturnType<typeof createClient>['session']>[0], check: string) => {
    await assert.rejects(client(t).session(options).request(getDeviceId), (error) => {
      assert.ok(error instanceof AuthenticationError, String(error));
      assert.equal(error.check, check, error.message);
      assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${bmc.port}`));
      return true;
    });
  };
  await expected({ ...bmc, suites: [3], password: 'wrong' }, 'password');
  await expected({ ...bmc, suites: [3], userName: 'nobody' }, 'user');
  await expected({ ...bmc, suites: [17] }, 'suite');
  await expected({ ...bmc, suites: [3], guid: Buffer.alloc(16) }, 'server');
  await expected({ ...bmc, protocol: '1.5', userName: 'nobody' }, 'user');
  await expected({ ...bmc, protocol: '1.5', password: 'wrong', timeout: 1500 }, 'password');
});

test('the GUID and a lower privilege level that are right', async (t) => {
  const bmc = await bmcFor(t);
  const session = client(t).session({
    ...bmc,
    suites: [3],
    userName: 'reader',
    privilege: 'user',
    guid: Buffer.from(guid, 'hex'),
  });
  assert.equal((await session.request(getDeviceId)).length, 15);
  const chassisControl: Request = { netFn: 0x00, command: 0x02, data: Buffer.of(1) };
  await assert.rejects(session.request(chassisControl), (error) => {
    return error instanceof CompletionCodeError && error.code === 0xd4;
  });
});

test('a BMC key (Kg) is needed where there is one, and must be the right one', async (t) => {
  const bmc = await bmcFor(t, { bmcKey: 'theBmcKey' });
  const right = client(t).session({ ...bmc, suites: [3], bmcKey: Buffer.from('theBmcKey') });
  assert.equal((await right.request(getDeviceId)).length, 15);
  for (const bmcKey of [undefined, Buffer.from('another')]) {
    const session = client(t).session({ ...bmc, suites: [3], ...(bmcKey === undefined ? {} : { bmcKey }) });
    await assert.rejects(session.request(getDeviceId), (error) => {
      return error instanceof AuthenticationError && error.check === 'bmc key';
    });
  }
});

test('a controller behind the BMC answers through it', async (t) => {
  const bmc = await bmcFor(t);
  const session = client(t).session({ ...bmc, suites: [3] });
  const satellite = session.bridge({ channel: 0, address: 0x30 });
  assert.equal(productId(await satellite.request(getDeviceId)), productIds.satellite);
  await assert.rejects(
    session.bridge({ channel: 0, address: 0x44 }).request(getDeviceId, { timeout: 500 }),
    (error) => error instanceof CompletionCodeError || error instanceof TimeoutError,
  );
  assert.equal(productId(await session.request(getDeviceId)), productIds.bmc);
});

test('what is asked at once is answered one after the other, errors between', async (t) => {
  const bmc = await bmcFor(t);
  const session = client(t).session({ ...bmc, suites: [3] });
  const unknown: Request = { netFn: 0x06, command: 0x7f };
  const answers = await Promise.allSettled(
    Array.from({ length: 100 }, (_, index) => session.request(index % 10 === 3 ? unknown : getDeviceId)),
  );
  assert.deepEqual(
    answers.map((answer) => answer.status === 'fulfilled'),
    answers.map((_, index) => index % 10 !== 3),
  );
});

test('a silent BMC is a time-out that says where, and a signal ends the wait', async (t) => {
  const bmc = await bmcFor(t);
  const session = client(t).session({ ...bmc, suites: [3] });
  await session.request(getDeviceId);
  bmc.hang();
  await assert.rejects(session.request(getDeviceId, { timeout: 600 }), (error) => {
    assert.ok(error instanceof TimeoutError);
    assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${bmc.port}`));
    return true;
  });
  const controller = new AbortController();
  const waiting = session.request(getDeviceId, { signal: controller.signal });
  controller.abort(new Error('no longer wanted'));
  await assert.rejects(waiting, /no longer wanted/);
  bmc.resume();
  assert.equal((await session.request(getDeviceId)).length, 15);
});

test('after a reset of the BMC a reading request goes on in a new session, a power command does not', async (t) => {
  const bmc = await bmcFor(t);
  const session = client(t).session({ ...bmc, suites: [3], timeout: 4000 });
  await session.request(getDeviceId);
  await bmc.restart();
  assert.equal((await session.request(getDeviceId)).length, 15);
  await bmc.restart();
  const chassisControl: Request = { netFn: 0x00, command: 0x02, data: Buffer.of(2) };
  await assert.rejects(session.request(chassisControl), (error) => {
    assert.ok(error instanceof SessionLostError, String(error));
    assert.equal(error.mayHaveHappened, true);
    return true;
  });
  assert.equal((await session.request(getDeviceId)).length, 15);
  await bmc.restart();
  // Identify, said to be harmless when repeated.
  await session.request({ netFn: 0x00, command: 0x04 }, { repeatable: true }).catch((error) => {
    assert.ok(error instanceof CompletionCodeError, String(error));
  });
});

test('closed is closed', async (t) => {
  const bmc = await bmcFor(t);
  const made = client(t);
  const session = made.session({ ...bmc, suites: [3] });
  await session.request(getDeviceId);
  await session.close();
  await assert.rejects(session.request(getDeviceId), ClosedError);
  await made.close();
  assert.throws(() => made.session(bmc), ClosedError);
});

test('options that cannot be are refused with what is allowed', (t) => {
  const made = client(t);
  assert.throws(() => made.session({ host: 'bmc', suites: [0] }), /no authentication and no integrity/);
  assert.throws(() => made.session({ host: 'bmc', suites: [2] }), /no confidentiality; name .* allowNone/);
  assert.throws(() => made.session({ host: 'bmc', suites: [4] }), /xRC4-128.* not implemented/);
  assert.throws(() => made.session({ host: 'bmc', suites: [20] }), /20 is not known/);
  assert.throws(() => made.session({ host: 'bmc', password: 'x'.repeat(21) }), /21 bytes; IPMI allows at most 20/);
  assert.throws(() => made.session({ host: 'bmc', protocol: '1.5', password: 'x'.repeat(17) }), /at most 16/);
  assert.throws(() => made.session({ host: 'bmc', userName: 'x'.repeat(17) }), /user name has 17/);
  assert.throws(() => made.session({ host: 'bmc', port: 0 }), /port is 0/);
});
