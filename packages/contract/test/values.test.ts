// The types of field values: what they take, what they keep, and what they say when they refuse.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  flag,
  isHostName,
  isLogicalName,
  isTrait,
  isUuidLike,
  mac,
  nodeResource,
  nullable,
  portResource,
  readBoolean,
  readConfigdrive,
  readLocalLinkConnection,
  text,
  uuid,
  type ValueType,
} from '../src/index.ts';

const accepts = (type: ValueType, value: unknown) => type.read(value).ok;
const kept = (type: ValueType, value: unknown) => {
  const reading = type.read(value);
  return reading.ok ? reading.value : undefined;
};

test('a UUID is kept in its canonical form, however it was written', () => {
  fc.assert(
    fc.property(fc.uuid(), (value) => {
      assert.equal(kept(uuid, value.toUpperCase()), value);
      assert.equal(kept(uuid, value.replaceAll('-', '')), value);
      assert.ok(isUuidLike(value));
    }),
  );
  for (const value of ['', 'x', 5, null, '0000000a-0000-4000-8000-00000000000']) {
    assert.equal(accepts(uuid, value), false);
  }
});

test('booleans take the words that clients use', () => {
  for (const word of [true, '1', 't', 'TRUE', 'on', 'Y', ' yes ']) {
    assert.equal(readBoolean(word), true, String(word));
  }
  for (const word of [false, '0', 'f', 'False', 'off', 'n', 'no']) {
    assert.equal(readBoolean(word), false, String(word));
  }
  for (const word of ['maybe', '', 2, 0, null, {}]) {
    assert.equal(readBoolean(word), undefined, String(word));
  }
  assert.equal(accepts(flag, null), false);
  assert.equal(accepts(nullable(flag), null), true);
});

test('MAC addresses are kept in lower case, and dashes are refused', () => {
  assert.equal(kept(mac, '52:54:00:AA:bb:CC'), '52:54:00:aa:bb:cc');
  for (const value of ['52-54-00-aa-bb-cc', '52:54:00:aa:bb', '52:54:00:aa:bb:cg', 5, '']) {
    assert.equal(accepts(mac, value), false);
  }
});

test('text has bounds that its words name', () => {
  const type = text(5, { minimum: 2 });
  fc.assert(
    fc.property(fc.string({ maxLength: 9 }), (value) => {
      assert.equal(accepts(type, value), value.length >= 2 && value.length <= 5);
    }),
  );
  assert.match(type.allowed, /2 to 5/);
});

test('names: free ones, host names, and traits', () => {
  for (const name of ['n1', 'N6.x_~-', '-', 'a'.repeat(255)]) {
    assert.ok(isLogicalName(name), name);
  }
  for (const name of ['', 'a b', 'ä', 'a/b', 'a'.repeat(256)]) {
    assert.ok(!isLogicalName(name), name);
  }
  for (const name of ['n1', 'a.b-c', 'a.b.']) {
    assert.ok(isHostName(name), name);
  }
  for (const name of ['N1', 'n_1', '-x', 'x-', 'a..b', '', `${'a'.repeat(64)}.b`]) {
    assert.ok(!isHostName(name), name);
  }
  for (const name of ['CUSTOM_A', 'CUSTOM_1_B', 'HW_CPU_X86_VMX']) {
    assert.ok(isTrait(name), name);
  }
  for (const name of ['CUSTOM_', 'CUSTOM_a', 'HW_NO_SUCH', '', `CUSTOM_${'A'.repeat(255)}`]) {
    assert.ok(!isTrait(name), name);
  }
});

test("a node's properties take sizes as integers or digits", () => {
  const { type } = nodeResource.fields.properties;
  for (const value of [{}, { cpus: '4' }, { memory_mb: 0 }, { capabilities: 'anything' }, { cpus: null }]) {
    assert.ok(accepts(type, value), JSON.stringify(value));
  }
  for (const value of [{ cpus: 'abc' }, { memory_mb: -1 }, { local_gb: 1.5 }, [], 'x']) {
    assert.ok(!accepts(type, value), JSON.stringify(value));
  }
});

test('network data says where it is wrong', () => {
  const { type } = nodeResource.fields.network_data;
  const link = { id: 'eth0', type: 'phy', ethernet_mac_address: '52:54:00:00:00:01', mtu: 1500 };
  const network = { id: 'n0', link: 'eth0', network_id: 'x', type: 'ipv4', ip_address: '192.0.2.5' };
  const whole = { links: [link], networks: [network], services: [{ type: 'dns', address: '192.0.2.1' }] };
  assert.ok(accepts(type, whole));
  assert.ok(accepts(type, {}));
  assert.deepEqual(kept(type, null), {});
  const wrong: readonly [unknown, string][] = [
    [{ x: 1 }, '.links'],
    [{ ...whole, links: [{ ...link, mtu: 0 }] }, '.links[0].mtu'],
    [{ ...whole, links: [{ ...link, type: 'zz' }] }, '.links[0].type'],
    [{ ...whole, links: [{ ...link, type: 'vlan' }] }, '.links[0].vlan_mac_address'],
    [{ ...whole, networks: [{ ...network, link: undefined }] }, '.networks[0].link'],
    [{ ...whole, services: [{ type: 'ntp', address: 'x' }] }, '.services[0].type'],
  ];
  for (const [value, at] of wrong) {
    const reading = type.read(value);
    assert.ok(!reading.ok && reading.at === at, `${JSON.stringify(value)}: ${JSON.stringify(reading)}`);
  }
});

test('a local link connection needs enough to find the port', () => {
  const { type } = portResource.fields.local_link_connection;
  const switchId = '0a:1B:2c:3d:4e:5f';
  for (const value of [
    {},
    { switch_id: switchId, port_id: 'e1' },
    { port_id: 'e1', hostname: 'h' },
    { network_type: 'unmanaged' },
    { switch_id: '0000000000000001', port_id: 'e1', switch_info: 's' },
  ]) {
    assert.ok(accepts(type, value), JSON.stringify(value));
  }
  for (const value of [
    { switch_id: switchId },
    { port_id: 'e1' },
    { network_type: 'managed' },
    { network_type: 'x' },
    { switch_id: 'x', port_id: 'e1' },
    { switch_id: switchId, port_id: 'e1', more: 'x' },
    { switch_id: switchId, port_id: 1 },
  ]) {
    assert.ok(!accepts(type, value), JSON.stringify(value));
  }
  const reading = readLocalLinkConnection({ switch_id: switchId, port_id: 'e1' });
  assert.deepEqual(reading.ok && reading.value, { switch_id: switchId.toLowerCase(), port_id: 'e1' });
});

test('config drives: URL, base64 text, or an object of known members', () => {
  for (const value of [
    'http://192.0.2.1/x',
    'H4sIAAAA',
    { meta_data: {} },
    { user_data: 'text' },
    { vendor_data: {} },
  ]) {
    assert.ok(readConfigdrive(value).ok, JSON.stringify(value));
  }
  for (const value of ['no base64!', 5, [], { other: {} }, { user_data: 5 }, { meta_data: 'x' }]) {
    assert.ok(!readConfigdrive(value).ok, JSON.stringify(value));
  }
});
