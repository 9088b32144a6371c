// A disk image that looks like an operating system's: a GPT, an EFI system partition with a loader, a root partition.
import { randomFillSync } from 'node:crypto';
import { open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../src/process.ts';
import { createDisk } from './machine.ts';

const MIB = 1024 * 1024;
export const IMAGE_BYTES = 64 * MIB;
const ESP_START_BYTES = MIB;
const ESP_BYTES = 34 * MIB;
const ROOT_START_BYTES = 36 * MIB;

/** @returns the bytes of a raw image. */
export async function makeOsImage(directory: string): Promise<Buffer> {
  const path = join(directory, 'os.raw');
  const esp = join(directory, 'esp.fat');
  const loader = join(directory, 'loader.efi');
  await createDisk(path, IMAGE_BYTES);
  await run('sgdisk', ['--new=1:1M:+34M', '--typecode=1:ef00', '--new=2:36M:0', '--typecode=2:8300', path]);
  await createDisk(esp, ESP_BYTES);
  await run('mkfs.vfat', ['-F', '32', '-s', '1', esp]);
  await writeFile(loader, 'not a loader, but found as one');
  await run('mmd', ['-i', esp, '::/EFI', '::/EFI/BOOT']);
  await run('mcopy', ['-i', esp, loader, '::/EFI/BOOT/BOOTX64.EFI']);
  const file = await open(path, 'r+');
  await file.write(await readFile(esp), 0, ESP_BYTES, ESP_START_BYTES);
  const root = randomFillSync(Buffer.alloc(4 * MIB));
  await file.write(root, 0, root.length, ROOT_START_BYTES);
  await file.close();
  await rm(esp);
  return readFile(path);
}
