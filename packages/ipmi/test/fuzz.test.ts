// Random and mutated packets: decoders throw ProtocolErrors and nothing else. WROUGHT_IPMI_FUZZ=1000000 for the long run.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as codec from '../src/codec/index.ts';
import { ProtocolError } from '../src/index.ts';
import { randomNumbers } from './support/random.ts';

const packets = Number(process.env.WROUGHT_IPMI_FUZZ ?? 20_000);
const seed = Number(process.env.WROUGHT_IPMI_FUZZ_SEED ?? 20260101);

const keys = codec.packetKeys(
  { authentication: 3, integrity: 4, confidentiality: 1 },
  Buffer.alloc(32, 1),
  Buffer.of(),
);
const unsigned = codec.packetKeys(
  { authentication: 1, integrity: 0, confidentiality: 1 },
  Buffer.alloc(20, 1),
  Buffer.of(),
);
const suite = { authentication: 3, integrity: 4, confidentiality: 1 };
const message = codec.encodeMessage({
  to: 0x81,
  toLun: 0,
  netFn: 7,
  from: 0x20,
  fromLun: 0,
  sequence: 1,
  command: 1,
  data: Buffer.alloc(16, 3),
});
const bytes16 = Buffer.alloc(16, 5);

/** Good packets and payloads, from which bad ones are made. */
const good: readonly Buffer[] = [
  codec.encodePing(1),
  codec.encodePong({ tag: 1, enterprise: 1, oemDefined: 2, supportsIpmi: true, supportedInteractions: 0 }),
  codec.encodeV15({ authenticationType: 2, sequence: 1, sessionId: 2, authenticationCode: bytes16, payload: message }),
  codec.encodeV15({ authenticationType: 0, sequence: 0, sessionId: 0, payload: message }),
  codec.sealPacket(keys, { payloadType: 0, sessionId: 7, sequence: 8, payload: message }),
  codec.sealPacket(unsigned, { payloadType: 1, sessionId: 7, sequence: 8, payload: message }),
  message,
  codec.encodeSendMessage(0, codec.decodeMessage(message)),
  codec.encodeOpenSessionRequest({ tag: 1, maximumPrivilege: 4, consoleSessionId: 5, suite }),
  codec.encodeOpenSessionResponse({
    tag: 1,
    status: 0,
    maximumPrivilege: 4,
    consoleSessionId: 5,
    bmcSessionId: 6,
    suite,
  }),
  codec.encodeRakp1({ tag: 1, bmcSessionId: 6, consoleRandom: bytes16, role: 0x14, userName: Buffer.from('admin') }),
  codec.encodeRakp2({
    tag: 1,
    status: 0,
    consoleSessionId: 5,
    bmcRandom: bytes16,
    bmcGuid: bytes16,
    code: Buffer.alloc(32),
  }),
  codec.encodeRakp4({ tag: 1, status: 0, consoleSessionId: 5, check: bytes16 }),
  codec.encodeSol({ sequence: 1, acknowledged: 2, accepted: 3, flags: 0, data: Buffer.from('text') }),
  codec.encodeCipherSuiteRecords([0, 3, 17]),
  codec.encodeActivatePayloadResponse({ inboundSize: 255, outboundSize: 255, port: 623, vlan: 0xffff }),
];

const decoders: readonly ((bytes: Buffer) => unknown)[] = [
  codec.decodeAsf,
  (packet) => codec.decodeV15(codec.decodeRmcp(packet).data),
  (packet) => codec.openBytes(keys, codec.decodeRmcp(packet).data),
  (packet) => codec.openBytes(unsigned, codec.decodeRmcp(packet).data),
  (packet) => codec.decrypt(packet, bytes16),
  codec.decodeV15,
  codec.decodeV20,
  codec.decodeMessage,
  codec.decodeSendMessage,
  codec.decodeOpenSessionRequest,
  codec.decodeOpenSessionResponse,
  codec.decodeRakp1,
  codec.decodeRakp2,
  codec.decodeRakp3,
  codec.decodeRakp4,
  codec.decodeSol,
  codec.decodeCapabilities,
  codec.decodeCapabilitiesRequest,
  codec.decodeCipherSuiteRecords,
  codec.decodeChallenge,
  codec.decodeChallengeRequest,
  codec.decodeActivateRequest,
  codec.decodeActivateResponse,
  codec.decodeActivatePayload,
  codec.decodeActivatePayloadResponse,
  codec.decodeDeactivatePayload,
];

function nextPacket(below: (limit: number) => number): Buffer {
  if (below(4) === 0) return Buffer.from(Array.from({ length: below(80) }, () => below(256)));
  const packet = Buffer.from(good[below(good.length)] as Buffer);
  for (let changes = 1 + below(4); changes > 0 && packet.length > 0; changes--)
    packet[below(packet.length)] = below(256);
  switch (below(4)) {
    case 0:
      return packet.subarray(0, below(packet.length + 1));
    case 1:
      return Buffer.concat([packet, Buffer.alloc(below(30), below(256))]);
    default:
      return packet;
  }
}

test(`${packets} bad packets`, () => {
  const below = randomNumbers(seed);
  let refused = 0;
  const before = process.memoryUsage().heapUsed;
  for (let count = 0; count < packets; count++) {
    const packet = nextPacket(below);
    for (const [index, decode] of decoders.entries()) {
      try {
        decode(packet);
      } catch (error) {
        if (!(error instanceof ProtocolError)) {
          throw new Error(`decoder ${index} on ${packet.toString('hex')} (packet ${count}, seed ${seed})`, {
            cause: error,
          });
        }
        refused++;
      }
    }
  }
  assert.ok(refused > packets);
  const grown = process.memoryUsage().heapUsed - before;
  assert.ok(grown < 200 * 1024 * 1024, `the heap grew by ${grown} bytes`);
});
