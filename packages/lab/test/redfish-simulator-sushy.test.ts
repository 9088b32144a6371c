// Debian's python3-sushy, the library by which Ironic speaks Redfish, reads and drives a service of each model.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type RedfishModelName, redfishModelNames, startRedfishSimulator } from '../src/index.ts';
import { login, temporaryFolder } from './bmc-peers.ts';

const run = promisify(execFile);
const program = fileURLToPath(new URL('./sushy-drive.py', import.meta.url));
const images = createServer((_, response) => response.end('an image'));

before(async () => {
  images.listen(0, '127.0.0.1');
  await once(images, 'listening');
});
after(() => images.close());

/** What the program sees of a model, where models differ. */
interface Seen {
  readonly vendor: string;
  /** Hdd for ever, and Cd for once: what was set, or the message of the error. */
  readonly hdd: readonly string[] | string;
  readonly cd: readonly string[];
  /** Undefined: the system has no boot mode. */
  readonly mode: string | undefined;
  readonly light: readonly string[] | number;
  readonly sensors: readonly unknown[] | null;
  readonly drives: readonly number[];
  readonly volume: boolean;
}

const usual = {
  hdd: ['Hdd', 'Continuous'],
  cd: ['Cd', 'Once'],
  mode: 'UEFI',
  light: ['Blinking', 'Blinking'],
  sensors: [42, 23, 'PSU1'],
  volume: true,
} as const;

const expected: Readonly<Record<RedfishModelName, Seen>> = {
  generic: { ...usual, vendor: 'Contoso', drives: [6, 1] },
  idrac: { ...usual, vendor: 'Dell Inc.', drives: [4, 1] },
  ilo: { ...usual, vendor: 'HPE', mode: 'PropertyNotWritable', drives: [4, 1] },
  xcc: { ...usual, vendor: 'Lenovo', hdd: 'PropertyValueNotInList', light: 428, drives: [3, 2] },
  // This sushy knows that a virtual CD of these machines is a USB CD.
  supermicro: { ...usual, vendor: 'Supermicro', cd: ['UsbCd', 'Once'], drives: [3, 1] },
  openbmc: { ...usual, vendor: 'Example ODM', mode: undefined, sensors: null, volume: false, drives: [2] },
};

for (const model of redfishModelNames) {
  test(`sushy drives a service of the model ${model}`, async (t) => {
    const simulator = await startRedfishSimulator({ count: 1, model, taskSeconds: 0.2, log: () => {} });
    t.after(() => simulator.close());
    const [bmc] = simulator.bmcs;
    assert.ok(bmc);
    const authority = join(temporaryFolder(t), 'ca.pem');
    writeFileSync(authority, simulator.certificateOf(bmc));
    const image = `http://127.0.0.1:${(images.address() as AddressInfo).port}/bios-9.8.7.bin`;
    // Without the environment: variables there name other authorities, and this sushy prefers them.
    const { stdout } = await run(
      '/usr/bin/python3',
      [program, bmc.url, login.userName, login.password, authority, image],
      { env: { PATH: process.env.PATH, LC_ALL: 'C.UTF-8' } },
    );
    const seen = JSON.parse(stdout);
    const want = expected[model];
    assert.deepEqual(seen.identity, [want.vendor, bmc.uuid, 'Physical', 'OK']);
    assert.deepEqual(seen.power, ['On', 'On', 'Off', 'On', 'Off']);
    assert.deepEqual(seen.boot, [['Pxe', 'Once'], want.hdd, want.cd, 'Disabled']);
    assert.equal(seen.mode, want.mode);
    assert.deepEqual(seen.media, [true, image, false]);
    assert.deepEqual(seen.bios, [true, true, true], 'the value of now, the one that waits, the one after the boot');
    assert.equal(seen['bios error'], 400);
    assert.deepEqual([seen.registry, seen['bios reset']], [true, true]);
    assert.deepEqual(seen['secure boot'], [true, 'Enabled', 'SetupMode']);
    assert.deepEqual(seen.light, want.light);
    assert.deepEqual(seen.hardware, [2, true, 2, [...bmc.macs]]);
    assert.deepEqual(seen.sensors, want.sensors);
    assert.deepEqual(seen.drives, want.drives);
    assert.deepEqual(seen.volume, want.volume ? ['RAID1', true] : undefined);
    assert.equal(seen.firmware, '9.8.7');
    assert.deepEqual([seen.sessions, seen.tasks, seen.registries], [[login.userName], true, true]);
    assert.deepEqual(seen.subscriptions, ['http://127.0.0.1:9/']);
  });
}
