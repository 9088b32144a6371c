// Addresses, links and times of services: whatever a BMC sends, requests stay at the BMC.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { pathOf, readAddress } from '../src/http/address.ts';
import { readRetryAfter } from '../src/http/retry.ts';

const origin = 'https://192.0.2.10';

test('no link leads away from the service', () => {
  const link = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.webUrl(),
    fc.webPath(),
    fc.constantFrom(
      '//evil.example/x',
      '\\\\evil.example\\x',
      'https:evil.example',
      'javascript:alert(1)',
      '@evil',
      '?x',
    ),
  );
  fc.assert(
    fc.property(link, (text) => {
      const path = pathOf(text, origin);
      assert.ok(path === undefined || path.startsWith('/'));
      // As a request is sent: scheme and host of ours, and the path behind them.
      if (path !== undefined) assert.equal(new URL(origin + path).origin, origin);
    }),
    { numRuns: 2000 },
  );
});

test('links are paths with their query and without their fragment', () => {
  const links: readonly (readonly [string, string | undefined])[] = [
    ['/redfish/v1/Systems/1', '/redfish/v1/Systems/1'],
    ['redfish/v1/Systems/1', '/redfish/v1/Systems/1'],
    ['https://bmc.example/redfish/v1/Tasks/5?x=1', '/redfish/v1/Tasks/5?x=1'],
    ['/redfish/v1/Chassis/1/Power#/PowerSupplies/0', '/redfish/v1/Chassis/1/Power'],
    ['#/PowerSupplies/0', undefined],
    ['', undefined],
    ['ftp://bmc.example/x', undefined],
  ];
  for (const [link, path] of links) assert.equal(pathOf(link, origin), path, link);
});

test('addresses are read in each form in which they are given', () => {
  const addresses: readonly (readonly [string, string, string])[] = [
    ['192.0.2.10', 'https://192.0.2.10', '/redfish/v1/'],
    ['bmc.example:8443', 'https://bmc.example:8443', '/redfish/v1/'],
    ['http://[2001:db8::1]:8000/', 'http://[2001:db8::1]:8000', '/redfish/v1/'],
    ['https://bmc.example/node7/redfish/v1', 'https://bmc.example', '/node7/redfish/v1/'],
  ];
  for (const [text, expected, rootPath] of addresses) {
    assert.deepEqual(readAddress(text), { origin: expected, rootPath }, text);
  }
});

test('Retry-After is seconds or a date, and never below zero', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  assert.equal(readRetryAfter('30'), 30);
  assert.equal(readRetryAfter('Thu, 01 Jan 2026 00:01:00 GMT', now), 60);
  assert.equal(readRetryAfter('Wed, 31 Dec 2025 00:00:00 GMT', now), 0);
  assert.equal(readRetryAfter(undefined), undefined);
  fc.assert(
    fc.property(fc.string(), (text) => {
      const seconds = readRetryAfter(text, now);
      assert.ok(seconds === undefined || seconds >= 0);
    }),
  );
});
