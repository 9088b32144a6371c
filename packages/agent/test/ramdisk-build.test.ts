// The ramdisk's parts, and that the same versions give the same bytes.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { run } from '../src/process.ts';
import { packCpio, type Tree } from '../src/ramdisk/cpio.ts';
import { isElf, readNeeded, trimElf } from '../src/ramdisk/elf.ts';
import { buildRamdisk } from '../src/ramdisk/index.ts';
import { readModuleDependencies } from '../src/ramdisk/modules.ts';
import { parseSimulation } from '../src/ramdisk/packages.ts';

const CACHE = join(import.meta.dirname, '../../../.cache/ramdisk');
const SIZE_WANTED_BYTES = 110 * 1024 * 1024;

type Entry = { path: string; mode: number; inode: number; content: Buffer };

/** Reads an archive in the kernel's format, for comparison. */
function unpackCpio(archive: Buffer): Entry[] {
  const entries: Entry[] = [];
  let offset = 0;
  const field = (index: number): number =>
    Number.parseInt(archive.toString('latin1', offset + 6 + index * 8, offset + 14 + index * 8), 16);
  for (;;) {
    assert.equal(archive.toString('latin1', offset, offset + 6), '070701');
    const [inode, mode, size, nameBytes] = [field(0), field(1), field(6), field(11)];
    const path = archive.toString('utf8', offset + 110, offset + 110 + nameBytes - 1);
    const start = offset + Math.ceil((110 + nameBytes) / 4) * 4;
    if (path === 'TRAILER!!!') return entries;
    entries.push({ path, mode, inode, content: archive.subarray(start, start + size) });
    offset = start + Math.ceil(size / 4) * 4;
  }
}

suite('the parts of the ramdisk', () => {
  test('any tree is packed whole, parents first, whatever the order it was made in', () => {
    const name = fc.stringMatching(/^[a-z]{1,6}$/);
    const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => ['files', ...parts, 'file'].join('/'));
    const files = fc.dictionary(path, fc.uint8Array({ maxLength: 50 }), { maxKeys: 10 });
    fc.assert(
      fc.property(files, (wanted) => {
        const list = Object.entries(wanted);
        const tree = (entries: typeof list): Tree =>
          new Map(entries.map(([key, bytes]) => [key, { kind: 'file', mode: 0o644, content: Buffer.from(bytes) }]));
        const archive = packCpio(tree(list));
        assert.ok(archive.equals(packCpio(tree(list.toReversed()))));
        const entries = unpackCpio(archive);
        const seen = new Set(['']);
        for (const entry of entries) {
          assert.ok(seen.has(entry.path.split('/').slice(0, -1).join('/')), `${entry.path} comes before its parent`);
          seen.add(entry.path);
        }
        for (const [key, bytes] of list) {
          assert.deepEqual([...(entries.find((entry) => entry.path === key)?.content ?? [])], [...bytes]);
        }
        assert.equal(new Set(entries.map((entry) => entry.inode)).size, entries.length);
      }),
    );
  });

  test('programs tell their libraries, and run without what is trimmed', async () => {
    const binary = await readFile('/bin/ls');
    assert.ok(isElf(binary));
    const { libraries, interpreter } = readNeeded(binary);
    assert.ok(libraries.includes('libc.so.6'));
    assert.match(interpreter ?? '', /^\/lib.*\/ld-linux/);
    const directory = await mkdtemp(join(tmpdir(), 'elf-'));
    const trimmed = trimElf(binary);
    assert.ok(trimmed.length <= binary.length);
    await writeFile(join(directory, 'ls'), trimmed, { mode: 0o755 });
    assert.equal((await run(join(directory, 'ls'), [directory])).stdout, 'ls\n');
    await rm(directory, { recursive: true });
    assert.deepEqual(readNeeded(Buffer.from('#!/bin/sh\n')), { libraries: [], interpreter: null });
  });

  test('modules tell what they need', () => {
    const module = Buffer.from(
      '\x7fELF...\0license=GPL\0depends=mii,usb-core\0softdep=pre: crc32c post: x\0name=a\0',
      'latin1',
    );
    assert.deepEqual(readModuleDependencies(module), ['mii', 'usb_core', 'crc32c', 'x']);
    assert.deepEqual(readModuleDependencies(Buffer.from('\0depends=\0', 'latin1')), []);
  });

  test("apt's plan is read", () => {
    const text =
      'NOTE: x\nInst zlib1g (1:1.2-1 Debian:12/stable [amd64])\nInst apt [1.0] (2.0 Debian [amd64])\nConf zlib1g (1)\n';
    assert.deepEqual(parseSimulation(text), [
      { name: 'apt', version: '2.0' },
      { name: 'zlib1g', version: '1:1.2-1' },
    ]);
  });
});

suite('the whole ramdisk', () => {
  test('built twice, it is the same to the byte, and within its size', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'ramdisk-'));
    try {
      const build = (name: string, cacheDirectory: string) =>
        buildRamdisk({ outputDirectory: join(directory, name), cacheDirectory, log: () => undefined });
      const first = await build('first', CACHE);
      // A cache of its own, but for the unpacked packages: everything is collected and compressed anew.
      const ownCache = join(directory, 'cache');
      await mkdir(ownCache);
      await symlink(join(CACHE, 'packages'), join(ownCache, 'packages'));
      const second = await build('second', ownCache);
      assert.equal(second.fromCache, false);
      assert.equal(second.sha256, first.sha256);
      assert.ok((await readFile(second.kernel)).equals(await readFile(first.kernel)));
      assert.ok(first.bytes.total < SIZE_WANTED_BYTES, `${first.bytes.total} bytes`);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});
