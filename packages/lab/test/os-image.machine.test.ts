// The parts of the OS image are what the kernel and other programs take them for.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { buildConfigDrive, buildOsImage } from '../src/index.ts';
import { cpioArchive } from '../src/os-image/cpio.ts';
import { dependenciesOf } from '../src/os-image/kernel-modules.ts';
import { run } from '../src/process/run.ts';

const mebibyte = 1024 * 1024;

test('the image is small, whole, partitioned, and built once', async () => {
  const image = await buildOsImage();
  const again = await buildOsImage();
  assert.deepEqual(again, image);
  assert.ok(image.raw.sizeBytes <= 100 * mebibyte, `raw image has ${image.raw.sizeBytes} bytes`);
  assert.ok(image.qcow2.sizeBytes <= 20 * mebibyte, `qcow2 image has ${image.qcow2.sizeBytes} bytes`);
  for (const file of [image.raw, image.qcow2]) {
    assert.equal(createHash('sha512').update(readFileSync(file.path)).digest('hex'), file.sha512);
    assert.match(readFileSync(`${file.path}.sha256`, 'utf8'), new RegExp(`^${file.sha256}  wrought-os\\.`));
  }
  assert.match((await run('sgdisk', ['--verify', image.raw.path])).stdout, /No problems found/);
  await run('qemu-img', ['compare', '-f', 'qcow2', '-F', 'raw', image.qcow2.path, image.raw.path]);
});

test('a config drive holds metadata and user data under the label config-2', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'wl-config-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const drive = join(directory, 'drive.iso');
  await buildConfigDrive(drive, { metaData: { hostname: 'web-1' }, userData: 'nonce=1' });
  const label = readFileSync(drive).subarray(32808, 32840).toString('latin1').trim();
  assert.equal(label, 'config-2');
  const out = join(directory, 'out');
  await run('xorriso', ['-osirrox', 'on', '-indev', drive, '-extract', '/openstack', out]);
  assert.equal(readFileSync(join(out, 'latest/meta_data.json'), 'utf8'), '{"hostname":"web-1"}');
  assert.equal(readFileSync(join(out, 'latest/user_data'), 'utf8'), 'nonce=1');
});

test('busybox unpacks what the cpio writer packs', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'wl-cpio-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const name = fc.stringMatching(/^[a-z]{1,20}$/);
  await fc.assert(
    fc.asyncProperty(fc.dictionary(name, fc.uint8Array({ maxLength: 50 })), async (files) => {
      const target = mkdtempSync(join(directory, 'case-'));
      const entries = Object.entries(files).map(([path, data]) => ({ path: `d/${path}`, mode: 0o100644, data }));
      const archive = join(directory, 'archive');
      writeFileSync(archive, cpioArchive([{ path: 'd', mode: 0o040755 }, ...entries]));
      await run('busybox', ['cpio', '-i', '-F', archive], { cwd: target });
      for (const { path, data } of entries) assert.deepEqual(new Uint8Array(readFileSync(join(target, path))), data);
    }),
    { numRuns: 20 },
  );
});

test('module dependencies are read from the module itself', () => {
  const module = (depends: string) => Buffer.from(`\x7fELF...\0license=GPL\0depends=${depends}\0name=x\0`);
  assert.deepEqual(dependenciesOf(module('crc16,jbd2,snd-pcm')), ['crc16', 'jbd2', 'snd_pcm']);
  assert.deepEqual(dependenciesOf(module('')), []);
});
