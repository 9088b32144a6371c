// Boot media as real programs read them: xorriso finds the loaders, busybox unpacks the archive, and each machine has its own.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createFileCache } from '../src/boot/file-cache.ts';
import { type BootIso, createBootIsos } from '../src/boot/iso/boot-iso.ts';
import { initramfsArchive } from '../src/boot/iso/initramfs-archive.ts';
import { makeEspImage } from '../src/boot/iso/loaders.ts';
import { webOptions } from '../src/boot/web.ts';
import { loadConfig } from '../src/config/index.ts';

function setUp(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'wrought-iso-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'kernel'), 'the kernel');
  writeFileSync(join(folder, 'ramdisk'), 'the initramfs');
  const cacheFolder = join(folder, 'cache');
  const isos = createBootIsos(createFileCache(cacheFolder));
  const web = webOptions(loadConfig({ dataDirectory: folder }));
  const path = (name: string) => ({ kind: 'path', path: join(folder, name) }) as const;
  const wish: BootIso = {
    kernel: path('kernel'),
    ramdisk: path('ramdisk'),
    bootloader: null,
    grubConfigPath: 'EFI/BOOT/grub.cfg',
    kernelArguments: ['ipa-api-url=http://192.0.2.1:6385', 'console=ttyS0'],
    files: [],
    networkData: null,
    publisher: 'one',
  };
  const write = async (name: string, changes: Partial<BootIso> = {}) => {
    const target = join(folder, name);
    await isos.write(target, { ...wish, ...changes }, web);
    return target;
  };
  const xorriso = (image: string, ...args: string[]) =>
    execFileSync('xorriso', ['-osirrox', 'on', '-indev', image, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  const read = (image: string, file: string) => {
    const target = join(folder, 'read');
    rmSync(target, { force: true });
    xorriso(image, '-extract', `/${file}`, target);
    return readFileSync(target);
  };
  return { folder, cacheFolder, path, write, read, xorriso };
}

test('a medium boots on BIOS and on UEFI, and holds kernel, initramfs and the command line of its machine', async (t) => {
  const { write, read, xorriso } = setUp(t);
  const image = await write('one.iso');
  const loaders = xorriso(image, '-report_el_torito', 'plain').toString();
  assert.match(loaders, /boot img :\s+1\s+BIOS/);
  assert.match(loaders, /boot img :\s+2\s+UEFI/);
  assert.equal(read(image, 'wrought/vmlinuz').toString(), 'the kernel');
  assert.equal(read(image, 'wrought/initrd').toString(), 'the initramfs');
  assert.match(
    read(image, 'wrought/node.cfg').toString(),
    /^linux \/wrought\/vmlinuz 'ipa-api-url=http:\/\/192\.0\.2\.1:6385' 'console=ttyS0'$/m,
  );
  assert.match(
    read(image, 'isolinux/isolinux.cfg').toString(),
    /^ {2}APPEND ipa-api-url=http:\/\/192\.0\.2\.1:6385 console=ttyS0$/m,
  );
  for (const path of ['boot/grub/grub.cfg', 'EFI/BOOT/grub.cfg']) {
    assert.match(read(image, path).toString(), /^source \/wrought\/node\.cfg$/m);
  }
});

test('machines with the same kernel share what is made once, and none has what belongs to another', async (t) => {
  const { cacheFolder, write, read } = setUp(t);
  const secret = (text: string) => [{ path: 'etc/wrought/secret', content: Buffer.from(text) }];
  const [first, second] = await Promise.all([
    write('one.iso', {
      kernelArguments: ['ipa-agent-token=TOKEN-OF-ONE'],
      files: secret('TOKEN-OF-ONE'),
      publisher: 'pub-1',
    }),
    write('two.iso', {
      kernelArguments: ['ipa-agent-token=TOKEN-OF-TWO'],
      files: secret('TOKEN-OF-TWO'),
      publisher: 'pub-2',
    }),
  ]);
  // Kernel, initramfs and the medium that both were made of.
  assert.equal(readdirSync(cacheFolder).length, 3);
  for (const [image, own, other, publisher] of [
    [first, 'TOKEN-OF-ONE', 'TOKEN-OF-TWO', 'pub-1'],
    [second, 'TOKEN-OF-TWO', 'TOKEN-OF-ONE', 'pub-2'],
  ] as const) {
    for (const file of ['wrought/node.cfg', 'isolinux/isolinux.cfg']) {
      const text = read(image, file).toString();
      assert.ok(text.includes(own) && !text.includes(other), file);
    }
    assert.equal(readFileSync(image).includes(other), false);
    const facts = execFileSync('blkid', ['-p', '-o', 'export', image]).toString();
    assert.match(facts, /^LABEL=VMEDIA_BOOT_ISO$/m);
    assert.match(facts, new RegExp(`^PUBLISHER_ID=${publisher}$`, 'm'));
  }
});

test('the archive of a machine is what a kernel unpacks over its initramfs', async (t) => {
  const { folder, write, read } = setUp(t);
  const files = [
    { path: 'etc/wrought/network_data.json', content: Buffer.from('{"links": []}') },
    { path: 'etc/wrought/odd', content: Buffer.from('12345') },
  ];
  const image = await write('one.iso', { files });
  const unpacked = join(folder, 'unpacked');
  mkdirSync(unpacked);
  read(image, 'wrought/node.cpio');
  execFileSync('busybox', ['cpio', '-id', '-F', join(folder, 'read')], { cwd: unpacked, stdio: 'pipe' });
  for (const { path, content } of files) {
    assert.deepEqual(readFileSync(join(unpacked, path)), content);
  }
  assert.equal(initramfsArchive(files).length % 4, 0);
});

test('network data is a file of its own on the medium, and absent where a machine has none', async (t) => {
  const { write, read, xorriso } = setUp(t);
  const networkData = { links: [], networks: [], services: [] };
  const withData = await write('one.iso', { networkData });
  assert.deepEqual(JSON.parse(read(withData, 'openstack/latest/network_data.json').toString()), networkData);
  const without = await write('two.iso');
  assert.doesNotMatch(xorriso(without, '-find', '/').toString(), /network_data/);
});

test('an EFI system partition of the operator takes the place of the installed loaders', async (t) => {
  const { folder, path, write, read } = setUp(t);
  writeFileSync(join(folder, 'loader.efi'), 'a loader');
  await makeEspImage(join(folder, 'esp.img'), [['BOOTX64.EFI', join(folder, 'loader.efi')]]);
  const image = await write('one.iso', { bootloader: path('esp.img'), grubConfigPath: 'EFI/vendor/grub.cfg' });
  assert.deepEqual(read(image, 'boot/efi.img'), readFileSync(join(folder, 'esp.img')));
  assert.match(read(image, 'EFI/vendor/grub.cfg').toString(), /^source /m);
});

test('what is too long, or a source that is not there, leaves nothing behind and is named', async (t) => {
  const { folder, cacheFolder, path, write } = setUp(t);
  await assert.rejects(
    write('one.iso', { kernelArguments: ['x'.repeat(3000)] }),
    /3000 characters; a kernel takes 2047/,
  );
  await assert.rejects(
    write('one.iso', { networkData: { links: ['x'.repeat(200_000)] } }),
    /network_data\.json of a boot image has 200\d+ bytes; 131072 have room/,
  );
  await assert.rejects(write('one.iso', { kernel: path('missing') }), /missing can not be read: ENOENT/);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.includes('iso') || name.startsWith('.new')),
    [],
  );
  assert.deepEqual(
    readdirSync(cacheFolder).filter((name) => name.startsWith('new-')),
    [],
  );
});
