// Chassis, boot options, device and watchdog on OpenIPMI's simulator over a session, beside ipmitool and FreeIPMI.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type StandAloneBmc, startStandAloneBmc } from '@wrought/lab';
import { bootFlags } from '../../src/commands/boot-flags.ts';
import { getSystemBootOption, requestBoot } from '../../src/commands/boot-options.ts';
import {
  chassisControl,
  chassisIdentify,
  getChassisCapabilities,
  getChassisStatus,
} from '../../src/commands/chassis.ts';
import { getDeviceId, getSystemGuid } from '../../src/commands/device.ts';
import { getWatchdogTimer, resetWatchdogTimer, setWatchdogTimer } from '../../src/commands/watchdog.ts';
import { type Client, CompletionCodeError, type Session } from '../../src/index.ts';
import { fieldsOf } from '../support/peer-text.ts';
import { freeIpmiLogin, ipmitoolLogin, printedBy, sessionWith } from '../support/peers.ts';

let bmc: StandAloneBmc;
let client: Client;
let session: Session;

before(async () => {
  bmc = await startStandAloneBmc({ emulated: { manufacturerId: 343, productId: 0x1234 } });
  ({ client, session } = sessionWith(bmc));
});
after(async () => {
  await client.close();
  await bmc.stop();
});

const ipmitool = async (...args: string[]) => fieldsOf(await printedBy('ipmitool', [...ipmitoolLogin(bmc), ...args]));
const freeIpmi = async (program: string, ...args: string[]) =>
  fieldsOf(await printedBy(program, [...freeIpmiLogin(bmc), ...args]));

test('the power is switched, and ipmitool and ipmi-chassis see it as we do', async () => {
  for (const [control, power] of [
    ['power up', '1'],
    ['power down', '0'],
    ['power up', '1'],
  ] as const) {
    await chassisControl(session, control);
    assert.equal(bmc.chassis('power'), power);
    const { powerOn } = await getChassisStatus(session);
    assert.equal(powerOn, power === '1');
    const state = powerOn ? 'on' : 'off';
    assert.equal((await ipmitool('chassis', 'status')).get('System Power'), state);
    assert.equal((await freeIpmi('ipmi-chassis', '--get-chassis-status')).get('System Power'), state);
  }
  await chassisControl(session, 'soft shutdown');
  assert.equal(bmc.chassis('shutdown'), '1');
  await chassisControl(session, 'hard reset');
  assert.equal(bmc.chassis('reset'), '1');
  // ipmi_sim has no diagnostic interrupt.
  await assert.rejects(
    chassisControl(session, 'pulse diagnostic interrupt'),
    (error: unknown) => error instanceof CompletionCodeError && error.code === 0xcc,
  );
});

test('the identify LED is lit for a time, without end, and not', async () => {
  for (const [identify, words] of [
    [30, '30 0'],
    ['on', '0 1'],
    [0, '0 0'],
    [undefined, '15 0'],
  ] as const) {
    await chassisIdentify(session, identify);
    assert.equal(bmc.chassis('identify'), words);
  }
});

test('the status is what ipmi-chassis prints', async () => {
  const status = await getChassisStatus(session);
  const theirs = await freeIpmi('ipmi-chassis', '--get-chassis-status');
  assert.equal(String(status.powerFault), theirs.get('Power fault'));
  assert.equal(String(status.overload), theirs.get('Power overload'));
  assert.equal(status.powerRestorePolicy, theirs.get('Power restore policy')?.toLowerCase());
  assert.equal(status.intrusion ? 'active' : 'inactive', theirs.get('Chassis intrusion'));
  assert.equal(String(status.driveFault), theirs.get('Drive Fault'));
  // No comparison: FreeIPMI 1.6 waits in vain for the answer that the simulator gives to Get Chassis Capabilities.
  assert.equal((await getChassisCapabilities(session)).fruDeviceAddress, 0x20);
});

test('the boot device is set, and ipmitool reads it', async () => {
  for (const [device, word, shown] of [
    ['PXE', 'pxe', 'Force PXE'],
    ['hard drive', 'default', 'Force Boot from default Hard-Drive'],
    ['CD/DVD', 'cdrom', 'Force Boot from CD/DVD'],
    ['BIOS setup', 'bios', 'Force Boot into BIOS Setup'],
    ['no override', 'none', 'No override'],
  ] as const) {
    await requestBoot(session, { device, efi: true }, { keepValid: { sixtySeconds: true } });
    assert.equal(bmc.chassis('boot'), word);
    assert.equal((await getSystemBootOption(session, bootFlags)).value.device, device);
    assert.equal((await ipmitool('chassis', 'bootparam', 'get', '5')).get('Boot Device Selector'), shown);
  }
});

test('the device and its GUID are what ipmitool and bmc-info print', async () => {
  const device = await getDeviceId(session);
  const theirs = await ipmitool('mc', 'info');
  assert.equal(String(device.manufacturerId), theirs.get('Manufacturer ID'));
  assert.match(theirs.get('Product ID') ?? '', new RegExp(`^${device.productId} `));
  const others = await freeIpmi('bmc-info');
  const revision = `${device.firmwareMajor}.${String(device.firmwareMinor).padStart(2, '0')}`;
  assert.equal(revision, others.get('Firmware Revision'));
  assert.equal(device.ipmiVersion, others.get('IPMI Version'));
  assert.match(others.get('Manufacturer ID') ?? '', new RegExp(`\\(${device.manufacturerId}\\)`));
  assert.equal(String(device.productId), others.get('Product ID'));
  const words = {
    sensor: 'Sensor Device',
    sdrRepository: 'SDR Repository Device',
    sel: 'SEL Device',
    chassis: 'Chassis Device',
  };
  for (const [name, word] of Object.entries(words)) {
    assert.equal(device.supports[name as keyof typeof words], others.get(word) === 'supported', word);
  }
  // FreeIPMI takes the order of the specification, ipmitool guesses it.
  const guid = await getSystemGuid(session);
  assert.equal(guid.as.ipmi, others.get('System GUID'));
  assert.equal((await ipmitool('mc', 'guid', 'ipmi')).get('System GUID'), guid.as.ipmi);
  assert.equal((await ipmitool('mc', 'guid', 'smbios')).get('System GUID'), guid.as.smbios);
});

test('the watchdog is set, started and read', async () => {
  await setWatchdogTimer(session, {
    use: 'SMS/OS',
    doNotLog: true,
    running: false,
    action: 'none',
    preTimeoutInterrupt: 'none',
    preTimeoutSeconds: 0,
    expired: {},
    initialCountdown: 6000,
  });
  const stopped = await getWatchdogTimer(session);
  assert.deepEqual([stopped.use, stopped.action, stopped.initialCountdown], ['SMS/OS', 'none', 6000]);
  await resetWatchdogTimer(session);
  // ipmi_sim leaves out the present countdown.
  assert.equal((await getWatchdogTimer(session)).presentCountdown, undefined);
});
