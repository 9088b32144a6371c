// A virtual machine behind a Redfish service: power, and boots from a virtual CD and over HTTP, with BIOS and UEFI.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  type AddressServer,
  type ImageServer,
  type MachineHandle,
  startAddressServer,
  startImageServer,
} from '../src/index.ts';
import { pollUntil } from '../src/process/poll.ts';
import { run } from '../src/process/run.ts';
import { bringUp, type TestLab } from './support.ts';

const bootDeadlineSeconds = 120;
const powerDeadlineSeconds = 15;
const greeting = 'greetings from the image';

let testLab: TestLab;
let images: ImageServer;
let addresses: AddressServer;

before(async () => {
  const hardware = { memoryMiB: 256, disks: [{ sizeMiB: 16 }], nics: [{ networkBoot: 'none' as const }] };
  testLab = await bringUp({
    machines: [hardware, { ...hardware, firmware: 'uefi' }],
    redfish: 'generic',
  });
  const root = join(testLab.lab.directory, 'files');
  const content = join(testLab.lab.directory, 'content');
  mkdirSync(root);
  mkdirSync(join(content, 'boot', 'grub'), { recursive: true });
  writeFileSync(
    join(content, 'boot', 'grub', 'grub.cfg'),
    `serial --unit=0 --speed=115200\nterminal_output serial\necho "${greeting}"\nsleep 600\n`,
  );
  await run('grub-mkrescue', ['-o', join(root, 'boot.iso'), content]);
  images = await startImageServer({ namespace: testLab.lab.record.namespace, root, listen: '10.99.0.1:0' });
  addresses = await startAddressServer({
    ...{ namespace: testLab.lab.record.namespace, device: 'br0', directory: testLab.lab.directory },
    ...{ macs: [testLab.lab.machine('n2').record.nics[0]?.mac ?? ''], range: ['10.99.0.50', '10.99.0.60'] },
  });
});
after(async () => {
  await addresses?.close();
  await images?.close();
  await testLab?.remove();
});

// Runs inside the namespace, because only there the service can be reached.
const askProgram = `
  const { readFileSync } = require('node:fs');
  const { request } = require('node:https');
  const [method, url, auth, certificate, body] = process.argv.slice(1);
  const headers = body === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
  request(url, { method, auth, ca: readFileSync(certificate), headers }, async (response) => {
    let text = '';
    for await (const chunk of response) text += chunk;
    console.log(JSON.stringify({ status: response.statusCode, body: text === '' ? {} : JSON.parse(text) }));
  }).end(body);
`;

function redfishOf(machine: MachineHandle) {
  const { redfish, bmc } = machine.record;
  if (redfish === undefined) throw new Error('there is no Redfish service');
  const ask = async (method: string, path: string, body?: object) => {
    const { stdout } = await testLab.lab.run(process.execPath, [
      ...['-e', askProgram, method, `${redfish.url}/redfish/v1${path}`],
      ...[`${bmc.username}:${machine.password()}`, redfish.certificateFile],
      ...(body === undefined ? [] : [JSON.stringify(body)]),
    ]);
    const reply = JSON.parse(stdout);
    assert.ok(reply.status < 300, stdout);
    return reply.body;
  };
  return {
    ask,
    reset: (ResetType: string) => ask('POST', '/Systems/1/Actions/ComputerSystem.Reset', { ResetType }),
    boot: (Boot: object) => ask('PATCH', '/Systems/1', { Boot }),
    power: async () => (await ask('GET', '/Systems/1')).PowerState,
    media: (action: 'Insert' | 'Eject', body: object) =>
      ask('POST', `/Systems/1/VirtualMedia/Cd/Actions/VirtualMedia.${action}Media`, body),
  };
}

for (const [name, firmware, banner] of [
  ['n1', 'BIOS', /^SeaBIOS/],
  ['n2', 'UEFI', /UEFI|BdsDxe|Shell/],
] as const) {
  test(`with ${firmware}, a machine boots once from the image that was put into its CD, then from its disk`, async () => {
    const machine = testLab.lab.machine(name);
    const { ask, boot, media, power, reset } = redfishOf(machine);
    const system = await ask('GET', '/Systems/1');
    assert.deepEqual([system.UUID, system.SerialNumber], [machine.record.uuid, machine.record.serialNumber]);
    await media('Insert', { Image: `${images.url}/boot.iso` });
    await boot({ BootSourceOverrideTarget: 'Cd', BootSourceOverrideEnabled: 'Once' });
    assert.equal((await machine.status()).bootDevice, 'cdrom');
    await reset('On');
    assert.equal(await power(), 'On');
    await machine.waitForSerial(new RegExp(greeting), { deadlineSeconds: bootDeadlineSeconds, unfinished: true });
    assert.equal((await ask('GET', '/Systems/1')).Boot.BootSourceOverrideEnabled, 'Disabled');

    const fromOffset = machine.serialOffset();
    await reset('ForceRestart');
    await machine.waitForSerial(/reset by the BMC/, { deadlineSeconds: bootDeadlineSeconds, fromOffset });
    await machine.waitForSerial(banner, { deadlineSeconds: bootDeadlineSeconds, fromOffset, unfinished: true });
    assert.equal((await machine.status()).bootDevice, 'none');
    await reset('ForceOff');
    assert.equal(await power(), 'Off');
    const isGone = await pollUntil(async () => (await machine.status()).qemuPid === undefined, powerDeadlineSeconds);
    assert.ok(isGone, 'QEMU ended');
    await media('Eject', {});
  });
}

test('with UEFI, a machine boots what HttpBootUri names', async () => {
  const machine = testLab.lab.machine('n2');
  const { boot, reset } = redfishOf(machine);
  const fromOffset = machine.serialOffset();
  await boot({
    ...{ BootSourceOverrideTarget: 'UefiHttp', BootSourceOverrideEnabled: 'Once', BootSourceOverrideMode: 'UEFI' },
    HttpBootUri: `${images.url}/boot.iso`,
  });
  await reset('On');
  await machine.waitForSerial(/starting Boot00F0 "HTTP boot of Redfish" from Uri\(http:[^)]*boot\.iso\)/, {
    ...{ deadlineSeconds: bootDeadlineSeconds, fromOffset, unfinished: true },
  });
  await machine.waitForSerial(new RegExp(greeting), {
    ...{ deadlineSeconds: bootDeadlineSeconds, fromOffset, unfinished: true },
  });
  assert.ok((await images.statistics('/boot.iso')).completed > 0, 'the firmware fetched all of it');
  await reset('ForceOff');
});

test('an image that can not be had is told when it is put in', async () => {
  const { ask } = redfishOf(testLab.lab.machine('n1'));
  await assert.rejects(
    ask('POST', '/Systems/1/VirtualMedia/Cd/Actions/VirtualMedia.InsertMedia', { Image: `${images.url}/none.iso` }),
    /"status":400.*none\.iso answers 404/,
  );
  assert.equal((await ask('GET', '/Systems/1/VirtualMedia/Cd')).Inserted, false);
});
