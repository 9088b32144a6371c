// The set-up of a network without DHCP: what `ip` is told, for every kind of link and network.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import fc from 'fast-check';
import { planNetwork, prefixLength } from '../src/network-plan.ts';

const interfaces = [
  { name: 'eth0', address: '52:54:00:00:00:01' },
  { name: 'eth1', address: '52:54:00:00:00:02' },
];
const phy = (id: string, address: string, more = {}) => ({ id, type: 'phy', ethernet_mac_address: address, ...more });

test('an address, its routes and name servers', () => {
  const plan = planNetwork(
    {
      links: [phy('l0', '52:54:00:00:00:01'.toUpperCase(), { mtu: 9000 })],
      networks: [
        {
          ...{ id: 'n0', link: 'l0', network_id: 'x', type: 'ipv4', ip_address: '192.0.2.5', netmask: '255.255.255.0' },
          routes: [
            { network: '0.0.0.0', netmask: '0.0.0.0', gateway: '192.0.2.1' },
            { network: '198.51.100.0', netmask: '255.255.255.128', gateway: '192.0.2.2' },
          ],
        },
        {
          ...{ id: 'n1', link: 'l0', network_id: 'y', type: 'ipv6', ip_address: '2001:db8::5/64' },
          routes: [{ network: '::', netmask: '::', gateway: 'fe80::1' }],
        },
      ],
      services: [{ type: 'dns', address: '192.0.2.53' }],
    },
    interfaces,
  );
  assert.deepEqual(
    plan.commands.map((command) => command.join(' ')),
    [
      'link set eth0 mtu 9000 up',
      '-4 address replace 192.0.2.5/24 dev eth0',
      '-4 route replace default via 192.0.2.1 dev eth0 onlink',
      '-4 route replace 198.51.100.0/25 via 192.0.2.2 dev eth0 onlink',
      '-6 address replace 2001:db8::5/64 dev eth0 nodad',
      '-6 route replace default via fe80::1 dev eth0 onlink',
    ],
  );
  assert.deepEqual([plan.nameservers, plan.dhcp, plan.problems], [['192.0.2.53'], [], []]);
});

test('a VLAN on a bond that asks for its address', () => {
  const plan = planNetwork(
    {
      links: [
        { id: 'v', type: 'vlan', vlan_id: 42, vlan_link: 'b', vlan_mac_address: '52:54:00:00:00:01' },
        {
          ...{ id: 'b', type: 'bond', bond_mode: '802.3ad', bond_links: ['l0', 'l1'] },
          ...{ ethernet_mac_address: '52:54:00:00:00:01', bond_miimon: 100, bond_lacp_rate: 'fast' },
        },
        phy('l0', '52:54:00:00:00:01'),
        phy('l1', '52:54:00:00:00:02'),
      ],
      networks: [{ id: 'n', link: 'v', network_id: 'x', type: 'ipv4_dhcp' }],
      services: [],
    },
    interfaces,
  );
  assert.deepEqual(
    plan.commands.map((command) => command.join(' ')),
    [
      'link set eth0 up',
      'link set eth1 up',
      'link add bond0 type bond mode 802.3ad lacp_rate fast miimon 100',
      'link set bond0 address 52:54:00:00:00:01',
      'link set eth0 down',
      'link set eth0 master bond0',
      'link set eth1 down',
      'link set eth1 master bond0',
      'link set bond0 up',
      'link add link bond0 name vlan42 address 52:54:00:00:00:01 type vlan id 42',
      'link set vlan42 up',
    ],
  );
  assert.deepEqual(plan.dhcp, ['vlan42']);
});

test('what is not there, or is no address, is told and the rest is done', () => {
  const plan = planNetwork(
    {
      links: [phy('l0', '52:54:00:00:00:01'), phy('gone', '52:54:00:00:00:99')],
      networks: [
        { id: 'n0', link: 'gone', network_id: 'x', type: 'ipv4_dhcp' },
        { id: 'n1', link: 'l0', network_id: 'x', type: 'ipv4', ip_address: '192.0.2.300', netmask: '255.255.255.0' },
      ],
      services: [],
    },
    interfaces,
  );
  assert.deepEqual(plan.commands, [['link', 'set', 'eth0', 'up']]);
  assert.deepEqual(plan.problems, [
    'Link gone: this machine has no interface 52:54:00:00:00:99.',
    'Network n0: its link gone is not there.',
    'Network n1: 192.0.2.300 with 255.255.255.0 is no address.',
  ]);
});

test('a mask of any length is read back, and holes are none', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 32 }), (length) => {
      const bits = '1'.repeat(length).padEnd(32, '0');
      const mask = [0, 8, 16, 24].map((at) => Number.parseInt(bits.slice(at, at + 8), 2)).join('.');
      return prefixLength(mask, 4) === length && prefixLength(String(length), 4) === length;
    }),
  );
  assert.equal(prefixLength('ffff:ffff:ffff:ffff::', 6), 64);
  assert.equal(prefixLength('::', 6), 0);
  assert.equal(prefixLength('255.0.255.0', 4), undefined);
  assert.equal(prefixLength('129', 6), undefined);
});

test('the real program takes the commands', (t) => {
  const namespace = `wrought-plan-${process.pid}`;
  const ip = (...args: string[]) => execFileSync('ip', args, { encoding: 'utf8' });
  ip('netns', 'add', namespace);
  t.after(() => ip('netns', 'delete', namespace));
  ip('-n', namespace, 'link', 'add', 'eth0', 'address', '52:54:00:00:00:01', 'type', 'veth', 'peer', 'name', 'far');
  const { commands } = planNetwork(
    {
      links: [phy('l0', '52:54:00:00:00:01', { mtu: 1400 })],
      networks: [
        {
          ...{ id: 'n0', link: 'l0', network_id: 'x', type: 'ipv4', ip_address: '192.0.2.5', netmask: '255.255.255.0' },
          routes: [{ network: '0.0.0.0', netmask: '0.0.0.0', gateway: '203.0.113.1' }],
        },
        { id: 'n1', link: 'l0', network_id: 'y', type: 'ipv6', ip_address: '2001:db8::5', netmask: '64' },
      ],
      services: [],
    },
    interfaces,
  );
  for (const command of commands) {
    ip('-n', namespace, ...command);
  }
  const shown = ip('-n', namespace, 'address', 'show', 'eth0');
  assert.match(shown, /mtu 1400/);
  assert.match(shown, /inet 192\.0\.2\.5\/24/);
  assert.match(shown, /inet6 2001:db8::5\/64/);
  assert.match(ip('-n', namespace, 'route', 'show', 'default'), /via 203\.0\.113\.1 dev eth0/);
});
