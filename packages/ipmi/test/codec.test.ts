// Codecs: what is encoded is decoded again, whatever it is, and known bytes come out as the specification has them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type ActivateRequest,
  type Capabilities,
  checksum,
  cipherSuites,
  decodeActivatePayload,
  decodeActivatePayloadResponse,
  decodeActivateRequest,
  decodeActivateResponse,
  decodeAsf,
  decodeCapabilities,
  decodeCapabilitiesRequest,
  decodeChallenge,
  decodeChallengeRequest,
  decodeCipherSuiteRecords,
  decodeDeactivatePayload,
  decodeMessage,
  decodeOpenSessionRequest,
  decodeOpenSessionResponse,
  decodeRakp1,
  decodeRakp2,
  decodeRakp3,
  decodeRakp4,
  decodeRmcp,
  decodeSendMessage,
  decodeSol,
  decodeV15,
  decodeV20,
  encodeActivatePayload,
  encodeActivatePayloadResponse,
  encodeActivateRequest,
  encodeActivateResponse,
  encodeCapabilities,
  encodeCapabilitiesRequest,
  encodeChallenge,
  encodeChallengeRequest,
  encodeCipherSuiteRecords,
  encodeDeactivatePayload,
  encodeMessage,
  encodeOpenSessionRequest,
  encodeOpenSessionResponse,
  encodePing,
  encodePong,
  encodeRakp1,
  encodeRakp2,
  encodeRakp3,
  encodeRakp4,
  encodeRakpRefusal,
  encodeSendMessage,
  encodeSol,
  encodeV15,
  encodeV20,
  type Message,
} from '../src/codec/index.ts';
import { ProtocolError } from '../src/index.ts';

const record = <T>(fields: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record<T>(fields, { noNullPrototype: true });
const byte = fc.integer({ min: 0, max: 0xff });
const nibble = fc.integer({ min: 0, max: 15 });
const word = fc.integer({ min: 0, max: 0xffff });
const long = fc.integer({ min: 0, max: 0xffffffff });
const six = fc.integer({ min: 0, max: 0x3f });
const two = fc.integer({ min: 0, max: 3 });
const bytes = (minimum: number, maximum = minimum) =>
  fc.uint8Array({ minLength: minimum, maxLength: maximum }).map((array) => Buffer.from(array));

const message: fc.Arbitrary<Message & { data: Buffer }> = record({
  to: byte,
  toLun: two,
  netFn: six,
  from: byte,
  fromLun: two,
  sequence: six,
  command: byte,
  data: bytes(0, 200),
});

const suite = record({ authentication: six, integrity: six, confidentiality: six });

function backAndForth<T>(values: fc.Arbitrary<T>, encode: (value: T) => Buffer, decode: (bytes: Buffer) => unknown) {
  fc.assert(fc.property(values, (value) => assert.deepEqual(decode(encode(value)), value)));
}

test('messages and what bridges them', () => {
  backAndForth(message, encodeMessage, decodeMessage);
  fc.assert(
    fc.property(nibble, message, (channel, inner) => {
      assert.deepEqual(decodeSendMessage(encodeSendMessage(channel, inner)), {
        channel,
        tracked: true,
        message: inner,
      });
    }),
  );
});

test('a message with any one bit turned is refused', () => {
  fc.assert(
    fc.property(message, fc.nat(), (value, at) => {
      const encoded = encodeMessage(value);
      const bit = at % (encoded.length * 8);
      encoded[bit >> 3] = (encoded[bit >> 3] as number) ^ (1 << (bit & 7));
      assert.throws(() => decodeMessage(encoded), ProtocolError);
    }),
  );
});

test('session headers', () => {
  const v15 = record({ sequence: long, sessionId: long, payload: bytes(0, 255) });
  backAndForth(
    v15.map((packet) => ({ authenticationType: 0, ...packet })),
    encodeV15,
    (packet) => decodeV15(decodeRmcp(packet).data),
  );
  backAndForth(
    fc.tuple(v15, bytes(16), fc.constantFrom(1, 2, 4, 5)).map(([packet, authenticationCode, authenticationType]) => ({
      ...packet,
      authenticationCode,
      authenticationType,
    })),
    encodeV15,
    (packet) => decodeV15(decodeRmcp(packet).data),
  );
  const v20 = record({
    payloadType: six,
    encrypted: fc.boolean(),
    authenticated: fc.boolean(),
    sessionId: long,
    sequence: long,
    payload: bytes(0, 300),
  }).map((packet) => (packet.payloadType === 2 ? { ...packet, oem: { enterprise: 343, payloadId: 7 } } : packet));
  fc.assert(
    fc.property(v20, fc.constantFrom(12, 16), (packet, codeLength) => {
      const encoded = encodeV20(packet, codeLength);
      const { covered, authenticationCode, ...decoded } = decodeV20(decodeRmcp(encoded).data);
      assert.deepEqual(decoded, packet);
      assert.equal(covered.length % 4, 0);
      assert.equal(authenticationCode.length, packet.authenticated ? codeLength : 0);
    }),
  );
});

test('the packets that old Ethernet chips drop are made one byte longer', () => {
  const lengths = Array.from({ length: 200 }, (_, length) =>
    encodeV15({ authenticationType: 0, sequence: 0, sessionId: 0, payload: Buffer.alloc(length) }),
  ).map((packet) => packet.length);
  for (const length of [56, 84, 112, 128, 156]) {
    assert.ok(!lengths.includes(length));
    assert.ok(lengths.includes(length + 1));
  }
});

test('the login of RMCP+', () => {
  const request = record({ tag: byte, maximumPrivilege: nibble, consoleSessionId: long, suite });
  backAndForth(request, encodeOpenSessionRequest, decodeOpenSessionRequest);
  backAndForth(
    fc.tuple(request, long).map(([open, bmcSessionId]) => ({ ...open, bmcSessionId, status: 0 as const })),
    encodeOpenSessionResponse,
    decodeOpenSessionResponse,
  );
  const status = fc.integer({ min: 1, max: 0xff });
  backAndForth(record({ tag: byte, status }), encodeOpenSessionResponse, decodeOpenSessionResponse);
  backAndForth(
    record({ tag: byte, bmcSessionId: long, consoleRandom: bytes(16), role: byte, userName: bytes(0, 16) }),
    encodeRakp1,
    decodeRakp1,
  );
  const ok = fc.constant(0 as const);
  backAndForth(
    record({
      tag: byte,
      status: ok,
      consoleSessionId: long,
      bmcRandom: bytes(16),
      bmcGuid: bytes(16),
      code: bytes(0, 32),
    }),
    encodeRakp2,
    decodeRakp2,
  );
  backAndForth(record({ tag: byte, status: ok, bmcSessionId: long, code: bytes(0, 32) }), encodeRakp3, decodeRakp3);
  backAndForth(
    record({ tag: byte, status: ok, consoleSessionId: long, check: bytes(0, 16) }),
    encodeRakp4,
    decodeRakp4,
  );
  for (const decode of [decodeRakp2, decodeRakp3, decodeRakp4]) {
    backAndForth(record({ tag: byte, status, sessionId: long }), encodeRakpRefusal, decode);
  }
});

test('the commands around a login', () => {
  backAndForth(
    record({ channel: nibble, privilege: nibble, extended: fc.boolean() }),
    encodeCapabilitiesRequest,
    decodeCapabilitiesRequest,
  );
  const flag = fc.boolean();
  const capabilities: fc.Arbitrary<Capabilities> = record({
    channel: nibble,
    none: flag,
    md2: flag,
    md5: flag,
    straightPassword: flag,
    oem: flag,
    bmcKeySet: flag,
    perMessageAuthenticationDisabled: flag,
    userLevelAuthenticationDisabled: flag,
    nonNullUsers: flag,
    nullUsers: flag,
    anonymousLogin: flag,
    v15: flag,
    v20: fc.constant(true),
    oemEnterprise: fc.integer({ min: 0, max: 0xffffff }),
    oemData: byte,
  });
  backAndForth(capabilities, (value) => encodeCapabilities(value, true), decodeCapabilities);
  backAndForth(
    capabilities.map((value) => ({ ...value, v15: true, v20: false })),
    (value) => encodeCapabilities(value, true),
    decodeCapabilities,
  );
  backAndForth(
    record({
      authenticationType: nibble,
      userName: bytes(0, 16).filter((name) => name.length === 0 || name[name.length - 1] !== 0),
    }),
    encodeChallengeRequest,
    decodeChallengeRequest,
  );
  backAndForth(record({ temporarySessionId: long, challenge: bytes(16) }), encodeChallenge, decodeChallenge);
  const activate: fc.Arbitrary<ActivateRequest> = record({
    authenticationType: nibble,
    privilege: nibble,
    challenge: bytes(16),
    outboundSequence: long,
  });
  backAndForth(activate, encodeActivateRequest, decodeActivateRequest);
  backAndForth(
    record({ authenticationType: nibble, sessionId: long, inboundSequence: long, privilege: nibble }),
    encodeActivateResponse,
    decodeActivateResponse,
  );
});

test('Serial over LAN', () => {
  backAndForth(
    record({ sequence: nibble, acknowledged: nibble, accepted: byte, flags: byte, data: bytes(0, 255) }),
    encodeSol,
    decodeSol,
  );
  backAndForth(
    record({ payloadType: six, instance: nibble, encrypted: fc.boolean(), authenticated: fc.boolean() }),
    encodeActivatePayload,
    decodeActivatePayload,
  );
  backAndForth(
    record({ inboundSize: word, outboundSize: word, port: word, vlan: word }),
    encodeActivatePayloadResponse,
    decodeActivatePayloadResponse,
  );
  fc.assert(
    fc.property(six, nibble, (payloadType, instance) => {
      assert.deepEqual(decodeDeactivatePayload(encodeDeactivatePayload(payloadType, instance)), {
        payloadType,
        instance,
      });
    }),
  );
});

test('presence ping and pong', () => {
  backAndForth(byte, encodePing, (packet) => decodeAsf(packet).tag);
  backAndForth(
    record({
      type: fc.constant('pong' as const),
      tag: byte,
      enterprise: long,
      oemDefined: long,
      supportsIpmi: fc.boolean(),
      supportedInteractions: byte,
    }),
    encodePong,
    decodeAsf,
  );
  assert.equal(encodePing(0).toString('hex'), '0600ff06000011be80000000');
});

test('cipher suite records, also as ipmi_sim and others send them', () => {
  const ids = Object.keys(cipherSuites).map(Number);
  assert.deepEqual(
    decodeCipherSuiteRecords(encodeCipherSuiteRecords(ids)),
    ids.map((id) => ({ id, ...cipherSuites[id] })),
  );
  assert.deepEqual(decodeCipherSuiteRecords(Buffer.from('c1 80 57 01 00 03 44 81'.replaceAll(' ', ''), 'hex')), [
    { id: 0x80, enterprise: 343, authentication: 3, integrity: 4, confidentiality: 1 },
  ]);
  assert.deepEqual(decodeCipherSuiteRecords(Buffer.from('c000', 'hex')), [
    { id: 0, authentication: 0, integrity: 0, confidentiality: 0 },
  ]);
  assert.throws(() => decodeCipherSuiteRecords(Buffer.from('c1', 'hex')), ProtocolError);
  assert.throws(() => decodeCipherSuiteRecords(Buffer.from('05', 'hex')), ProtocolError);
});

test('the packet that starts every conversation is what ipmitool sends', () => {
  const payload = encodeMessage({
    to: 0x20,
    toLun: 0,
    netFn: 0x06,
    from: 0x81,
    fromLun: 0,
    sequence: 0,
    command: 0x38,
    data: encodeCapabilitiesRequest({ channel: 14, privilege: 4, extended: true }),
  });
  const packet = encodeV15({ authenticationType: 0, sequence: 0, sessionId: 0, payload });
  assert.equal(packet.toString('hex'), '0600ff07000000000000000000092018c88100388e04b5');
  assert.equal(checksum(Buffer.of(0x20, 0x18), 0, 2), 0xc8);
});

test('what does not fit a field is a mistake of the caller', () => {
  const whole = {
    to: 0x20,
    toLun: 0,
    netFn: 6,
    from: 0x81,
    fromLun: 0,
    sequence: 0,
    command: 1,
    data: Buffer.alloc(0),
  };
  assert.throws(() => encodeMessage({ ...whole, sequence: 64 }), /sequence number is 64/);
  assert.throws(
    () =>
      encodeRakp1({ tag: 0, bmcSessionId: 1, consoleRandom: Buffer.alloc(16), role: 4, userName: Buffer.alloc(17) }),
    RangeError,
  );
  assert.throws(
    () => encodeSol({ sequence: 16, acknowledged: 0, accepted: 0, flags: 0, data: Buffer.alloc(0) }),
    RangeError,
  );
});
