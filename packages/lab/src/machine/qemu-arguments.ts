// The QEMU command line of a machine.
import type { DiskRecord, LabRecord, MachineRecord, NicRecord } from '../lab/record.ts';
import { type BootDevice, bootOrder } from './boot-order.ts';

export const qemuProgram = 'qemu-system-x86_64';
export const ovmfCode = '/usr/share/OVMF/OVMF_CODE_4M.fd';
export const ovmfVariables = '/usr/share/OVMF/OVMF_VARS_4M.fd';

/** Accelerator and CPU model; probed and used with the same arguments. */
export function acceleratorArguments(accelerator: LabRecord['accelerator']): string[] {
  return accelerator === 'kvm' ? ['-accel', 'kvm', '-cpu', 'host'] : ['-accel', 'tcg,thread=multi', '-cpu', 'max'];
}

const lastAhciPort = 5;

// QEMU reads a comma in an option's value as the end of it unless it is doubled.
const quote = (value: string) => value.replaceAll(',', ',,');

function diskArguments(disk: DiskRecord, number: number, bootIndex: number): string[] {
  const drive = `file=${quote(disk.path)},if=none,id=${disk.id}-file,format=raw,discard=unmap`;
  const common = `id=${disk.id},drive=${disk.id}-file,serial=${disk.serial},bootindex=${bootIndex}`;
  const device = {
    virtio: `virtio-blk-pci,${common}`,
    ahci: `ide-hd,bus=ide.${number},${common}${disk.wwn === undefined ? '' : `,wwn=0x${disk.wwn}`}`,
    nvme: `nvme,${common}`,
  }[disk.bus];
  return ['-drive', drive, '-device', device];
}

function nicArguments(nic: NicRecord, bootIndex: number, hasSwitch: boolean): string[] {
  const rom = nic.networkBoot === 'ipxe' ? '' : ',romfile=';
  const boot = bootIndex < 0 ? '' : `,bootindex=${bootIndex}`;
  // A switch in user space passes frames on as they are: checksums must be in them, and no frame longer than a wire takes.
  const offload = hasSwitch ? ',vnet_hdr=off' : '';
  return [
    '-netdev',
    `tap,id=${nic.id}-tap,ifname=${nic.tap},script=no,downscript=no${offload}`,
    '-device',
    // A card that tells no duplex takes no part in LACP.
    `virtio-net-pci,id=${nic.id},netdev=${nic.id}-tap,mac=${nic.mac},speed=10000,duplex=full${rom}${boot}`,
  ];
}

/** Empty CD drives at the last AHCI ports. */
function virtualDriveArguments(machine: MachineRecord, order: readonly string[]): string[] {
  return (machine.virtualDrives ?? []).flatMap((id, number) => {
    const bootIndex = order.indexOf(id);
    return [
      '-device',
      `ide-cd,id=${id},bus=ide.${lastAhciPort - number}${bootIndex < 0 ? '' : `,bootindex=${bootIndex}`}`,
    ];
  });
}

function firmwareArguments(machine: MachineRecord): string[] {
  if (machine.firmware === 'bios') return [];
  const pflash = 'if=pflash,format=raw';
  const drives = [
    '-drive',
    `${pflash},unit=0,readonly=on,file=${ovmfCode}`,
    '-drive',
    `${pflash},unit=1,file=${quote(machine.variableStore)}`,
  ];
  // OVMF would otherwise offer PXE on every NIC, also where network boot is switched off.
  const native = machine.nics.some((nic) => nic.networkBoot === 'native');
  const noPxe = ['IPv4PXESupport', 'IPv6PXESupport'].flatMap((key) => [
    '-fw_cfg',
    `name=opt/org.tianocore/${key},string=n`,
  ]);
  return native ? drives : [...drives, ...noPxe];
}

/**
 * Arguments that start a machine stopped (`-S`), so that the supervisor can set link states first. The NIC's tap must
 * exist; the process must run inside the lab's namespace.
 */
export function qemuArguments(lab: LabRecord, machine: MachineRecord, bootDevice: BootDevice): string[] {
  const order = bootOrder(machine, bootDevice);
  const { systemInterface, serialConsole } = machine.internalPorts;
  const identity = [
    'type=1',
    'manufacturer=Wrought',
    'product=Lab Machine',
    `serial=${quote(machine.serialNumber)}`,
    `uuid=${machine.uuid}`,
  ];
  return [
    ['-name', machine.name, '-S', '-no-user-config', '-nodefaults'],
    // graphics=off makes SeaBIOS and its option ROMs use the serial line; the display is there all the same.
    ['-machine', 'q35,graphics=off', ...acceleratorArguments(lab.accelerator)],
    ['-smp', String(machine.cpus), '-m', `${machine.memoryMiB}M`],
    ['-uuid', machine.uuid, '-smbios', identity.join(',')],
    ['-smbios', `type=3,manufacturer=Wrought,serial=${quote(machine.serialNumber)}`],
    firmwareArguments(machine),
    ['-vga', 'std', '-display', 'none', '-vnc', `${machine.vnc.host}:${machine.vnc.display}`],
    [
      '-chardev',
      `socket,id=console,host=127.0.0.1,port=${serialConsole},telnet=on,server=on,wait=off,` +
        `logfile=${quote(machine.serialLog)},logappend=on`,
      '-serial',
      'chardev:console',
    ],
    ['-chardev', `socket,id=bmc-link,host=127.0.0.1,port=${systemInterface},reconnect=1`],
    ['-device', 'ipmi-bmc-extern,id=bmc,chardev=bmc-link', '-device', 'isa-ipmi-kcs,bmc=bmc'],
    ['-qmp', `unix:${quote(machine.qmpSocket)},server=on,wait=off`],
    ['-device', 'virtio-rng-pci'],
    machine.disks.flatMap((disk, number) => diskArguments(disk, number, order.indexOf(disk.id))),
    virtualDriveArguments(machine, order),
    machine.nics.flatMap((nic) => nicArguments(nic, order.indexOf(nic.id), lab.switch !== undefined)),
  ].flat();
}
