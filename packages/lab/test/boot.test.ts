// Machines boot the lab's OS image from their disks in the order their BMC was told, and say what they read.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { buildConfigDrive, buildOsImage, type MachineHandle, type Milestone, type OsImage } from '../src/index.ts';
import { pollUntil } from '../src/process/poll.ts';
import { bringUp, type TestLab } from './support.ts';

const bootDeadlineSeconds = 120;
const powerOffDeadlineSeconds = 60;

let testLab: TestLab;
let image: OsImage;

before(async () => {
  image = await buildOsImage();
  const system = { sizeMiB: 128 };
  testLab = await bringUp({
    machines: [
      { name: 'bios', memoryMiB: 512, disks: [system, { sizeMiB: 16, bus: 'ahci', wwn: '5000c50012345678' }] },
      { name: 'uefi', memoryMiB: 512, firmware: 'uefi', disks: [{ ...system, bus: 'nvme' }, { sizeMiB: 16 }] },
    ],
  });
});
after(() => testLab.remove());

/** Puts image and config drive on a machine's disks. */
async function install(machine: MachineHandle, name: string, nonce: string): Promise<void> {
  const drive = join(testLab.lab.directory, `${name}.iso`);
  const metaData = { uuid: machine.record.uuid, hostname: name, meta: { nonce } };
  await buildConfigDrive(drive, { metaData });
  await machine.writeDisk(0, image.qcow2.path, 'qcow2');
  await machine.writeDisk(1, drive, 'raw');
}

async function isOff(machine: MachineHandle): Promise<boolean> {
  return (await machine.status()).power === 'off';
}

test('BIOS: boots from disk, reads the config drive, powers off by ACPI, follows the boot device at reset', async () => {
  const machine = testLab.lab.machine('bios');
  await install(machine, 'web-1', 'n-4711');
  const milestones: Milestone[] = [];
  const follower = machine.followMilestones((milestone) => milestones.push(milestone));

  await machine.ipmitool(['chassis', 'power', 'on']);
  const wait = { deadlineSeconds: bootDeadlineSeconds, fromOffset: 0 };
  const said = await machine.waitForSerial(/^wrought-os: hostname=/, wait);
  assert.equal(said.line, `wrought-os: hostname=web-1 uuid=${machine.record.uuid} nonce=n-4711`);
  await machine.waitForSerial(/^wrought-os: kernel .* firmware=bios .* release=/, wait);
  await machine.waitForSerial(/^wrought-os: ready$/, wait);
  await machine.waitForSerial(/^wrought-os: bmc manufacturer=0x001291 product=0x0f02$/, wait);
  assert.ok(await pollUntil(() => milestones.at(-1)?.kind === 'os-ready', bootDeadlineSeconds));
  follower.close();
  await follower.ended;
  assert.deepEqual(
    milestones.map(({ kind }) => kind),
    ['power-on', 'firmware', 'disk-boot', 'disk-boot', 'kernel', 'os-config', 'os-ready'],
  );
  assert.equal(milestones.find(({ kind }) => kind === 'os-config')?.facts.nonce, 'n-4711');

  const screenshot = join(testLab.lab.directory, 'screen.png');
  await machine.screenshot(screenshot);
  assert.equal(readFileSync(screenshot).subarray(1, 4).toString(), 'PNG');

  await machine.ipmitool(['chassis', 'power', 'soft']);
  await machine.waitForSerial(/^wrought-os: power button/, { deadlineSeconds: powerOffDeadlineSeconds });
  assert.ok(await pollUntil(() => isOff(machine), powerOffDeadlineSeconds), 'the power button turned the machine off');

  let fromOffset = machine.serialOffset();
  await machine.ipmitool(['chassis', 'bootdev', 'pxe']);
  await machine.ipmitool(['chassis', 'power', 'on']);
  await machine.waitForSerial(/^Configuring \(net0/, {
    deadlineSeconds: bootDeadlineSeconds,
    fromOffset,
    unfinished: true,
  });

  fromOffset = machine.serialOffset();
  await machine.ipmitool(['chassis', 'bootdev', 'disk']);
  await machine.ipmitool(['chassis', 'power', 'reset']);
  await machine.waitForSerial(/^Welcome to GRUB/, { deadlineSeconds: bootDeadlineSeconds, fromOffset });
  await machine.ipmitool(['chassis', 'power', 'off']);
});

test('UEFI: boots from NVMe after network boot was tried first, keeps its variables over a power cycle', async () => {
  const machine = testLab.lab.machine('uefi');
  await install(machine, 'db-1', 'n-0815');
  await machine.ipmitool(['chassis', 'bootdev', 'pxe', 'options=efiboot']);
  await machine.ipmitool(['chassis', 'power', 'on']);
  await machine.waitForSerial(/^Configuring \(net0/, { deadlineSeconds: bootDeadlineSeconds, unfinished: true });
  await machine.ipmitool(['chassis', 'power', 'off']);
  const variables = readFileSync(machine.record.variableStore);

  const offset = machine.serialOffset();
  await machine.ipmitool(['chassis', 'bootdev', 'disk', 'options=persistent,efiboot']);
  await machine.ipmitool(['chassis', 'power', 'on']);
  const wait = { deadlineSeconds: bootDeadlineSeconds, fromOffset: offset };
  await machine.waitForSerial(/^wrought-os: kernel .* firmware=uefi root=\/dev\/nvme0n1p3 /, wait);
  const said = await machine.waitForSerial(/^wrought-os: hostname=/, wait);
  assert.equal(said.line, `wrought-os: hostname=db-1 uuid=${machine.record.uuid} nonce=n-0815`);
  await machine.waitForSerial(/^wrought-os: ready$/, wait);
  assert.notDeepEqual(readFileSync(machine.record.variableStore), variables, 'the boot order is written there');

  const { bmc } = machine.record;
  const login = `ipmitool -I lanplus -C 3 -H ${bmc.address} -U ${bmc.username} -f ${bmc.passwordFile} sol activate`;
  // ipmitool wants a terminal for its serial-over-LAN session.
  const session = testLab.lab.spawn('script', ['--quiet', '--flush', '--command', login, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let seen = '';
  session.stdout?.on('data', (text: Buffer) => {
    seen += text.toString();
  });
  assert.ok(await pollUntil(() => seen.includes('SOL Session operational'), bootDeadlineSeconds));
  const shell = await pollUntil(() => {
    // Keys that are pressed before the console is connected are lost.
    session.stdin?.write('\r');
    return seen.includes('built-in shell');
  }, bootDeadlineSeconds);
  assert.ok(shell, `serial over LAN answers to keys; seen: ${seen}`);
  session.stdin?.write('~.');
  await once(session, 'exit');
  await machine.ipmitool(['chassis', 'power', 'off']);
});
