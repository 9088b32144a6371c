// A QEMU machine that boots the ramdisk; it reaches this host's loopback as 10.0.2.2 and nothing else is asked of it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { copyFile, open, readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort } from '../../../lab/src/peer/free-port.ts';
import type { Ramdisk } from '../../src/ramdisk/index.ts';

export type MachineDisk = { path: string; bus: 'virtio' | 'ahci' | 'nvme'; serial: string };
export type MachineOptions = {
  directory: string;
  ramdisk: Ramdisk;
  firmware: 'bios' | 'uefi';
  serverPort: number;
  disks: MachineDisk[];
  /** A drive with parameters, shown as a USB stick; the kernel line says nothing then. */
  parametersDrive?: string;
};
export type Machine = {
  agentPort: number;
  serialLog: () => Promise<string>;
  pressPowerButton: () => Promise<void>;
  /** Resolves when the machine has powered itself off (a reboot counts as one here). */
  ended: Promise<unknown>;
  stop: () => Promise<void>;
};

const OVMF_CODE = '/usr/share/OVMF/OVMF_CODE_4M.fd';
const OVMF_VARS = '/usr/share/OVMF/OVMF_VARS_4M.fd';
export const MACHINE_MAC = '52:54:00:12:34:56';

/** What must be installed for machines to run; none when all is there. */
export function missingForMachines(): string[] {
  const wanted = {
    '/usr/bin/qemu-system-x86_64': 'qemu-system-x86',
    '/usr/bin/qemu-img': 'qemu-utils',
    [OVMF_CODE]: 'ovmf',
  };
  return Object.entries(wanted).flatMap(([path, name]) => (existsSync(path) ? [] : [name]));
}

/** Makes an empty disk of a size in bytes that takes no room. */
export async function createDisk(path: string, bytes: number): Promise<void> {
  const file = await open(path, 'w');
  await file.truncate(bytes);
  await file.close();
}

function diskArguments(disk: MachineDisk, index: number): string[] {
  const device = { virtio: 'virtio-blk-pci', ahci: 'ide-hd', nvme: 'nvme' }[disk.bus];
  const bus = disk.bus === 'ahci' ? `,bus=ide.${index}` : '';
  return [
    ...['-drive', `file=${disk.path},format=raw,if=none,id=disk${index},cache=unsafe,discard=unmap`],
    ...['-device', `${device},drive=disk${index},serial=${disk.serial}${bus}`],
  ];
}

function usbStickArguments(path: string): string[] {
  return [
    ...['-drive', `file=${path},format=raw,if=none,id=stick,readonly=on`],
    ...['-device', 'qemu-xhci', '-device', 'usb-storage,drive=stick,removable=on'],
  ];
}

/** What the agent must know, as on a kernel line. */
export function agentParameters(serverPort: number): string[] {
  return [`ipa-api-url=http://10.0.2.2:${serverPort}`, `BOOTIF=01-${MACHINE_MAC.replaceAll(':', '-')}`];
}

/** Sends a command to QEMU's own control socket. */
async function control(socketPath: string, command: string): Promise<void> {
  const socket = connect(socketPath);
  await once(socket, 'data');
  for (const execute of ['qmp_capabilities', command]) {
    socket.write(`${JSON.stringify({ execute })}\n`);
    await once(socket, 'data');
  }
  socket.destroy();
}

export async function startMachine(options: MachineOptions): Promise<Machine> {
  const { directory, ramdisk, serverPort } = options;
  const agentPort = await freePort();
  const serial = join(directory, 'serial.log');
  const qmp = join(directory, 'qmp.sock');
  const firmware: string[] = [];
  if (options.firmware === 'uefi') {
    const variables = join(directory, 'variables.fd');
    await copyFile(OVMF_VARS, variables);
    firmware.push('-drive', `if=pflash,format=raw,unit=0,readonly=on,file=${OVMF_CODE}`);
    firmware.push('-drive', `if=pflash,format=raw,unit=1,file=${variables}`);
  }
  const { parametersDrive } = options;
  const append = ['console=ttyS0', ...(parametersDrive === undefined ? agentParameters(serverPort) : [])].join(' ');
  const child: ChildProcess = spawn(
    'qemu-system-x86_64',
    [
      ...['-machine', 'q35', '-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', '2048'],
      ...['-nodefaults', '-display', 'none', '-no-reboot', '-serial', `file:${serial}`, ...firmware],
      ...['-smbios', 'type=1,manufacturer=Wrought,product=Test,serial=SN-0001'],
      ...['-kernel', ramdisk.kernel, '-initrd', ramdisk.initramfs, '-append', append],
      ...['-netdev', `user,id=net0,hostfwd=tcp:127.0.0.1:${agentPort}-:9999`],
      ...['-device', `virtio-net-pci,netdev=net0,mac=${MACHINE_MAC},romfile=`],
      ...['-qmp', `unix:${qmp},server=on,wait=off`],
      ...['-device', 'ipmi-bmc-sim,id=bmc0', '-device', 'isa-ipmi-kcs,bmc=bmc0'],
      ...options.disks.flatMap(diskArguments),
      ...(parametersDrive === undefined ? [] : usbStickArguments(parametersDrive)),
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  const ended = once(child, 'exit');
  await once(child, 'spawn');
  return {
    agentPort,
    ended,
    pressPowerButton: () => control(qmp, 'system_powerdown'),
    serialLog: async () => (existsSync(serial) ? readFile(serial, 'utf8') : ''),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGKILL');
      await ended;
    },
  };
}
