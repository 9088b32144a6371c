// Sessions against a BMC whose network and answers are bad in every way that can be arranged.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import * as codec from '../src/codec/index.ts';
import {
  AuthenticationError,
  type Client,
  CompletionCodeError,
  createClient,
  ProtocolError,
  type Request,
  SessionRefusedError,
  TimeoutError,
} from '../src/index.ts';
import { startRelay } from './support/relay.ts';
import { type SmallBmcOptions, startSmallBmc } from './support/small-bmc.ts';

const read: Request = { netFn: 0x06, command: 0x01 };
const power: Request = { netFn: 0x00, command: 0x02, data: Buffer.of(1) };
const everything = ['authentication', 'integrity', 'confidentiality'] as const;

const clients = new WeakMap<TestContext, Client>();

/** The client of a test; closed before its BMCs, so that sessions can be closed. */
function client(t: TestContext): Client {
  const made = clients.get(t) ?? createClient();
  if (!clients.has(t)) t.after(() => made.close());
  clients.set(t, made);
  return made;
}

function bmcFor(t: TestContext, options: SmallBmcOptions = {}) {
  client(t);
  return startSmallBmc(t, options);
}

test('every suite that is spoken, with and without a BMC key', async (t) => {
  const suites = Object.keys(codec.cipherSuites)
    .map(Number)
    .filter((id) => codec.isImplemented(codec.suiteOf(id)));
  const bmcKey = Buffer.from('0102030405060708090a0b0c0d0e0f1011121314', 'hex');
  for (const keys of [{}, { bmcKey }]) {
    const bmc = await bmcFor(t, { suites, ...keys });
    for (const suite of suites) {
      const session = client(t).session({ ...bmc, ...keys, suites: [suite], allowNone: everything });
      assert.deepEqual(await session.request({ ...read, data: Buffer.of(7, 8) }), Buffer.of(1, 7, 8));
      await session.close();
    }
  }
});

test('a BMC that makes its keys with the privilege level of Open Session is told it there, and a wrong password stays one', async (t) => {
  for (const keysFromOpenSession of ['all', 'session key'] as const) {
    for (const userLookup of ['name', 'privilege and name'] as const) {
      const bmc = await bmcFor(t, { keysFromOpenSession });
      const session = client(t).session({ ...bmc, userLookup, idleTimeout: 0 });
      assert.deepEqual(await session.request({ ...read, data: Buffer.of(7) }), Buffer.of(1, 7));
      assert.equal(bmc.logins(), 2);
      // The next login begins with what the one before needed.
      await session.request(read);
      assert.equal(bmc.logins(), 3);
      await session.close();
      const mistaken = client(t).session({ ...bmc, password: 'mistaken' });
      await assert.rejects(mistaken.request(read), /code of RAKP message 2 is wrong: the password is wrong/);
      assert.equal(bmc.logins(), 4);
    }
  }
});

test('users are looked up by name alone, or by privilege level and name', async (t) => {
  const roles: number[] = [];
  const bmc = await bmcFor(t, {
    incoming(packet) {
      const { payloadType, payload } = codec.decodeV20(codec.decodeRmcp(packet).data);
      if (payloadType === codec.payloadType.rakp1) roles.push(codec.decodeRakp1(payload).role);
      return true;
    },
  });
  await client(t).session(bmc).request(read);
  await client(t)
    .session({ ...bmc, userLookup: 'privilege and name', privilege: 'operator' })
    .request(read);
  assert.deepEqual(roles, [0x14, 0x03]);
});

test('a login goes on when any one packet of it is lost', async (t) => {
  const loginWithLoss = async (options: SmallBmcOptions) => {
    const bmc = await bmcFor(t, options);
    assert.equal(
      (
        await client(t)
          .session({ ...bmc, suites: [17] })
          .request(read)
      ).length,
      1,
    );
  };
  const losses = [0, 1, 2, 3, 4].flatMap((lost): SmallBmcOptions[] => [
    { incoming: (_packet, count) => count !== lost },
    { outgoing: (packet, count) => (count === lost ? [] : [packet]) },
  ]);
  await Promise.all(losses.map(loginWithLoss));
});

test('a BMC that takes another random number for a message that comes twice is logged in to all the same', async (t) => {
  const bmc = await bmcFor(t);
  let logins = 0;
  const relay = await startRelay(
    t,
    bmc,
    (count) => (logins === 1 && count === 2 ? 'double' : 'pass'),
    (packet) => {
      const { payloadType } = codec.decodeV20(codec.decodeRmcp(packet).data);
      if (payloadType === codec.payloadType.openSessionRequest) logins++;
    },
  );
  assert.equal(
    (
      await client(t)
        .session({ ...bmc, ...relay, suites: [17] })
        .request(read)
    ).length,
    1,
  );
  assert.equal(logins, 2);
});

test('packets that come twice, late or forged change nothing', async (t) => {
  let late: Buffer | undefined;
  const bmc = await bmcFor(t, {
    outgoing(packet) {
      const forged = Buffer.from(packet);
      forged[forged.length - 1] = (forged[forged.length - 1] as number) ^ 1;
      const sessionId = packet.readUInt32LE(6);
      const packets = [...(sessionId === 0 ? [] : [forged]), packet, packet, ...(late === undefined ? [] : [late])];
      late = packet;
      return packets;
    },
  });
  const session = client(t).session({ ...bmc, suites: [17] });
  for (let count = 0; count < 50; count++) {
    assert.deepEqual(await session.request({ ...read, data: Buffer.of(count) }), Buffer.of(1, count));
  }
});

test('a lost answer makes the BMC see the same message again, in a packet with a new sequence number', async (t) => {
  let drop = false;
  const bmc = await bmcFor(t, {
    outgoing(packet) {
      if (!drop) return [packet];
      drop = false;
      return [];
    },
  });
  const session = client(t).session({ ...bmc, suites: [17] });
  await session.request(read);
  drop = true;
  const before = bmc.requests.length;
  await session.request(read);
  const [first, second, ...more] = bmc.requests.slice(before);
  assert.equal(first?.sequence, second?.sequence);
  assert.deepEqual(more, []);
});

test('a busy BMC is asked again, until the time is up', async (t) => {
  let busy = 3;
  const bmc = await bmcFor(t, { answer: () => Buffer.of(busy-- > 0 ? 0xc0 : 0) });
  const session = client(t).session({ ...bmc, suites: [17] });
  await session.request(power);
  assert.equal(busy, -1);
  busy = Number.POSITIVE_INFINITY;
  await assert.rejects(session.request(power, { timeout: 400 }), (error) => {
    return error instanceof CompletionCodeError && error.code === 0xc0;
  });
});

test('"duplicated request" is not the answer; the real one is waited for', async (t) => {
  let count = 0;
  const bmc = await bmcFor(t, { answer: () => Buffer.of(count++ === 0 ? 0xcf : 0) });
  const session = client(t).session({ ...bmc, suites: [17] });
  assert.equal((await session.request(read)).length, 0);
});

/** A BMC that turns one field of its answers in a login. */
function turning(type: number, change: (payload: Buffer) => void) {
  return (packet: Buffer): readonly Buffer[] => {
    const decoded = codec.decodeV20(codec.decodeRmcp(packet).data);
    if (decoded.payloadType === type) change(decoded.payload);
    return [packet];
  };
}

const xorAt = (at: number) => (payload: Buffer) => {
  payload[at] = (payload[at] as number) ^ 1;
};

test('every field of the answers in a login is checked', async (t) => {
  const { openSessionResponse, rakp2, rakp4 } = codec.payloadType;
  const login = async (type: number, change: (payload: Buffer) => void, timeout = 2000) => {
    const bmc = await bmcFor(t, { outgoing: turning(type, change) });
    return client(t)
      .session({ ...bmc, suites: [17], timeout })
      .request(read);
  };
  const check = (wanted: string) => (error: unknown) => error instanceof AuthenticationError && error.check === wanted;
  await Promise.all([
    // Another algorithm than asked for, and codes over random number, GUID, and themselves.
    assert.rejects(login(openSessionResponse, xorAt(16)), check('suite')),
    ...[8, 24, 40, 71].map((at) => assert.rejects(login(rakp2, xorAt(at)), check('password'))),
    assert.rejects(
      login(rakp2, (payload) => payload.fill(0, 40)),
      check('password'),
    ),
    assert.rejects(login(rakp4, xorAt(8)), check('bmc key')),
    assert.rejects(
      login(openSessionResponse, (payload) => payload.writeUInt32LE(0, 8)),
      SessionRefusedError,
    ),
    assert.rejects(
      login(openSessionResponse, (payload) => payload.writeUInt8(codec.statusCode.insufficientResources, 1)),
      /no free session/,
    ),
    // What carries another tag or session id is for somebody else.
    ...[0, 4].flatMap((at) =>
      [openSessionResponse, rakp2, rakp4].map((type) => assert.rejects(login(type, xorAt(at), 200), TimeoutError)),
    ),
  ]);
});

test('a privilege level that the BMC does not grant', async (t) => {
  const bmc = await bmcFor(t, { privilegeCode: 0x81 });
  await assert.rejects(client(t).session(bmc).request(read), (error) => {
    return (
      error instanceof AuthenticationError && error.check === 'privilege' && /exceeds the limit/.test(error.message)
    );
  });
});

test('junk from the address of the BMC is told when nothing better comes', async (t) => {
  const bmc = await bmcFor(t, { outgoing: (packet) => [packet.subarray(0, 10)] });
  await assert.rejects(
    client(t)
      .session({ ...bmc, timeout: 300 })
      .request(read),
    (error) => {
      return error instanceof TimeoutError && error.cause instanceof ProtocolError;
    },
  );
});

test('a packet that cannot leave is told when nothing better comes', async (t) => {
  // The limited broadcast address takes packets of sockets only that asked for that.
  const session = client(t).session({ host: '255.255.255.255', timeout: 300 });
  await assert.rejects(session.request(read), (error) => {
    return error instanceof TimeoutError && error.cause instanceof Error && /EACCES/.test(error.cause.message);
  });
});

test('an idle session is not trusted, and a kept alive one stays', async (t) => {
  const bmc = await bmcFor(t);
  const idle = client(t).session({ ...bmc, suites: [17], idleTimeout: 0 });
  await idle.request(power);
  await idle.request(power);
  assert.equal(bmc.logins(), 2);
  const kept = client(t).session({ ...bmc, suites: [17], keepAlive: 1 });
  await kept.request(power);
  const before = bmc.requests.length;
  while (bmc.requests.length === before) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(bmc.requests[before]?.command, 0x01);
  await kept.request(power);
  assert.equal(bmc.logins(), 3);
});

test('a session that the BMC forgot is found out by a reading request, and not hidden from a power command', async (t) => {
  const bmc = await bmcFor(t);
  const session = client(t).session({ ...bmc, suites: [17], timeout: 1000 });
  await session.request(power);
  bmc.reset();
  assert.equal((await session.request(read)).length, 1);
  bmc.reset();
  const before = bmc.requests.length;
  await assert.rejects(session.request(power), /may have carried that out/);
  const carriedOut = bmc.requests.slice(before).filter(({ command }) => command === power.command);
  assert.equal(carriedOut.length, 0);
});

test('a thousand sessions on one socket', async (t) => {
  const bmcs = await Promise.all(Array.from({ length: 20 }, () => bmcFor(t)));
  const made = client(t);
  const sessions = Array.from({ length: 1000 }, (_, index) =>
    made.session({ ...(bmcs[index % bmcs.length] as (typeof bmcs)[0]), suites: [17], timeout: 60_000 }),
  );
  const answers = await Promise.all(
    sessions.map((session, index) => session.request({ ...read, data: Buffer.of(index & 0xff) })),
  );
  for (const [index, answer] of answers.entries()) assert.deepEqual(answer, Buffer.of(1, index & 0xff));
  assert.equal(made.statistics.malformed, 0);
});
