// What no simulator implements, compared with FreeIPMI: a BMC that answers from a script, over sessions with cipher suite 17.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { bootFlags } from '../../src/commands/boot-flags.ts';
import { getSystemBootOption } from '../../src/commands/boot-options.ts';
import {
  getChassisCapabilities,
  getChassisStatus,
  getPohCounter,
  getSystemRestartCause,
} from '../../src/commands/chassis.ts';
import { getAssetTag, getManagementControllerIdentifier } from '../../src/commands/dcmi.ts';
import { dcmiCapabilities, getDcmiCapabilities } from '../../src/commands/dcmi-capabilities.ts';
import { getPowerLimit, getPowerReading } from '../../src/commands/dcmi-power.ts';
import { getDeviceGuid, getSelfTestResults } from '../../src/commands/device.ts';
import { createClient, type Session } from '../../src/index.ts';
import { fieldsOf } from '../support/peer-text.ts';
import { printedBy } from '../support/peers.ts';
import { type ScriptedAnswer, scriptOf } from '../support/scripted-bmc.ts';
import { startSmallBmc } from '../support/small-bmc.ts';

const suite = 17;

const capabilities = {
  channel: 1,
  none: false,
  md2: false,
  md5: true,
  straightPassword: false,
  oem: false,
  bmcKeySet: false,
  perMessageAuthenticationDisabled: false,
  userLevelAuthenticationDisabled: false,
  nonNullUsers: true,
  nullUsers: false,
  anonymousLogin: false,
  v15: true,
  v20: true,
  oemEnterprise: 0,
  oemData: 0,
};

interface Peers {
  readonly session: Session;
  /** What a program of FreeIPMI prints. */
  freeIpmi(program: string, ...args: readonly string[]): Promise<string>;
  ipmitool(...args: readonly string[]): Promise<string>;
}

/** A BMC with these answers, a session of ours with it, and the other clients. */
async function peersOf(t: TestContext, answers: Parameters<typeof scriptOf>[0]): Promise<Peers> {
  const script = scriptOf(answers);
  const client = createClient();
  t.after(() => client.close());
  const bmc = await startSmallBmc(t, {
    capabilities,
    answer({ netFn, command, data }) {
      const answer = script(netFn, command, Buffer.from(data)) ?? 0xc1;
      return typeof answer === 'number' ? Uint8Array.of(answer) : Uint8Array.of(0, ...answer);
    },
  });
  const address = ['-h', `${bmc.host}:${bmc.port}`, '-u', bmc.userName, '-p', bmc.password, '-l', 'admin'];
  const login = ['-I', 'lanplus', '-C', String(suite), '-H', bmc.host, '-p', String(bmc.port)];
  return {
    session: client.session({ ...bmc, suites: [suite] }),
    freeIpmi: (program, ...args) =>
      printedBy(program, ['--driver-type=LAN_2_0', `--cipher-suite-id=${suite}`, ...address, ...args]),
    ipmitool: (...args) => printedBy('ipmitool', [...login, '-U', bmc.userName, '-P', bmc.password, ...args]),
  };
}

test('chassis status, capabilities, restart cause and hours are what ipmi-chassis prints', async (t) => {
  const { session, freeIpmi, ipmitool } = await peersOf(t, {
    '00/00': [0x0b, 0x20, 0x22, 0x24, 0x26, 0x28],
    '00/01': [0x41, 0x10, 0x52, 0x35],
    '00/07': [0x04, 0x01],
    '00/0f': [60, 1, 2, 0, 0],
  });
  const status = await getChassisStatus(session);
  const theirs = fieldsOf(await freeIpmi('ipmi-chassis', '--get-chassis-status'));
  assert.equal(status.powerOn ? 'on' : 'off', theirs.get('System Power'));
  assert.equal(status.powerRestorePolicy, theirs.get('Power restore policy')?.toLowerCase());
  assert.equal(status.lastPowerEvent.byIpmiCommand, theirs.get('Last Power Event') === 'power on via ipmi command');
  assert.equal(status.frontPanelLockout ? 'active' : 'inactive', theirs.get('Front panel lockout'));
  assert.match(theirs.get('Chassis Identify state') ?? '', /timed/i);
  assert.equal(status.identify, 'temporary on');
  const buttons = {
    'Power off button': status.frontPanelButtons?.powerOffDisabled,
    'Reset button': status.frontPanelButtons?.resetDisabled,
    'Diagnostic Interrupt button': status.frontPanelButtons?.diagnosticInterruptDisabled,
    'Standby button': status.frontPanelButtons?.standbyDisabled,
  };
  for (const [name, isDisabled] of Object.entries(buttons)) {
    assert.equal(isDisabled ? 'disabled' : 'enabled', theirs.get(name), name);
  }
  const can = await getChassisCapabilities(session);
  const others = fieldsOf(await freeIpmi('ipmi-chassis', '--get-chassis-capabilities'));
  assert.equal(can.intrusion ? 'provided' : 'not provided', others.get('Intrusion sensor'));
  assert.equal(can.diagnosticInterrupt ? 'provided' : 'not provided', others.get('Diagnostic Interrupt'));
  assert.equal(`${can.bridgeDeviceAddress.toString(16)}h`, others.get('Bridge Device Address'));
  const { cause } = await getSystemRestartCause(session);
  assert.equal(cause, 'watchdog expired');
  assert.match(await freeIpmi('ipmi-chassis', '--get-system-restart-cause'), /watchdog expiration/i);
  // FreeIPMI 1.6 divides the count by the minutes a count, where the specification multiplies, as ipmitool does.
  assert.equal((await getPohCounter(session)).minutes, 60 * 0x201);
  assert.match(await ipmitool('chassis', 'poh'), /21 days, 9 hours/);
});

/** ipmi-config's words. */
const bootWords: Readonly<Record<string, string>> = {
  'CD/DVD': 'CD-DVD',
  'remote hard drive': 'REMOTE-HARD-DRIVE',
  PXE: 'PXE',
};

test('the boot flags are what ipmi-config prints', async (t) => {
  const flags = { bytes: [0xe0, 0x96, 0xaa, 0x0a, 3] };
  const { session, freeIpmi } = await peersOf(t, {
    '00/09': (data): ScriptedAnswer => (data[0] === 5 ? [1, 5, ...flags.bytes] : 0x80),
  });
  for (const bytes of [
    [0xe0, 0x96, 0xaa, 0x0a, 3],
    [0x80, 0x04, 0, 0, 0],
    [0xa0, 0x6d, 0x55, 0, 0x12],
  ]) {
    flags.bytes = bytes;
    const { value } = await getSystemBootOption(session, bootFlags);
    const section = ['--category=chassis', '--checkout', '--section=Chassis_Boot_Flags'];
    const text = await freeIpmi('ipmi-config', ...section);
    const theirs = new Map(
      [...text.matchAll(/^\t([A-Z]\w+)\s+(\S+)$/gm)].map(([, name = '', shown = '']) => [name, shown]),
    );
    const yes = (name: string) => theirs.get(name) === 'Yes';
    assert.deepEqual(
      [value.persistent, value.clearCmos, value.lockKeyboard, value.blankScreen, value.lockResetButton],
      ['Boot_Flags_Persistent', 'CMOS_Clear', 'Lock_Keyboard', 'Screen_Blank', 'Lock_Out_Reset_Button'].map(yes),
    );
    assert.deepEqual(
      [value.lockPowerButton, value.lockSleepButton, value.forceProgressEventTraps, value.bypassUserPassword],
      ['Lock_Out_Power_Button', 'Lock_Out_Sleep_Button', 'Force_Progress_Event_Traps', 'User_Password_Bypass'].map(yes),
    );
    assert.equal(value.efi ? 'EFI' : 'PC-COMPATIBLE', theirs.get('BIOS_Boot_Type'));
    assert.equal(bootWords[value.device], theirs.get('Boot_Device'));
    assert.equal(value.verbosity.toString().toUpperCase(), theirs.get('Firmware_Bios_Verbosity'));
    const instance = value.deviceInstance & 0x0f;
    const place = value.deviceInstance > 0x0f ? 'Internal' : 'External';
    assert.equal(instance === 0 ? 'None' : `${place}-${instance}`, theirs.get('Device_Instance_Selector'));
  }
});

test('self test and GUID are what FreeIPMI prints', async (t) => {
  const bytes = Buffer.from('33221100554477668899aabbccddeeff', 'hex');
  const { session, freeIpmi } = await peersOf(t, { '06/04': [0x57, 0x41], '06/08': bytes });
  assert.equal((await getDeviceGuid(session)).as.ipmi, (await freeIpmi('bmc-info', '--get-device-guid')).trim());
  const result = await getSelfTestResults(session);
  const theirs = fieldsOf(await freeIpmi('bmc-device', '--get-self-test-results'));
  assert.ok(result.result === 'corrupted or inaccessible');
  assert.equal(theirs.get('Self Test Result'), 'Corrupted or inaccessible data or devices');
  assert.equal(result.failures.sdrRepositoryInaccessible, theirs.get('Cannot access SDR Repository') === 'failed');
  assert.equal(result.failures.selInaccessible, theirs.get('Cannot access SEL device') === 'failed');
  assert.equal(
    result.failures.operationalFirmwareCorrupted,
    theirs.get('Controller operation firmware corrupted') === 'failed',
  );
});

test('DCMI is what ipmi-dcmi prints', async (t) => {
  const group = 0xdc;
  const tag = Buffer.from('rack-4-unit-12 and more text');
  const name = Buffer.from('bmc-rack-4-unit-12\0');
  const info: Readonly<Record<number, readonly number[]>> = {
    1: [0, 1, 7],
    2: [0xe8, 0x83, 0, 0, 5],
    3: [0x20, 0x01],
    4: [1, 0xff, 2],
    5: [2, 0x05, 0x41],
  };
  const piece =
    (text: Buffer) =>
    (data: Buffer): ScriptedAnswer => {
      const [, offset = 0, count = 0] = data;
      return [group, text.length, ...text.subarray(offset, offset + count)];
    };
  const { session, freeIpmi, ipmitool } = await peersOf(t, {
    '2c/01': (data) => [group, 1, 5, 2, ...(info[data[1] ?? 0] ?? [])],
    '2c/02': [group, 200, 0, 100, 0, 0x2c, 1, 180, 0, 0x00, 0xb6, 0x55, 0x69, 0xe8, 3, 0, 0, 0x40],
    '2c/03': [group, 0, 0, 0x11, 0x2c, 1, 0xe8, 3, 0, 0, 0, 0, 5, 0],
    '2c/06': piece(tag),
    '2c/09': piece(name),
  });
  const reading = await getPowerReading(session);
  const power = fieldsOf(await freeIpmi('ipmi-dcmi', '--get-system-power-statistics'));
  assert.equal(`${reading.current} watts`, power.get('Current Power')?.toLowerCase());
  assert.equal(`${reading.minimum} watts`, power.get('Minimum Power over sampling duration'));
  assert.equal(`${reading.maximum} watts`, power.get('Maximum Power over sampling duration'));
  assert.equal(`${reading.average} watts`, power.get('Average Power over sampling duration'));
  assert.equal(`${reading.periodMilliseconds} milliseconds`, power.get('Statistics reporting time period'));
  assert.equal(reading.active ? 'Active' : 'Not Active', power.get('Power Measurement'));
  assert.match(
    await ipmitool('dcmi', 'power', 'reading'),
    new RegExp(`Instantaneous power reading: +${reading.current} `),
  );
  const limit = await getPowerLimit(session);
  const limits = fieldsOf(await freeIpmi('ipmi-dcmi', '--get-power-limit'));
  assert.equal(`${limit?.watts} watts`, limits.get('Power Limit Requested'));
  assert.equal(`${limit?.correctionMilliseconds} milliseconds`, limits.get('Correction time limit'));
  assert.equal(`${limit?.samplingSeconds} seconds`, limits.get('Management application Statistics Sampling period'));
  assert.equal(await getAssetTag(session), (await freeIpmi('ipmi-dcmi', '--get-asset-tag')).trim());
  const identifier = await freeIpmi('ipmi-dcmi', '--get-management-controller-identifier-string');
  assert.equal(await getManagementControllerIdentifier(session), identifier.trim());
  const text = await freeIpmi('ipmi-dcmi', '--get-dcmi-capability-info');
  const theirs = fieldsOf(text);
  const supported = await getDcmiCapabilities(session, dcmiCapabilities.supported);
  assert.equal(supported.version, theirs.get('DCMI Specification Conformance'));
  assert.equal(supported.value.powerManagement, theirs.get('Power Management / Monitoring Support') === 'Available');
  const { value: mandatory } = await getDcmiCapabilities(session, dcmiCapabilities.mandatory);
  assert.equal(String(mandatory.selEntries), theirs.get('Number of SEL entries'));
  assert.equal(mandatory.selRollover, theirs.get('SEL automatic rollover') === 'Available');
  const { value: channels } = await getDcmiCapabilities(session, dcmiCapabilities.channels);
  assert.equal(String(channels.primaryLan), theirs.get('Primary LAN Out-of-band Channel Number'));
  assert.equal(channels.secondaryLan ?? 'Not supported', theirs.get('Secondary LAN Out-of-band Channel Number'));
  const { value: periods } = await getDcmiCapabilities(session, dcmiCapabilities.powerStatistics);
  assert.deepEqual(
    periods.map(({ seconds }) => seconds),
    [5, 60],
  );
  assert.match(text, /Time Period +: 5 Seconds\nAvailable Rolling Average Time Period +: 1 Minutes/);
});
