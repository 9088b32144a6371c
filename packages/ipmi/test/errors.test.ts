// Errors tell what failed, where, and what to do.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CompletionCodeError, completionCodeText, IpmiError, ProtocolError, TimeoutError } from '../src/index.ts';

test('a completion code is told in words, those of the command first', () => {
  const error = new CompletionCodeError({ netFn: 0x06, command: 0x48 }, 0x80);
  assert.ok(error instanceof IpmiError);
  assert.equal(error.name, 'CompletionCodeError');
  assert.match(
    error.message,
    /^Activate Payload \(0x48 of network function 0x06\) ended .*0x80: payload already active on another session/,
  );
  const told = (netFn: number, command: number, ...data: number[]) =>
    new CompletionCodeError({ netFn, command, data: Uint8Array.from(data) }, 0xc1).message;
  assert.match(told(0x30, 0x01), /^command 0x01 of network function 0x30 ended/);
  // The first byte says whose definition it is.
  assert.match(told(0x2c, 0x02, 0xdc, 1), /^Get Power Reading \(0x02 of network function 0x2c\) ended/);
  assert.match(told(0x2c, 0x00, 0x00), /^Get PICMG Properties /);
  assert.match(told(0x2c, 0x02, 0x03), /^command 0x02 of network function 0x2c ended/);
  assert.equal(completionCodeText(0x07, 0x48, 0x80), completionCodeText(0x06, 0x48, 0x80));
  assert.match(completionCodeText(0x06, 0x01, 0xc0), /busy/);
  assert.equal(completionCodeText(0x2c, 0x01, 0x80), 'a code of this command');
  assert.equal(completionCodeText(0x2c, 0x01, 0x11), 'a code of the manufacturer');
  assert.equal(completionCodeText(0x2c, 0x01, 0xf0), 'a reserved code');
  assert.match(completionCodeText(0x00, 0x08, 0x81), /another client/);
  assert.match(completionCodeText(0x0a, 0x47, 0xc5), /reserve again/);
  assert.match(completionCodeText(0x2c, 0x03, 0x80), /no power limit/);
});

test('a protocol error has its place in the packet', () => {
  const error = new ProtocolError('bad checksum', 'IPMI message', 7, 'is 0x12, should be 0x13');
  assert.equal(error.message, 'IPMI message at byte 7: bad checksum, is 0x12, should be 0x13');
});

test('a time-out says what was tried', () => {
  assert.match(
    new TimeoutError('192.0.2.1:623', 'Get Device ID', 3, 4000).message,
    /Get Device ID at 192\.0\.2\.1:623: no answer to 3 packets in 4000 ms/,
  );
});
