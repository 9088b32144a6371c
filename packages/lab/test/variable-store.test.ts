// The variable store of OVMF: what is written is what firmware reads, and space is used once for what stays the same.
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setNextBoot } from '../src/machine/next-boot.ts';
import { ovmfVariables } from '../src/machine/qemu-arguments.ts';
import { readVariable, writeVariables } from '../src/machine/variable-store.ts';

function newStore(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'wrought-variables-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'variables.fd');
  copyFileSync(ovmfVariables, path);
  return path;
}

test('variables are written, changed, kept and removed', (t) => {
  const path = newStore(t);
  const size = readFileSync(path).length;
  assert.equal(readVariable(path, 'BootNext'), undefined);
  writeVariables(path, { BootNext: Buffer.of(1, 0), Boot0001: Buffer.from('odd') });
  assert.deepEqual(readVariable(path, 'BootNext'), Buffer.of(1, 0));
  assert.deepEqual(readVariable(path, 'Boot0001'), Buffer.from('odd'));
  writeVariables(path, { BootNext: Buffer.of(2, 0) });
  assert.deepEqual(readVariable(path, 'BootNext'), Buffer.of(2, 0));
  assert.deepEqual(readVariable(path, 'Boot0001'), Buffer.from('odd'));
  writeVariables(path, { BootNext: undefined });
  assert.equal(readVariable(path, 'BootNext'), undefined);
  assert.equal(readFileSync(path).length, size);
});

test('a boot from a URL is the same option however often it is asked for', (t) => {
  const path = newStore(t);
  setNextBoot(path, 'http://192.0.2.1/boot.iso');
  const once = readFileSync(path);
  setNextBoot(path, 'http://192.0.2.1/boot.iso');
  assert.ok(readFileSync(path).equals(once));
  const option = readVariable(path, 'Boot00F0');
  assert.equal(option?.readUInt32LE(0), 1);
  assert.ok(option?.includes('http://192.0.2.1/boot.iso'));
  assert.deepEqual(readVariable(path, 'BootNext'), Buffer.of(0xf0, 0));
});

test('a store without room, or none at all, is told', (t) => {
  const path = newStore(t);
  const large = Buffer.alloc(30_000, 1);
  assert.throws(() => {
    for (let number = 0; number < 100; number += 1) writeVariables(path, { [`Large${number}`]: large });
  }, /has no room for Large\d+/);
  assert.ok(readVariable(path, 'Large0')?.equals(large));
  writeFileSync(path, Buffer.alloc(1000));
  assert.throws(() => readVariable(path, 'BootNext'), /no variable store of UEFI/);
});
