// LAN parameters, users and channels: both directions, the simulator beside ipmitool and FreeIPMI, and scripted answers.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type StandAloneBmc, startStandAloneBmc } from '@wrought/lab';
import fc from 'fast-check';
import {
  decodeChannelAccess,
  encodeChannelAccess,
  getChannelAccess,
  getChannelAuthenticationCapabilities,
  getChannelCipherSuites,
  getChannelInfo,
  getSessionInfo,
  setChannelAccess,
} from '../../src/commands/channels.ts';
import { getLanParameter, presentChannel, setLanParameter } from '../../src/commands/lan.ts';
import { lanParameters } from '../../src/commands/lan-parameters.ts';
import {
  decodeUserAccess,
  encodeUserAccess,
  getUserAccess,
  getUserName,
  setUserAccess,
  setUserEnabled,
  setUserName,
  setUserPassword,
  testUserPassword,
} from '../../src/commands/users.ts';
import {
  AuthenticationError,
  type Client,
  CompletionCodeError,
  type Parameter,
  type Session,
} from '../../src/index.ts';
import { fieldsOf } from '../support/peer-text.ts';
import { configSection, ipmitoolLogin, printedBy, sessionWith } from '../support/peers.ts';
import { ipmitoolSays, scriptedConnection, scriptOf } from '../support/scripted-bmc.ts';

let bmc: StandAloneBmc;
let client: Client;
let session: Session;

before(async () => {
  bmc = await startStandAloneBmc({
    users: [
      { id: 2, name: 'admin', password: 'secret12', privilege: 'admin' },
      { id: 3, name: 'reader', password: 'read', privilege: 'user' },
    ],
  });
  ({ client, session } = sessionWith(bmc));
});
after(async () => {
  await client.close();
  await bmc.stop();
});

const ipmitool = (...args: string[]) => printedBy('ipmitool', [...ipmitoolLogin(bmc), ...args]);

test('what can be written of the LAN parameters survives both directions', () => {
  const bytesOf: readonly (readonly [Parameter<unknown>, number, number])[] = [
    [lanParameters.setInProgress, 1, 0x01],
    [lanParameters.authenticationTypeEnables, 5, 0x37],
    [lanParameters.ipAddress, 4, 0xff],
    [lanParameters.ipAddressSource, 1, 0x0f],
    [lanParameters.macAddress, 6, 0xff],
    [lanParameters.ipv4Header, 3, 0xe0],
    [lanParameters.primaryPort, 2, 0xff],
    [lanParameters.bmcGeneratedArp, 1, 0x03],
    [lanParameters.gratuitousArpInterval, 1, 0xff],
    [lanParameters.vlanPriority, 1, 0x07],
    [lanParameters.cipherSuitePrivileges, 9, 0xff],
    [lanParameters.ipv6Enables, 1, 0xff],
  ];
  for (const [parameter, length, mask] of bytesOf) {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: length, maxLength: length }), (random) => {
        const bytes = random.map((byte) => byte & mask);
        // The first byte of the cipher suite levels is reserved.
        if (parameter.number === 24) bytes[0] = 0;
        assert.deepEqual(Buffer.from(parameter.encode(parameter.decode(bytes))), Buffer.from(bytes), parameter.name);
      }),
    );
  }
  for (const id of [undefined, 0, 1, 4095]) {
    assert.equal(lanParameters.vlanId.decode(lanParameters.vlanId.encode(id)), id);
  }
  assert.equal(lanParameters.communityString.decode(lanParameters.communityString.encode('public')), 'public');
  assert.throws(() => lanParameters.ipAddress.encode('10.0.0.256'), RangeError);
  assert.throws(() => lanParameters.macAddress.encode('52:54:00:00:00'), RangeError);
  assert.throws(() => lanParameters.cipherSuites.encode([3]), /cannot be set/);
});

test('IPv6 addresses are written in their short form', () => {
  const address = Buffer.from('00800000fd000099000000000000000000000001', 'hex');
  const bytes = Buffer.concat([
    Uint8Array.of(0, 0x80),
    Buffer.from('fd000099000000000000000000000001', 'hex'),
    Uint8Array.of(64, 0),
  ]);
  assert.equal(address.length, 20);
  assert.deepEqual(lanParameters.ipv6StaticAddress.decode(bytes), {
    index: 0,
    isEnabled: true,
    source: 0,
    address: 'fd00:99::1',
    prefixLength: 64,
    status: 0,
  });
});

/** A BMC with these LAN parameters, by number. */
const lanScript = (values: Readonly<Record<number, readonly number[]>>) =>
  scriptOf({
    '06/42': [1, 4, 1, 0x80, 0xf2, 0x1b, 0, 0, 0],
    '0c/02': (data) => {
      const value = values[data[1] ?? 0];
      return value === undefined ? 0x80 : [0x11, ...value];
    },
  });

test('LAN parameters are what ipmitool prints', async () => {
  const octet = fc.nat(0xff);
  const address = fc.tuple(octet, octet, octet, octet);
  const macBytes = fc.tuple(octet, octet, octet, octet, octet, octet);
  await fc.assert(
    fc.asyncProperty(
      fc.tuple(address, address, address, address),
      fc.tuple(macBytes, macBytes, macBytes),
      fc.constantFrom(1, 2, 3, 4),
      fc.option(fc.integer({ min: 1, max: 4094 }), { nil: undefined }),
      async ([ip, mask, gateway, backup], [mac, gatewayMac, backupMac], source, vlan) => {
        const script = lanScript({
          0: [0],
          1: [0x17],
          2: [0x17, 0x17, 0x17, 0x17, 0],
          3: ip,
          4: [source],
          5: mac,
          6: mask,
          12: gateway,
          13: gatewayMac,
          14: backup,
          15: backupMac,
          16: [...Buffer.from('public'.padEnd(18, '\0'))],
          20: [...lanParameters.vlanId.encode(vlan)],
          21: [5],
          22: [3],
          23: [0, 3, 8, 17],
          24: [0, 0x44, 0x34, 0, 0, 0, 0, 0, 0],
        });
        const connection = scriptedConnection(script);
        const get = <Value>(parameter: Parameter<Value>) => getLanParameter(connection, 1, parameter);
        const theirs = fieldsOf(await ipmitoolSays(script, ['lan', 'print', '1']));
        assert.equal(await get(lanParameters.ipAddress), theirs.get('IP Address'));
        assert.equal(await get(lanParameters.subnetMask), theirs.get('Subnet Mask'));
        assert.equal(await get(lanParameters.macAddress), theirs.get('MAC Address'));
        assert.equal(await get(lanParameters.defaultGateway), theirs.get('Default Gateway IP'));
        assert.equal(await get(lanParameters.defaultGatewayMac), theirs.get('Default Gateway MAC'));
        assert.equal(await get(lanParameters.backupGateway), theirs.get('Backup Gateway IP'));
        assert.equal(await get(lanParameters.backupGatewayMac), theirs.get('Backup Gateway MAC'));
        assert.equal(await get(lanParameters.communityString), theirs.get('SNMP Community String'));
        assert.equal(String((await get(lanParameters.vlanId)) ?? 'Disabled'), theirs.get('802.1q VLAN ID'));
        assert.equal(String(await get(lanParameters.vlanPriority)), theirs.get('802.1q VLAN Priority'));
        assert.equal((await get(lanParameters.cipherSuites)).join(), theirs.get('RMCP+ Cipher Suites'));
        const words = new Map<unknown, string>([
          ['static', 'Static Address'],
          ['DHCP', 'DHCP Address'],
          ['BIOS or system software', 'BIOS Assigned Address'],
          ['other', 'Other'],
        ]);
        assert.equal(words.get(await get(lanParameters.ipAddressSource)), theirs.get('IP Address Source'));
        const levels = await get(lanParameters.cipherSuitePrivileges);
        assert.deepEqual(levels.slice(0, 5), ['administrator', 'administrator', 'administrator', 'operator', 'unused']);
        // A letter a suite; ipmitool leaves out those that are not used.
        assert.equal(theirs.get('Cipher Suite Priv Max')?.slice(0, 4), 'aaao');
      },
    ),
    { numRuns: 8 },
  );
});

test('LAN parameters of the simulator are what ipmitool and ipmi-config print', async () => {
  const theirs = fieldsOf(await ipmitool('lan', 'print', '1'));
  assert.equal(await getLanParameter(session, 1, lanParameters.communityString), theirs.get('SNMP Community String'));
  const suites = await getLanParameter(session, 1, lanParameters.cipherSuites);
  const count = await getLanParameter(session, 1, lanParameters.cipherSuiteCount);
  assert.equal(suites.slice(0, count).join(), theirs.get('RMCP+ Cipher Suites'));
  const config = await configSection(bmc, 'Lan_Conf');
  assert.match(
    config,
    new RegExp(`^\\s+IP_Address\\s+${await getLanParameter(session, 1, lanParameters.ipAddress)}$`, 'm'),
  );
  assert.match(
    config,
    new RegExp(`^\\s+MAC_Address\\s+${await getLanParameter(session, 1, lanParameters.macAddress)}$`, 'm'),
  );
  await assert.rejects(
    getLanParameter(session, 1, lanParameters.primaryPort),
    (error: unknown) => error instanceof CompletionCodeError && error.code === 0x80,
  );
});

test('user and channel access survive both directions', () => {
  const userBytes = fc.tuple(fc.nat(63), fc.nat(0xbf), fc.nat(63), fc.nat(0x7f)).map((bytes) => Buffer.from(bytes));
  fc.assert(fc.property(userBytes, (bytes) => assert.deepEqual(encodeUserAccess(decodeUserAccess(bytes)), bytes)));
  const channelBytes = fc.tuple(fc.nat(0x3f), fc.nat(15)).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(channelBytes, (bytes) => assert.deepEqual(encodeChannelAccess(decodeChannelAccess(bytes)), bytes)),
  );
});

test('users are made, and ipmitool and ipmi-config see them as we do', async (t) => {
  await setUserName(session, 4, 'operator-4');
  await setUserPassword(session, 4, 'first-password');
  const flags = { callbackOnly: false, linkAuthentication: false, ipmiMessaging: true };
  await setUserAccess(session, 1, 4, { privilegeLimit: 'operator', flags });
  await setUserEnabled(session, 4, true);
  const lines = (await ipmitool('-c', 'user', 'list', '1'))
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  for (const userId of [2, 3, 4, 5]) {
    const name = await getUserName(session, userId);
    const access = await getUserAccess(session, 1, userId);
    const [, theirName, callIn, link, messaging, level] = lines.find(([id]) => Number(id) === userId) ?? [];
    assert.equal(name, theirName);
    assert.deepEqual(
      [!access.callbackOnly, access.linkAuthentication, access.ipmiMessaging].map(String),
      [callIn, link, messaging],
      `user ${userId}`,
    );
    if (typeof access.privilegeLimit === 'string') assert.equal(access.privilegeLimit.toUpperCase(), level);
  }
  const config = await configSection(bmc, 'User4');
  assert.match(config, /^\s+Username\s+operator-4$/m);
  assert.match(config, /^\s+Lan_Privilege_Limit\s+Operator$/m);
  assert.match(config, /^\s+Lan_Enable_IPMI_Msgs\s+Yes$/m);
  const summary = fieldsOf(await ipmitool('user', 'summary', '1'));
  const { maximumUsers, enabledUsers } = await getUserAccess(session, 1, 4);
  assert.equal(String(maximumUsers), summary.get('Maximum IDs'));
  assert.equal(String(enabledUsers), summary.get('Enabled User Count'));
  // The new user can log in, and only with its password.
  const asOperator = sessionWith({ ...bmc, userName: 'operator-4', password: 'first-password' });
  t.after(() => asOperator.client.close());
  await asOperator.session.login();
  const asStranger = sessionWith({ ...bmc, userName: 'operator-4', password: 'another-password' });
  t.after(() => asStranger.client.close());
  await assert.rejects(asStranger.session.login(), AuthenticationError);
});

test('a user is enabled with a password at BMCs that want one', async () => {
  for (const [manufacturerId, productId, length] of [
    [343, 2818, 18],
    [343, 1, 2],
  ] as const) {
    const id = Buffer.from('200101420200000000000000', 'hex').subarray(0, 11);
    id.writeUIntLE(manufacturerId, 6, 3);
    id.writeUInt16LE(productId, 9);
    const connection = scriptedConnection(scriptOf({ '06/01': () => id, '06/47': () => [] }));
    await setUserEnabled(connection, 3, true);
    const [, enabled = ''] = connection.asked;
    assert.equal(enabled, `06470301${'00'.repeat(length - 2)}`);
  }
});

test('passwords of 16 and 20 bytes, and what is refused', async () => {
  const connection = scriptedConnection(scriptOf({ '06/47': (data) => (data[1] === 3 ? 0x80 : []) }));
  await setUserPassword(connection, 3, 'short');
  await setUserPassword(connection, 3, 'longer than sixteen');
  await setUserEnabled(connection, 3, false, { withPassword: false });
  await setUserEnabled(connection, 3, true, { withPassword: true });
  assert.equal(await testUserPassword(connection, 3, 'wrong'), false);
  const [short = '', long = '', disabled = '', enabled = '', tested = ''] = connection.asked;
  assert.equal(short, `06470302${Buffer.from('short').toString('hex').padEnd(32, '0')}`);
  assert.equal(long, `06478302${Buffer.from('longer than sixteen').toString('hex').padEnd(40, '0')}`);
  assert.equal(disabled, '06470300');
  assert.equal(enabled, `06470301${'00'.repeat(16)}`);
  assert.equal(tested.slice(0, 8), '06470303');
  await assert.rejects(setUserPassword(connection, 3, 'more than twenty bytes'), /has 22 bytes, 20 are allowed/);
  await assert.rejects(setUserName(connection, 3, 'a name of 17 byte'), /17 bytes, 16 are allowed/);
  await assert.rejects(getUserAccess(connection, 1, 64), RangeError);
  assert.equal(await getUserName(scriptedConnection(scriptOf({ '06/46': 0xcc })), 9), undefined);
});

test('the channel is what ipmitool and ipmi-config print', async () => {
  const info = await getChannelInfo(session, 1);
  const access = await getChannelAccess(session, 1);
  const theirs = fieldsOf(await ipmitool('channel', 'info', '1'));
  assert.equal(info.medium, theirs.get('Channel Medium Type'));
  assert.equal(`${info.protocol}-1.0`, theirs.get('Channel Protocol Type'));
  assert.equal(info.sessions === 'multiple', theirs.get('Session Support') === 'multi-session');
  assert.equal(String(info.protocolVendor), theirs.get('Protocol Vendor ID'));
  assert.equal(access.accessMode, theirs.get('Access Mode'));
  assert.equal(access.alertingDisabled, theirs.get('Alerting') === 'disabled');
  const config = await configSection(bmc, 'Lan_Channel');
  assert.match(config, /^\s+Volatile_Access_Mode\s+Always_Available$/m);
  assert.match(config, new RegExp(`^\\s+Volatile_Channel_Privilege_Limit\\s+${access.privilegeLimit}$`, 'im'));
});

test('settings are sent as the specification has them', async () => {
  const connection = scriptedConnection(scriptOf({ '06/40': [], '0c/01': [], '06/43': [] }));
  const access = decodeChannelAccess(Uint8Array.of(0x22, 0x04));
  await setChannelAccess(connection, 1, access, 'non-volatile');
  await setChannelAccess(connection, 1, access, 'present');
  await setLanParameter(connection, 1, lanParameters.ipAddress, '10.0.0.7');
  await setLanParameter(connection, 1, lanParameters.ipAddressSource, 'DHCP');
  await setUserAccess(connection, 1, 3, { privilegeLimit: 'no access', sessionLimit: 2 });
  assert.deepEqual(connection.asked, ['0640016244', '064001a284', '0c0101030a000007', '0c01010402', '064301030f02']);
});

test('the cipher suites are what ipmitool prints', async () => {
  const suites = await getChannelCipherSuites(session, presentChannel);
  const lines = (await ipmitool('channel', 'getciphers', 'ipmi')).trim().split('\n').slice(1);
  // ipmitool 1.8.19 shows the first twelve of the fifteen that the simulator sends.
  const shown = suites.slice(0, lines.length).map(({ id }) => String(id));
  assert.deepEqual(
    shown,
    lines.map((line) => line.split(/\s+/)[0]),
  );
  assert.deepEqual(
    suites.map(({ id }) => id),
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14],
  );
});

test('the session that asks is the one that is described', async () => {
  const info = await getSessionInfo(session, 0);
  assert.equal(info.user?.id, 2);
  assert.equal(info.user?.privilege, 'administrator');
  const detailed = scriptOf({ '06/3d': [7, 8, 2, 2, 4, 0x11, 10, 0, 0, 5, 0x52, 0x54, 0, 1, 2, 3, 0x6f, 0x02] });
  const { remote } = await getSessionInfo(scriptedConnection(detailed), 1);
  assert.deepEqual(remote, { ipAddress: '10.0.0.5', macAddress: '52:54:00:01:02:03', port: 623 });
  const theirs = fieldsOf(await ipmitoolSays(detailed, ['session', 'info', 'id', '1']));
  assert.equal(theirs.get('console ip'), '10.0.0.5');
  assert.equal((await getSessionInfo(scriptedConnection(scriptOf({ '06/3d': [0, 8, 2] })), 9)).user, undefined);
});

test('authentication capabilities in both forms', async () => {
  const script = scriptOf({ '06/38': (data) => ((data[0] ?? 0) & 0x80 ? 0xcc : [1, 0x14, 0x04, 0, 0, 0, 0, 0]) });
  const old = await getChannelAuthenticationCapabilities(scriptedConnection(script), presentChannel);
  assert.deepEqual([old.md5, old.straightPassword, old.v15, old.v20], [true, true, true, false]);
  const present = scriptOf({ '06/38': [1, 0x94, 0x04, 0x03, 0, 0, 0, 0] });
  const now = await getChannelAuthenticationCapabilities(scriptedConnection(present), presentChannel, 'operator');
  assert.deepEqual([now.v15, now.v20, now.nonNullUsers], [true, true, true]);
});
