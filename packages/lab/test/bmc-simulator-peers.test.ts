// ipmitool and FreeIPMI log in to simulated BMCs with every suite that they have, and do their daily work with them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  freeIpmiArguments,
  ipmitoolArguments,
  lowUdpPort,
  onTerminal,
  printed,
  startBmc,
  temporaryFolder,
} from './bmc-peers.ts';

const everySuite = [0, 1, 2, 3, 6, 7, 8, 11, 12, 15, 16, 17];
const everyV15Login = ['none', 'md5', 'straightPassword'] as const;
// ipmitool 1.8.19 aborts by an assertion of its own with suites 11 and 12.
const suitesOfIpmitool = [0, 1, 2, 3, 6, 7, 8, 15, 16, 17];
const suitesOfFreeIpmi = [0, 1, 2, 3, 6, 7, 8, 11, 12, 15, 16, 17];
const manufacturer = /Manufacturer ID\s+:.*32473/;

test('ipmitool logs in with every suite, without naming one, and with IPMI 1.5', async (t) => {
  const { bmc, simulator } = await startBmc(t, { suites: everySuite, v15Logins: everyV15Login });
  const ways = [
    ...suitesOfIpmitool.map((suite) => ['-I', 'lanplus', '-C', String(suite)]),
    ['-I', 'lanplus'],
    ...['NONE', 'MD5', 'PASSWORD'].map((type) => ['-I', 'lan', '-A', type]),
  ];
  for (const way of ways) {
    const text = await printed('ipmitool', ipmitoolArguments(bmc, [...way, 'mc', 'info']));
    assert.match(text, manufacturer, `${way.join(' ')}: ${text}`);
  }
  assert.equal(simulator.counts.logins, ways.length);
  assert.equal(bmc.sessions.size, 0, 'every session was closed');
});

test('FreeIPMI logs in with every suite and with IPMI 1.5', async (t) => {
  const { bmc } = await startBmc(t, { suites: everySuite });
  for (const suite of [...suitesOfFreeIpmi, '1.5'] as const) {
    const text = await printed('bmc-info', [...freeIpmiArguments(bmc, suite), '--get-device-id']);
    assert.match(text, manufacturer, `suite ${suite}: ${text}`);
  }
});

test('who may not log in is told why', async (t) => {
  const { bmc } = await startBmc(t, {
    suites: [3, 17],
    users: [
      { id: 2, name: 'admin', password: 'another', privilege: 'administrator' },
      { id: 3, name: 'reader', password: 'secret12', privilege: 'user' },
    ],
  });
  const verbose = (how: readonly string[]) => printed('ipmitool', [...ipmitoolArguments(bmc, how), '-v', 'mc', 'info']);
  const lanplus = ['-I', 'lanplus'];
  assert.match(await verbose([...lanplus, '-C', '3']), /HMAC is invalid/);
  assert.match(await verbose([...lanplus, '-C', '3', '-U', 'nobody']), /unauthorized name/);
  assert.match(await verbose([...lanplus, '-C', '3', '-U', 'reader']), /unauthorized role/);
  assert.match(await verbose([...lanplus, '-C', '0']), /no matching cipher suite/i);
  assert.match(await verbose([...lanplus, '-C', '17', '-U', 'reader', '-L', 'user']), manufacturer);
  // Names and privilege levels may be looked up together: then the user counts who has the level.
  const byLevel = [...lanplus, '-C', '17', '-U', 'reader', '-L', 'user', '-y', ''];
  assert.match(await printed('ipmitool', [...ipmitoolArguments(bmc, byLevel), 'mc', 'info']), manufacturer);
  const refused = ipmitoolArguments(bmc, [...lanplus, '-C', '3', '-U', 'reader', '-L', 'user', 'power', 'on']);
  assert.match(await printed('ipmitool', refused), /Insufficient privilege level/);
  assert.equal(bmc.chassis.power, 'off');
});

test('a BMC key (Kg) has to be the right one', async (t) => {
  const { bmc } = await startBmc(t, { bmcKey: Buffer.from('theBmcKey') });
  const with_ = (key: string[]) =>
    printed('ipmitool', ipmitoolArguments(bmc, ['-I', 'lanplus', '-C', '17', ...key, 'mc', 'info']));
  assert.match(await with_(['-k', 'theBmcKey']), manufacturer);
  assert.doesNotMatch(await with_(['-k', 'another']), manufacturer);
});

/** What ipmitool says to its commands, in order: words, and what has to be in the answer. */
const conversations: readonly (readonly [string, RegExp])[] = [
  ['mc guid', /System GUID {3}: 059e14a1-a592-5b13-a854-1a0ca2b775fa\nGUID Encoding : IPMI/],
  ['mc selftest', /Selftest: passed/],
  ['chassis status', /System Power {9}: off/],
  ['chassis power on', /Up\/On/],
  ['chassis power status', /is on/],
  ['chassis power on', /Up\/On/],
  ['chassis power cycle', /Cycle/],
  ['chassis power reset', /Reset/],
  ['chassis power diag', /Diag/],
  ['chassis restart_cause', /chassis power control command/],
  ['chassis policy always-on', /always-on/],
  ['chassis status', /Power Restore Policy : always-on/],
  ['chassis identify 7', /interval: 7 seconds/],
  ['chassis poh', /POH Counter/],
  ['chassis bootdev pxe options=persistent,efiboot', /Set Boot Device to pxe/],
  ['chassis bootparam get 5', /all future boots\n {3}- BIOS EFI boot *\n {3}- Boot Device Selector : Force PXE/],
  ['sdr list', /CPU Temp {9}\| 42 degrees C {6}\| ok\n.*Inlet Temp/],
  ['sdr elist', /PSU 1 Status.*Presence detected/],
  ['sensor list', /P12V {13}\| 12\.060 .*\| 10\.920 {4}\| 13\.080/],
  ['sensor thresh CPU_Temp unc 80', /not found|Sensor/],
  ['sel info', /Entries {10}: 0/],
  ['sel list', /SEL has no entries/],
  ['raw 0x0a 0x44 0 0 2 0 0 0 0 0x20 0 4 1 1 1 0x57 0x50 0x50', /01 00/],
  ['sel list', /Temperature #0x01 \| Upper Non-critical going high \| Asserted/],
  ['sel clear', /Clearing SEL/],
  ['sel list', /SEL has no entries/],
  ['sel time get', /\d\d:\d\d:\d\d/],
  ['fru print', /Board Serial {10}: SN00000000\n.*\n Product Manufacturer {2}: Example Systems/],
  ['user list 1', /2 {3}admin {12}true {4}true {7}true {7}ADMINISTRATOR/],
  ['user set name 3 reader', /^$/],
  ['user set password 3 readersecret 16', /successful/],
  ['user test 3 16 readersecret', /Success/],
  ['user test 3 16 anothersecret', /password incorrect/],
  ['channel info 1', /802\.3 LAN/],
  ['channel getciphers ipmi', /17 .*hmac_sha256/],
  ['lan print 1', /IP Address {14}: 127\.0\.0\.1\n/],
  ['lan set 1 ipaddr 10.0.0.7', /Setting LAN IP Address to 10\.0\.0\.7/],
  ['lan print 1', /IP Address {14}: 10\.0\.0\.7\n/],
  ['dcmi power reading', /Instantaneous power reading: +212 Watts/],
  ['dcmi asset_tag', /Asset tag/],
  ['mc watchdog get', /Stopped/],
  ['session info active', /console ip {20}: 127\.0\.0\.1/],
  ['sol info 1', /Enabled {25}: true/],
  ['raw 0x06 0x01', /^ 20 01 01 42 02 cf d9 7e 00 3c 0b/],
  ['raw 0x30 0x01', /Invalid command/],
  ['-t 0x30 mc info', /Product ID {16}: 4660/],
  ['-T 0x30 -B 0 -t 0x72 -b 7 mc info', /Product ID {16}: 22136/],
  ['chassis power soft', /Soft/],
  ['chassis power off', /Down\/Off/],
  ['chassis power cycle', /not supported in present state/],
  ['mc reset cold', /Sent cold reset/],
];

test('ipmitool does its daily work with suite 17', async (t) => {
  const { bmc } = await startBmc(t);
  const changes: string[] = [];
  bmc.chassis.onChange((change) => changes.push(change.what === 'power' ? change.power : change.what));
  for (const [words, expected] of conversations) {
    const text = await printed('ipmitool', ipmitoolArguments(bmc, ['-I', 'lanplus', '-C', '17', ...words.split(' ')]));
    assert.match(text, expected, `${words}: ${text}`);
  }
  const expected = ['on', 'off', 'on', 'reset', 'diagnostic interrupt', 'identify', 'boot options', 'off'];
  assert.deepEqual(changes, expected);
  assert.deepEqual(bmc.chassis.bootOptions.wish, { device: 'PXE', efi: true, persistent: true });
});

test('FreeIPMI does its daily work', async (t) => {
  const { bmc } = await startBmc(t);
  const cache = `--sdr-cache-directory=${temporaryFolder(t)}`;
  const says = (program: string, ...args: string[]) => printed(program, [...freeIpmiArguments(bmc, 17), ...args]);
  assert.match(await says('ipmipower', '--on'), /: ok/);
  assert.match(await says('ipmipower', '--stat'), /: on/);
  assert.equal(bmc.chassis.power, 'on');
  assert.match(await says('ipmi-chassis', '--get-chassis-status'), /System Power +: on/);
  assert.match(await says('ipmi-chassis', '--chassis-identify=FORCE'), /^$/);
  assert.equal(bmc.chassis.identifyState, 'indefinite on');
  assert.match(await says('bmc-info'), /System GUID : 059e14a1-a592-5b13-a854-1a0ca2b775fa/);
  assert.match(await says('ipmi-sensors', cache), /CPU Temp +\| Temperature +\| 42\.00/);
  assert.match(await says('ipmi-sel', cache), /SEL has no entries|^$|ID \| Date/);
  assert.match(await says('ipmi-sel', cache, '--info'), /Number of log entries +: 0/);
  assert.match(await says('ipmi-sel', cache, '--clear'), /^$/);
  assert.match(await says('ipmi-fru', cache), /FRU Product Serial Number: SN00000000/);
  assert.match(await says('ipmi-dcmi', '--get-system-power-statistics'), /Current Power +: 212 Watts/);
  assert.match(await says('ipmi-config', '--checkout', '--category=core', '--section=User2'), /Username +admin/);
  assert.match(await says('ipmi-raw', '0', '6', '1'), /rcvd: 01 00 20 01/);
});

test('the consoles of ipmitool and FreeIPMI show what is typed', async (t) => {
  // ipmiconsole takes ports from 32768 on for a mistake in the name of the host.
  const { bmc } = await startBmc(t, { places: { port: await lowUdpPort() } });
  const ipmitool = await onTerminal(
    'ipmitool',
    ipmitoolArguments(bmc, ['-I', 'lanplus', '-C', '17', 'sol', 'activate']),
    [
      { after: 'machine-0 console', type: 'hello\r' },
      { after: 'hello\r\n> ', type: '~.' },
    ],
  );
  assert.match(ipmitool, /SOL Session operational[\s\S]*machine-0 console\r\n> hello\r\n> /);
  const freeIpmi = await onTerminal('ipmiconsole', freeIpmiArguments(bmc, 3).slice(1), [
    { after: 'machine-0 console', type: 'world\r' },
    { after: 'world\r\n> ', type: '&.' },
  ]);
  assert.match(freeIpmi, /SOL established[\s\S]*machine-0 console\r\n> world\r\n> /);
});
