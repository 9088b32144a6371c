// Keys and codes: recorded logins of real BMCs, and packets that are signed and encrypted and read again.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  additionalKey,
  authenticationAlgorithms,
  checkV15Code,
  cipherSuites,
  decodeRmcp,
  decrypt,
  type Exchange,
  encrypt,
  isImplemented,
  openBytes,
  packetKeys,
  rakp2Code,
  rakp3Code,
  rakp4Check,
  sealPacket,
  sessionIntegrityKey,
  v15Code,
} from '../src/codec/index.ts';
import { ProtocolError } from '../src/index.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex');

test('a login with SHA1 that ipmitool printed step by step', () => {
  const exchange: Exchange = {
    algorithm: 1,
    consoleSessionId: 0xa0a2a3a4,
    bmcSessionId: 0x00993554,
    consoleRandom: hex('457b81bb 81b86c94 6897113a b5ff3b30'),
    bmcRandom: hex('52657519 88b73c5e 42e8947c 25b138b5'),
    bmcGuid: hex('34393433 3239434e 47303133 53363334'),
    role: 0x14,
    userName: Buffer.from('Administrator'),
  };
  const password = Buffer.from('123456abc');
  assert.deepEqual(rakp2Code(exchange, password), hex('b841467a a61f7ef4 e1600c85 761f07b2 745433f6'));
  assert.deepEqual(rakp3Code(exchange, password), hex('328fbb8f d61ee102 786d1faa 40080c7a 5e6a1efb'));
  const sik = sessionIntegrityKey(exchange, password);
  assert.deepEqual(sik, hex('29a3aa86 249a8d6b d5a7d959 7339375d 560f3806'));
  assert.deepEqual(additionalKey(1, sik, 1), hex('c54ddc1b cc14a469 89c6f280 5679bb58 3d81b1c7'));
  assert.deepEqual(additionalKey(1, sik, 2), hex('35f46e58 2502de15 1981f9a0 52d1ee2d 5aa73bd5'));
  assert.deepEqual(rakp4Check(exchange, sik), hex('6b0c077a 02038f9a 65891665'));
});

test('a RAKP message 2 that is published as a test of password recovery', () => {
  const exchange: Exchange = {
    algorithm: 1,
    consoleSessionId: hex('b7c2d6f1').readUInt32LE(),
    bmcSessionId: hex('3a43dce2').readUInt32LE(),
    consoleRandom: hex('e44ad120 a9cd8a13 d0ca23f0 414275c0'),
    bmcRandom: hex('bbe1070d 2d1299b1 c04da0f1 a0f1e4e2'),
    bmcGuid: hex('53730026 3a220000 00000000 00000000'),
    role: 0x14,
    userName: Buffer.from('hashcat'),
  };
  assert.deepEqual(rakp2Code(exchange, Buffer.from('hashcat')), hex('472bdabe 2d5d4bff d6add7b3 ba79a291 d104a9ef'));
});

test('codes have the lengths of their algorithms', () => {
  const exchange = (algorithm: number): Exchange => ({
    algorithm,
    consoleSessionId: 1,
    bmcSessionId: 2,
    consoleRandom: Buffer.alloc(16, 1),
    bmcRandom: Buffer.alloc(16, 2),
    bmcGuid: Buffer.alloc(16, 3),
    role: 4,
    userName: Buffer.alloc(0),
  });
  for (const [number, algorithm] of Object.entries(authenticationAlgorithms)) {
    const given = exchange(Number(number));
    assert.equal(rakp2Code(given, Buffer.from('x')).length, algorithm.codeLength);
    assert.equal(rakp3Code(given, Buffer.from('x')).length, algorithm.codeLength);
    assert.equal(rakp4Check(given, sessionIntegrityKey(given, Buffer.from('x'))).length, algorithm.checkLength);
  }
  assert.throws(() => rakp2Code(exchange(7), Buffer.from('x')), /algorithm 7 is not known/);
});

const spoken = Object.entries(cipherSuites).filter(([, suite]) => isImplemented(suite));

test('the suites without xRC4 are spoken', () => {
  assert.deepEqual(
    spoken.map(([id]) => Number(id)),
    [0, 1, 2, 3, 6, 7, 8, 11, 12, 15, 16, 17],
  );
});

test('packets of every suite are read again by who has the keys, and by nobody else', () => {
  const payloads = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
  const long = fc.integer({ min: 0, max: 0xffffffff });
  for (const [, suite] of spoken) {
    const sik = Buffer.alloc(32, 7);
    const keys = packetKeys(suite, sik, Buffer.from('secret'));
    const others = packetKeys(suite, Buffer.alloc(32, 8), Buffer.from('secret2'));
    fc.assert(
      fc.property(payloads, long, long, fc.nat(), (payload, sessionId, sequence, at) => {
        const packet = { payloadType: 0, sessionId, sequence, payload };
        const sealed = sealPacket(keys, packet);
        assert.deepEqual(openBytes(keys, decodeRmcp(sealed).data), packet);
        if (suite.integrity === 0) return;
        assert.throws(() => openBytes(others, decodeRmcp(sealed).data), ProtocolError);
        const turned = 4 + (at % (sealed.length - 4));
        sealed[turned] = (sealed[turned] as number) ^ 0x10;
        assert.throws(() => openBytes(keys, decodeRmcp(sealed).data), ProtocolError);
      }),
      { numRuns: 30 },
    );
  }
});

test('a packet without code or encryption is refused in a session that has them', () => {
  const keys = packetKeys({ authentication: 1, integrity: 1, confidentiality: 1 }, Buffer.alloc(20), Buffer.alloc(0));
  const signedOnly = packetKeys(
    { authentication: 1, integrity: 1, confidentiality: 0 },
    Buffer.alloc(20),
    Buffer.alloc(0),
  );
  const bare = packetKeys({ authentication: 1, integrity: 0, confidentiality: 0 }, Buffer.alloc(20), Buffer.alloc(0));
  const packet = { payloadType: 0, sessionId: 1, sequence: 1, payload: Buffer.from('payload') };
  assert.throws(() => openBytes(keys, decodeRmcp(sealPacket(bare, packet)).data), /not authenticated/);
  assert.throws(() => openBytes(keys, decodeRmcp(sealPacket(signedOnly, packet)).data), /not encrypted/);
});

test('an encrypted payload is longer by vector and pad only', () => {
  const key = Buffer.alloc(16, 9);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (array) => {
      const payload = Buffer.from(array);
      const encrypted = encrypt(payload, key);
      assert.equal(encrypted.length, 16 + 16 * Math.ceil((payload.length + 1) / 16));
      assert.deepEqual(decrypt(encrypted, key), payload);
    }),
  );
});

test('codes of IPMI 1.5', () => {
  const packet = { sequence: 0x01020304, sessionId: 0x0a0b0c0d, payload: Buffer.from('payload') };
  const password = Buffer.from('secret12');
  const key = Buffer.concat([password, Buffer.alloc(8)]);
  const md5 = v15Code({ authenticationType: 2, ...packet }, password);
  const input = Buffer.concat([key, hex('0d0c0b0a'), packet.payload, hex('04030201'), key]);
  assert.deepEqual(md5, createHash('md5').update(input).digest());
  assert.deepEqual(v15Code({ authenticationType: 4, ...packet }, password), key);
  assert.equal(v15Code({ authenticationType: 0, ...packet }, password), undefined);
  assert.throws(() => v15Code({ authenticationType: 1, ...packet }, password), ProtocolError);
  checkV15Code({ authenticationType: 2, ...packet, authenticationCode: md5 as Buffer }, password);
  assert.throws(
    () => checkV15Code({ authenticationType: 2, ...packet, authenticationCode: md5 as Buffer }, Buffer.from('other')),
    ProtocolError,
  );
});
