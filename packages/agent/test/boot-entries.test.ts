// Boot entries of the firmware and the loaders they point to.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { cleanUefiBootEntries } from '../src/erase/firmware-state.ts';
import { findLoader, parseLoaderCsv } from '../src/image/efi-loader.ts';
import { parseBootEntries } from '../src/image/efi-variables.ts';
import { parseSfdisk } from '../src/image/partition-table.ts';
import { parseConvertProgress } from '../src/image/qemu-convert.ts';
import { fakeTools, quietLog } from './support/fake-tools.ts';

/** In the layout of efibootmgr 17. */
const VERBOSE = [
  'BootCurrent: 0001',
  'Timeout: 0 seconds',
  'BootOrder: 0003,0001,0000',
  'Boot0000* UiApp\tFvVol(7cb8bdc9-f8eb-4f34-aaea-3ee4af6516a1)/FvFile(462caa21-7614-4503-836e-8ab6f4662331)',
  'Boot0001* UEFI PXEv4 (MAC:525400123456)\tPciRoot(0x0)/Pci(0x3,0x0)/MAC(525400123456,1)/IPv4(0.0.0.0)N.....YM....R,Y.',
  'Boot0003  debian\tHD(1,GPT,0b2b,0x800,0x100000)/File(\\EFI\\debian\\shimx64.efi)',
  '',
].join('\n');

suite('boot entries', () => {
  test('order, labels and device paths are read', () => {
    const { order, entries } = parseBootEntries(VERBOSE);
    assert.deepEqual(order, ['0003', '0001', '0000']);
    assert.deepEqual(
      entries.map((entry) => [entry.number, entry.label, entry.isActive]),
      [
        ['0000', 'UiApp', true],
        ['0001', 'UEFI PXEv4 (MAC:525400123456)', true],
        ['0003', 'debian', false],
      ],
    );
    assert.match(entries[2]?.devicePath ?? '', /^HD\(1,GPT/);
  });

  test('cleaning removes entries of disks, or those of the given patterns, and keeps the network', async () => {
    const root = await mkdtemp(join(tmpdir(), 'efi-'));
    await mkdir(join(root, 'sys/firmware/efi'), { recursive: true });
    const tools = fakeTools({ 'efibootmgr --verbose': VERBOSE, 'efibootmgr --bootnum': '' });
    await cleanUefiBootEntries(tools.run, null, quietLog, root);
    assert.deepEqual(tools.calls.slice(1), ['efibootmgr --bootnum 0003 --delete-bootnum']);
    await cleanUefiBootEntries(tools.run, ['ipv4'], quietLog, root);
    assert.equal(tools.calls.at(-1), 'efibootmgr --bootnum 0001 --delete-bootnum');
    await assert.rejects(cleanUefiBootEntries(tools.run, ['('], quietLog, root), /match_patterns/);
    await rm(root, { recursive: true });
  });
});

suite('loaders', () => {
  const csv = (text: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);

  test("shim's list", () => {
    const text = 'shimx64.efi,Fedora,,This is the boot entry for Fedora\r\n';
    assert.deepEqual(parseLoaderCsv(csv(text)), { file: 'shimx64.efi', label: 'Fedora' });
    assert.deepEqual(parseLoaderCsv(Buffer.from(text)), { file: 'shimx64.efi', label: 'Fedora' });
    assert.equal(parseLoaderCsv(Buffer.alloc(0)), null);
  });

  test('a list comes before known names, a vendor before the fallback, and cases do not matter', async () => {
    const esp = await mkdtemp(join(tmpdir(), 'esp-'));
    const put = async (path: string, content: string | Buffer = '') => {
      await mkdir(join(esp, path, '..'), { recursive: true });
      await writeFile(join(esp, path), content);
    };
    assert.equal(await findLoader(esp, 'x64'), null);
    await put('EFI/BOOT/bootx64.EFI');
    assert.equal((await findLoader(esp, 'x64'))?.path, '\\EFI\\BOOT\\bootx64.EFI');
    await put('EFI/ubuntu/grubx64.efi');
    assert.equal((await findLoader(esp, 'x64'))?.path, '\\EFI\\ubuntu\\grubx64.efi');
    await put('EFI/debian/SHIMX64.EFI');
    await put('EFI/debian/BOOTX64.CSV', csv('shimx64.efi,debian,,\n'));
    assert.deepEqual(await findLoader(esp, 'x64'), { path: '\\EFI\\debian\\SHIMX64.EFI', label: 'debian' });
    await rm(esp, { recursive: true });
  });
});

suite('words of disk tools', () => {
  test('sfdisk', () => {
    const text = JSON.stringify({
      partitiontable: {
        label: 'gpt',
        sectorsize: 512,
        partitions: [{ node: '/dev/nvme0n1p2', start: 2048, size: 4096, type: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B' }],
      },
    });
    assert.deepEqual(parseSfdisk(text, '/dev/nvme0n1')?.partitions, [
      {
        number: 2,
        path: '/dev/nvme0n1p2',
        startSector: 2048,
        sectors: 4096,
        type: 'c12a7328-f81f-11d2-ba4b-00a0c93ec93b',
      },
    ]);
    assert.equal(parseSfdisk('{"partitiontable":{"label":"sun"}}', '/dev/sda'), null);
  });

  test('qemu-img', () => {
    assert.equal(parseConvertProgress('    (12.34/100%)\r    (56.00/100%)\r'), 56);
    assert.equal(parseConvertProgress('nothing'), null);
  });
});
