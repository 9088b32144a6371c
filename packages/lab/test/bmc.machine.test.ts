// The BMC of a machine answers a real IPMI client, and fails in the ways it is told to.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { MachineHandle } from '../src/index.ts';
import { pollUntil } from '../src/process/poll.ts';
import { bringUp, type TestLab } from './support.ts';

const bootDeadlineSeconds = 60;
const powerDeadlineSeconds = 15;

let testLab: TestLab;
let machine: MachineHandle;

before(async () => {
  testLab = await bringUp({ machines: [{ memoryMiB: 256, disks: [{ sizeMiB: 16 }] }] });
  machine = testLab.lab.machine('n1');
});
after(() => testLab.remove());

const isOn = async () => /Power is on/.test(await machine.ipmitool(['chassis', 'power', 'status']));
const bootFlags = () => machine.ipmitool(['chassis', 'bootparam', 'get', '5']);

test('power on, status, reset, cycle and off reach the machine', async () => {
  assert.equal(await isOn(), false);
  await machine.ipmitool(['chassis', 'power', 'on']);
  assert.equal(await isOn(), true);
  await machine.waitForSerial(/^SeaBIOS/, { deadlineSeconds: bootDeadlineSeconds });

  let offset = machine.serialOffset();
  await machine.ipmitool(['chassis', 'power', 'reset']);
  await machine.waitForSerial(/reset by the BMC/, { deadlineSeconds: bootDeadlineSeconds, fromOffset: offset });
  await machine.waitForSerial(/^SeaBIOS/, { deadlineSeconds: bootDeadlineSeconds, fromOffset: offset });

  const { qemuPid } = await machine.status();
  offset = machine.serialOffset();
  await machine.ipmitool(['chassis', 'power', 'cycle']);
  await machine.waitForSerial(/power on at/, { deadlineSeconds: bootDeadlineSeconds, fromOffset: offset });
  await machine.settled();
  assert.equal(await isOn(), true);
  assert.notEqual((await machine.status()).qemuPid, qemuPid, 'a cycle takes the power away');

  await machine.ipmitool(['chassis', 'power', 'off']);
  assert.equal(await isOn(), false);
  const gone = await pollUntil(async () => (await machine.status()).qemuPid === undefined, powerDeadlineSeconds);
  assert.ok(gone, 'QEMU ended');
  await assert.rejects(machine.ipmitool(['chassis', 'power', 'reset']), /Unspecified error/);
});

test('quick changes of mind end in the last state', async () => {
  for (const action of ['on', 'off', 'on', 'off', 'on']) await machine.ipmitool(['chassis', 'power', action]);
  await machine.settled();
  assert.equal(await isOn(), true);
  assert.notEqual((await machine.status()).qemuPid, undefined);
  await machine.ipmitool(['chassis', 'power', 'off']);
});

test('the boot device is set and read back', async () => {
  for (const [device, shown] of [
    ['pxe', 'Force PXE'],
    ['disk', 'Force Boot from default Hard-Drive'],
    ['cdrom', 'Force Boot from CD/DVD'],
    ['bios', 'Force Boot into BIOS Setup'],
    ['none', 'No override'],
  ] as const) {
    await machine.ipmitool(['chassis', 'bootdev', device, 'options=persistent,efiboot']);
    assert.match(await bootFlags(), new RegExp(`Boot Device Selector : ${shown}`));
    assert.equal((await machine.status()).bootDevice, device);
  }
  // ipmi_sim has no such device; ipmitool says so on stderr and ends with code 0.
  await machine.ipmitool(['chassis', 'bootdev', 'safe']);
  assert.equal((await machine.status()).bootDevice, 'none');
});

test('the BMC tells its identity and address', async () => {
  // Get System GUID as bytes: "mc guid" guesses their order, and guesses wrong for one UUID in sixteen.
  const guid = await machine.ipmitool(['raw', '0x06', '0x37']);
  assert.equal(guid.replaceAll(/\s/g, ''), machine.record.uuid.replaceAll('-', ''));
  assert.match(await machine.ipmitool(['lan', 'print', '1']), /IP Address {14}: 10\.99\.1\.10/);
  assert.match(await machine.ipmitool(['mc', 'info']), /IPMI Version {14}: 2\.0/);
});

test('a wrong password is refused', async () => {
  const { address, username } = machine.record.bmc;
  const target = ['-I', 'lanplus', '-C', '3', '-H', address, '-U', username, '-P', 'not-the-password'];
  await assert.rejects(
    testLab.lab.run('ipmitool', [...target, 'chassis', 'power', 'status']),
    /Unable to establish IPMI v2/,
  );
});

test('a stopped BMC and a hung one do not answer, and come back', async () => {
  const quick = ['-N', '1', '-R', '1', 'chassis', 'power', 'status'];
  await machine.bmc.stop();
  assert.equal((await machine.status()).bmc, 'stopped');
  await assert.rejects(machine.ipmitool(quick), /Unable to establish IPMI v2/);
  await machine.bmc.start();
  assert.equal(await isOn(), false);

  await machine.bmc.hang();
  assert.equal((await machine.status()).bmc, 'hung');
  await assert.rejects(machine.ipmitool(quick), /Unable to establish IPMI v2/);
  await machine.bmc.start();
  assert.equal(await isOn(), false);
});

test('with the fault powerIgnored, commands are acknowledged and nothing happens', async () => {
  await machine.setFaults({ powerIgnored: true });
  assert.match(await machine.ipmitool(['chassis', 'power', 'on']), /Up\/On/);
  assert.equal(await isOn(), false);
  await machine.setFaults({ powerIgnored: false });
  await machine.ipmitool(['chassis', 'power', 'on']);
  assert.equal(await isOn(), true);
  await machine.ipmitool(['chassis', 'power', 'off']);
});

interface LinkStatistics {
  stats64: { rx: { packets: number } };
}

/** Packets that came out of the machine. */
async function packetsSent(): Promise<number> {
  const tap = machine.record.nics[0]?.tap ?? '';
  const { stdout } = await testLab.lab.run('/sbin/ip', ['-statistics', '-json', 'link', 'show', 'dev', tap]);
  const [link] = JSON.parse(stdout) as LinkStatistics[];
  return link?.stats64.rx.packets ?? 0;
}

test('with the fault linkDown, nothing of a network boot leaves the machine, until the cable is back', async () => {
  await machine.setFaults({ linkDown: true });
  await machine.ipmitool(['chassis', 'bootdev', 'pxe']);
  const sent = await packetsSent();
  const fromOffset = machine.serialOffset();
  await machine.ipmitool(['chassis', 'power', 'on']);
  // A dot a tick: by the third, DHCP has been asked.
  const asking = /^Configuring \(net0 [^)]+\)\.{3}/;
  await machine.waitForSerial(asking, { deadlineSeconds: bootDeadlineSeconds, fromOffset, unfinished: true });
  assert.equal(await packetsSent(), sent);
  await machine.setFaults({ linkDown: false });
  assert.ok(await pollUntil(async () => (await packetsSent()) > sent, bootDeadlineSeconds));
  await machine.ipmitool(['chassis', 'power', 'off']);
});
