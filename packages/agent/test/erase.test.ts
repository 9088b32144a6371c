// Disks are erased by the best way they offer; the states of ATA security are read from hdparm's words.
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ataSecureErase, parseAtaSecurity } from '../src/erase/ata.ts';
import { eraseDisk, eraseDisks } from '../src/erase/devices.ts';
import { nvmeSecureErase, parseNvmeController } from '../src/erase/nvme.ts';
import { type EraseSettings, readEraseSettings } from '../src/erase/settings.ts';
import type { Disk } from '../src/hardware/disks.ts';
import { fakeTools, quietLog } from './support/fake-tools.ts';

/** The end of `hdparm -I`, in the layout of hdparm 9.65. */
function identify(states: {
  supported?: boolean;
  enabled?: boolean;
  locked?: boolean;
  frozen?: boolean;
  enhanced?: boolean;
}): string {
  const flag = (on: boolean | undefined, name: string) => (on === true ? `\t\t${name}` : `\tnot\t${name}`);
  const erase = states.enhanced === false ? '' : '\t\tsupported: enhanced erase\n';
  const times = '\t22min for SECURITY ERASE UNIT. 24min for ENHANCED SECURITY ERASE UNIT.';
  return [
    '',
    '/dev/sda:',
    '',
    'ATA device, with non-removable media',
    '\tModel Number:       DISK',
    'Commands/features:',
    '\tEnabled\tSupported:',
    '\t   *\tSecurity Mode feature set',
    'Security: ',
    '\tMaster password revision code = 65534',
    flag(states.supported !== false, 'supported'),
    flag(states.enabled, 'enabled'),
    flag(states.locked, 'locked'),
    flag(states.frozen, 'frozen'),
    '\tnot\texpired: security count',
    `${erase}${times}`,
    'Logical Unit WWN Device Identifier: 5000c500a1b2c3d4',
    'Checksum: correct',
    '',
  ].join('\n');
}

const SETTINGS: EraseSettings = readEraseSettings({
  uuid: 'x',
  properties: {},
  instance_info: {},
  driver_internal_info: {},
});
const DISK: Disk = {
  name: '/dev/sda',
  model: 'DISK',
  size: 1000,
  rotational: true,
  wwn: null,
  serial: null,
  vendor: null,
  wwn_with_extension: null,
  wwn_vendor_extension: null,
  hctl: null,
  by_path: null,
  logical_sectors: 512,
  physical_sectors: 512,
  isReadOnly: false,
  transport: 'sata',
};

suite('ATA security', () => {
  test('the section is read', () => {
    assert.deepEqual(parseAtaSecurity(identify({ frozen: true })), {
      isSupported: true,
      isEnabled: false,
      isLocked: false,
      isFrozen: true,
      supportsEnhancedErase: true,
      eraseMinutes: 22,
      enhancedEraseMinutes: 24,
    });
    assert.equal(parseAtaSecurity('/dev/sda:\n\nATA device\n'), null);
    assert.equal(parseAtaSecurity(identify({ supported: false }))?.isSupported, false);
  });

  test('an able disk is given a password and erased, enhanced where it can', async () => {
    for (const [enhanced, option] of [
      [true, '--security-erase-enhanced'],
      [false, '--security-erase'],
    ] as const) {
      const tools = fakeTools({ 'hdparm -I': identify({ enhanced }), 'hdparm --user-master': '' });
      assert.equal(await ataSecureErase(tools.run, '/dev/sda', quietLog), true);
      assert.deepEqual(tools.calls.slice(1, 3), [
        'hdparm --user-master u --security-set-pass NULL /dev/sda',
        `hdparm --user-master u ${option} NULL /dev/sda`,
      ]);
    }
  });

  test('a disk without security, or none of ATA, is left to others', async () => {
    const virtual = fakeTools({ 'hdparm -I': { exitCode: 25 } });
    assert.equal(await ataSecureErase(virtual.run, '/dev/vda', quietLog), false);
    const unsupported = fakeTools({ 'hdparm -I': identify({ supported: false }) });
    assert.equal(await ataSecureErase(unsupported.run, '/dev/sda', quietLog), false);
  });

  test('a frozen disk fails with the remedy', async () => {
    const tools = fakeTools({ 'hdparm -I': identify({ frozen: true }) });
    await assert.rejects(
      ataSecureErase(tools.run, '/dev/sda', quietLog),
      /\/dev\/sda.*frozen.*power the machine off and on/,
    );
  });

  test('a disk locked by an erasure that was interrupted is unlocked and erased', async () => {
    let isLocked = true;
    const tools = fakeTools({
      'hdparm -I': () => identify({ enabled: isLocked, locked: isLocked }),
      'hdparm --user-master u --security-unlock': () => {
        isLocked = false;
        return '';
      },
      'hdparm --user-master u --security': '',
    });
    assert.equal(await ataSecureErase(tools.run, '/dev/sda', quietLog), true);
  });

  test('a disk locked by others fails', async () => {
    const tools = fakeTools({
      'hdparm -I': identify({ enabled: true, locked: true }),
      'hdparm --user-master': { exitCode: 5 },
    });
    await assert.rejects(ataSecureErase(tools.run, '/dev/sda', quietLog), /locked with a password that is not ours/);
  });

  test('a failed erasure takes its password back', async () => {
    const tools = fakeTools({
      'hdparm -I': identify({}),
      'hdparm --user-master u --security-set-pass': '',
      'hdparm --user-master u --security-erase': { exitCode: 1 },
      'hdparm --user-master u --security-disable': '',
    });
    await assert.rejects(ataSecureErase(tools.run, '/dev/sda', quietLog), /it failed/);
    assert.equal(tools.calls.at(-1), 'hdparm --user-master u --security-disable NULL /dev/sda');
  });

  test('a disk that is still enabled afterwards did not erase itself', async () => {
    let reads = 0;
    const tools = fakeTools({
      'hdparm -I': () => identify({ enabled: reads++ > 0 }),
      'hdparm --user-master': '',
    });
    await assert.rejects(ataSecureErase(tools.run, '/dev/sda', quietLog), /did not erase itself/);
  });
});

suite('NVMe format', () => {
  const controller = (oacs: number, fna: number) => JSON.stringify({ vid: 1, mn: 'DISK', oacs, fna });

  test('capabilities are bits of OACS and FNA', () => {
    assert.deepEqual(parseNvmeController(controller(0b10, 0b100)), {
      supportsFormat: true,
      supportsCryptoErase: true,
      formatsAllNamespaces: false,
    });
    assert.equal(parseNvmeController(controller(0, 0b10)).supportsFormat, false);
    assert.throws(() => parseNvmeController('{}'), /neither oacs nor fna/);
  });

  test('keys are changed where there are keys, else user data is erased', async () => {
    for (const [fna, ses] of [
      [4, 2],
      [0, 1],
    ] as const) {
      const tools = fakeTools({ 'nvme id-ctrl': controller(2, fna), 'nvme format': '' });
      assert.equal(await nvmeSecureErase(tools.run, '/dev/nvme0n1', quietLog), true);
      assert.equal(tools.calls[1], `nvme format /dev/nvme0n1 --ses=${ses} --force`);
    }
    const unable = fakeTools({ 'nvme id-ctrl': controller(0, 0) });
    assert.equal(await nvmeSecureErase(unable.run, '/dev/nvme0n1', quietLog), false);
  });
});

suite('erasing disks', () => {
  test('the defaults are those of Ironic, and the node changes them', () => {
    assert.deepEqual(SETTINGS, {
      iterations: 1,
      zeroize: true,
      continueIfSecureEraseFailed: false,
      nvmeSecureErase: true,
      ataSecureErase: true,
      concurrency: 1,
      skipReadOnly: false,
    });
    const info = {
      agent_erase_devices_iterations: 3,
      agent_erase_devices_zeroize: 'false',
      disk_erasure_concurrency: 4,
    };
    const changed = readEraseSettings({ uuid: 'x', properties: {}, instance_info: {}, driver_internal_info: info });
    assert.deepEqual([changed.iterations, changed.zeroize, changed.concurrency], [3, false, 4]);
  });

  test('a disk that cannot erase itself is overwritten', async () => {
    const tools = fakeTools({ 'hdparm -I': { exitCode: 25 }, shred: '' });
    await eraseDisk(tools.run, DISK, { ...SETTINGS, iterations: 2 }, quietLog);
    assert.equal(tools.calls.at(-1), 'shred --force --zero --iterations=2 /dev/sda');
  });

  test('a failed secure erasure fails, or is replaced where the node allows it', async () => {
    const answers = { 'hdparm -I': identify({ frozen: true }), shred: '' };
    await assert.rejects(eraseDisk(fakeTools(answers).run, DISK, SETTINGS, quietLog), /frozen/);
    const tools = fakeTools(answers);
    await eraseDisk(tools.run, DISK, { ...SETTINGS, continueIfSecureEraseFailed: true }, quietLog);
    assert.match(tools.calls.at(-1) ?? '', /^shred/);
  });

  test('secure erasure can be switched off', async () => {
    const tools = fakeTools({ shred: '' });
    await eraseDisk(tools.run, DISK, { ...SETTINGS, ataSecureErase: false }, quietLog);
    assert.deepEqual(tools.calls.length, 1);
  });

  test('read-only disks fail or are left alone', async () => {
    const readOnly = { ...DISK, isReadOnly: true };
    await assert.rejects(eraseDisk(fakeTools({}).run, readOnly, SETTINGS, quietLog), /read-only/);
    await eraseDisk(fakeTools({}).run, readOnly, { ...SETTINGS, skipReadOnly: true }, quietLog);
  });

  test('all disks are tried, and every failure is named', async () => {
    const disks = ['/dev/sda', '/dev/sdb', '/dev/sdc'].map((name) => ({ ...DISK, name }));
    const tools = fakeTools({
      'hdparm -I': { exitCode: 25 },
      shred: '',
      'shred --force --zero --iterations=1 /dev/sda': { exitCode: 1 },
      'shred --force --zero --iterations=1 /dev/sdc': { exitCode: 1 },
    });
    await assert.rejects(eraseDisks(tools.run, disks, { ...SETTINGS, concurrency: 2 }, quietLog), /sda.*sdc|sdc.*sda/);
    assert.equal(tools.calls.filter((call) => call.startsWith('shred')).length, 3);
  });
});
