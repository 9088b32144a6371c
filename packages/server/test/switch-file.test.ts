// The file with the switches: what it says is read, and what is wrong with it is told with file, line and key, all at once.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { ConfigError, loadConfig } from '../src/config/index.ts';
import { checkSwitchConfiguration } from '../src/network/ironic-networking/check-configuration.ts';
import { formatPortConfig, parseNetworkText, portModes } from '../src/network/switches/port-config.ts';
import { readSwitchFile } from '../src/network/switches/switch-file.ts';
import { createSwitches } from '../src/network/switches/switches.ts';
import { formatVlans, parseVlans, sortedVlans } from '../src/network/switches/vlans.ts';

async function withFile<Result>(text: string, work: (file: string, directory: string) => Promise<Result>) {
  const directory = await mkdtemp(join(tmpdir(), 'wrought-switches-'));
  try {
    const file = join(directory, 'switches.toml');
    await writeFile(file, text);
    return await work(file, directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

const KEY = `SHA256:${'A'.repeat(43)}`;

test('switches of both kinds are read, with paths from the file on', async () => {
  const text = `
[rack1]
type = "openvswitch"
switch_ids = ["52:54:00:FF:FF:02", "00003657d4059e4c"]
database = "ssl:[fd00::1]:6640"
bridge = "br0"
ca_file = "ca.pem"
allowed_vlans = "100-102"

[leaf1]
type = "ssh"
profile = "cisco-ios"
switch_ids = ["00:1c:73:00:00:01"]
address = "192.0.2.11"
username = "wrought"
password_file = "/etc/leaf1"
host_key = "${KEY}"
default_vlan = 4000
save = true
`;
  await withFile(text, async (file, directory) => {
    assert.deepEqual(
      (await readSwitchFile(file)).map((each) => ({
        ...each,
        access: each.access.type === 'ssh' ? { ...each.access, profile: each.access.profile.name } : each.access,
      })),
      [
        {
          name: 'rack1',
          switchIds: ['52:54:00:ff:ff:02', '00003657d4059e4c'],
          allowedVlans: [100, 101, 102],
          defaultVlan: 1,
          access: {
            type: 'openvswitch',
            database: { kind: 'ssl', host: 'fd00::1', port: 6640 },
            bridge: 'br0',
            ...{ caFile: join(directory, 'ca.pem'), certificateFile: null, keyFile: null },
          },
        },
        {
          name: 'leaf1',
          switchIds: ['00:1c:73:00:00:01'],
          allowedVlans: null,
          defaultVlan: 4000,
          access: {
            ...{ type: 'ssh', address: '192.0.2.11', port: 22, profile: 'cisco-ios', username: 'wrought' },
            ...{ passwordFile: '/etc/leaf1', keyFile: null, enablePasswordFile: null, hostKey: KEY },
            ...{ legacyAlgorithms: false, save: true },
          },
        },
      ],
    );
  });
});

test('everything that is wrong is told with its line', async () => {
  const text = `[a]
type = "openvswitch"
switch_ids = []
database = "tcp:nowhere"
brigde = "br0"
certificate_file = "x"
[b]
type = "telnet"
switch_ids = ["52:54:00:00:00:01"]
[c]
type = "ssh"
switch_ids = ["52:54:00:00:00:01"]
profile = "hal"
address = "192.0.2.1"
username = "u"
port = 0
host_key = "MD5:00"
default_vlan = 5000
allowed_vlans = "7-3"
save = "yes"
`;
  const problems = await withFile(text, async (file) => {
    const error: unknown = await readSwitchFile(file).catch((reason: unknown) => reason);
    assert.ok(error instanceof ConfigError);
    return error.message.replaceAll(`${file}:`, '').split('\n');
  });
  for (const [line, key, expected] of [
    [3, 'a.switch_ids', /is \[\]; allowed: a list/],
    [4, 'a.database', /"tcp:nowhere"; allowed: "unix:PATH"/],
    [1, 'a.bridge', /is missing/],
    [5, 'a.brigde', /no such key; allowed: type, switch_ids/],
    [6, 'a.certificate_file', /goes with key_file/],
    [8, 'b.type', /"telnet"; allowed: "openvswitch", "ssh"/],
    [12, 'c.switch_ids', /is a switch_id of "b" as well/],
    [13, 'c.profile', /"hal"; allowed: "arista-eos"/],
    [16, 'c.port', /is 0; allowed: a number from 1 to 65535/],
    [17, 'c.host_key', /43 characters/],
    [10, 'c.password_file', /is missing; name a file with the password/],
    [18, 'c.default_vlan', /5000; allowed: a VLAN from 1 to 4094/],
    [19, 'c.allowed_vlans', /"7-3"; allowed: VLANs such as/],
    [20, 'c.save', /"yes"; allowed: true or false/],
  ] as const) {
    const found = problems.find((each) => each.startsWith(`${line}: ${key}:`));
    assert.match(found ?? `line ${line} of ${key} is not told in:\n${problems.join('\n')}`, expected);
  }
});

test('a file that is not there, or is no TOML, is told by the option that names it', async () => {
  await assert.rejects(readSwitchFile('/nowhere/switches.toml'), /ENOENT.*ironic_networking\.switch_config_file/);
  await withFile('[a', async (file) => {
    const switches = createSwitches(() => loadConfig({ set: [`ironic_networking.switch_config_file=${file}`] }));
    await assert.rejects(switches.definitions(), /The file with the switches can not be used\. .*switches\.toml/);
  });
});

const vlan = fc.integer({ min: 1, max: 4094 });

test('lists of VLANs are read as they are written', () => {
  fc.assert(
    fc.property(fc.array(vlan, { minLength: 1 }), (vlans) => {
      assert.deepEqual(parseVlans(formatVlans(vlans)), sortedVlans(vlans));
    }),
  );
  for (const text of ['', '0', '4095', '1-', '5-3', 'a', '1,,2', '-1']) {
    assert.equal(parseVlans(text), null, text);
  }
});

test('networks are read as they are written', () => {
  const config = fc.record({
    mode: fc.constantFrom(...portModes),
    native_vlan: vlan,
    allowed_vlans: fc.uniqueArray(vlan, { minLength: 1, maxLength: 100 }).map(sortedVlans),
  });
  fc.assert(
    fc.property(config, (given) => {
      const wanted = { ...given, ...(given.mode === 'access' ? { allowed_vlans: [] } : {}) };
      assert.deepEqual(parseNetworkText(formatPortConfig(wanted)), { config: wanted });
    }),
  );
});

test('a server does not start with networks that are none', async () => {
  const set = [
    'ironic_networking.idle_network=access',
    'ironic_networking.allowed_vlans=["9-3"]',
    'ironic_networking.switch_config_file=/nowhere/switches.toml',
  ];
  const error: unknown = await checkSwitchConfiguration(loadConfig({ set })).catch((reason: unknown) => reason);
  assert.ok(error instanceof ConfigError);
  assert.deepEqual(
    error.problems.map(({ key }) => key),
    ['ironic_networking.idle_network', 'ironic_networking.allowed_vlans', null],
  );
  await checkSwitchConfiguration(loadConfig());
});
