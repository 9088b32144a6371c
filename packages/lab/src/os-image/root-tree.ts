// Lays out the files of the lab's operating system: busybox, its scripts, a kernel and the initramfs that starts it.
import { chmodSync, copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { zstdCompressSync } from 'node:zlib';
import { findKernel } from '../debian-packages.ts';
import { run } from '../process/run.ts';
import { type CpioEntry, cpioArchive } from './cpio.ts';
import { type KernelModule, selectModules } from './kernel-modules.ts';

export const guestFiles = fileURLToPath(new URL('./guest', import.meta.url));

// Disks, file systems (crc32c is asked for by ext4 at run time, so no dependency names it), NICs, the power button,
// the BMC.
const wantedModules = [
  ['virtio_pci', 'virtio_blk', 'ahci', 'nvme', 'sd_mod', 'sr_mod'],
  ['crc32c_generic', 'libcrc32c', 'ext4', 'isofs', 'vfat', 'nls_cp437', 'nls_ascii', 'nls_utf8'],
  ['virtio_net', 'e1000', 'e1000e', 'bonding'],
  ['button', 'evdev'],
  ['ipmi_si', 'ipmi_devintf'],
].flat();

const directoryMode = 0o040755;
const programMode = 0o100755;
const fileMode = 0o100644;

function makeInitramfs(unpacked: string, modules: KernelModule[]): Buffer {
  const file = (path: string, mode: number, data: Buffer): CpioEntry => ({ path, mode, data });
  const directories = ['bin', 'dev', 'proc', 'sys', 'root', 'modules'].map((path) => ({ path, mode: directoryMode }));
  const order = modules.map((module) => `${module.name}.ko\n`).join('');
  const archive = cpioArchive([
    ...directories,
    file('init', programMode, readFileSync(join(guestFiles, 'initramfs-init'))),
    file('bin/busybox', programMode, readFileSync(join(unpacked, 'bin/busybox'))),
    file('modules/order', fileMode, Buffer.from(order)),
    ...modules.map((module) => file(`modules/${module.name}.ko`, fileMode, readFileSync(module.path))),
  ]);
  return zstdCompressSync(archive);
}

/**
 * Fills `tree` with the root file system. `unpacked` holds the files of the kernel and busybox packages; `release`
 * is what the system says about its build.
 */
export async function makeRootTree(unpacked: string, tree: string, release: string): Promise<void> {
  const kernel = findKernel(unpacked);
  for (const path of [
    'bin',
    'boot/grub',
    'dev',
    'etc/acpi/PWRF',
    'etc/wrought',
    'mnt',
    'proc',
    'root',
    'run',
    'sbin',
  ]) {
    mkdirSync(join(tree, path), { recursive: true });
  }
  for (const path of ['sys', 'tmp', 'var']) mkdirSync(join(tree, path));

  const busybox = join(tree, 'bin/busybox');
  copyFileSync(join(unpacked, 'bin/busybox'), busybox);
  chmodSync(busybox, 0o755);
  const { stdout: applets } = await run(busybox, ['--list']);
  for (const applet of applets.trim().split('\n')) {
    if (applet !== 'busybox') symlinkSync('/bin/busybox', join(tree, 'bin', applet));
  }
  symlinkSync('/bin/busybox', join(tree, 'sbin/init'));

  const place = (name: string, path: string, mode: number) => {
    const target = join(tree, path);
    mkdirSync(dirname(target), { recursive: true });
    copyFileSync(join(guestFiles, name), target);
    chmodSync(target, mode);
  };
  place('inittab', 'etc/inittab', 0o644);
  place('start', 'etc/wrought/start', 0o755);
  place('udhcpc', 'etc/wrought/udhcpc', 0o755);
  // The name is acpid's: device PWRF, event 0x80.
  place('power-button', 'etc/acpi/PWRF/00000080', 0o755);
  place('grub.cfg', 'boot/grub/grub.cfg', 0o644);
  writeFileSync(join(tree, 'etc/wrought/release'), `${release}\n`);

  copyFileSync(kernel.path, join(tree, 'boot/vmlinuz'));
  const modules = selectModules(join(unpacked, 'lib/modules', kernel.release), wantedModules);
  writeFileSync(join(tree, 'boot/initramfs'), makeInitramfs(unpacked, modules));
}
