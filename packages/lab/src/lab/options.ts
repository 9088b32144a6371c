// What a caller may ask of a lab and its machines, with the defaults.
import { createHash, randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import type { Acceleration } from '../acceleration.ts';
import type { ModelName } from '../redfish-simulator/models/model.ts';
import { planSwitch } from '../switch/lab-switch.ts';
import { labPaths, machinePaths } from './paths.ts';
import { type LabRecord, type MachineRecord, virtualDrives } from './record.ts';

export type Firmware = 'bios' | 'uefi';
export type DiskBus = 'virtio' | 'ahci' | 'nvme';

/**
 * How a NIC boots from the network: `ipxe` = the iPXE ROM that comes with QEMU, `native` = the firmware's own
 * PXE (UEFI only), `none` = not at all.
 */
export type NetworkBoot = 'ipxe' | 'native' | 'none';

export interface DiskOptions {
  sizeMiB: number;
  bus?: DiskBus;
  serial?: string;
  /** 16 hex digits; only AHCI disks have one. */
  wwn?: string;
}

export interface NicOptions {
  mac?: string;
  networkBoot?: NetworkBoot;
}

export interface MachineOptions {
  name?: string;
  uuid?: string;
  /** The serial number that dmidecode shows. */
  serialNumber?: string;
  firmware?: Firmware;
  memoryMiB?: number;
  cpus?: number;
  disks?: DiskOptions[];
  nics?: NicOptions[];
}

export interface LabOptions {
  /** Holds everything the lab writes; created when missing. */
  directory: string;
  /** How many machines with default hardware, or each machine's hardware. One when left out. */
  machines?: number | MachineOptions[];
  /** Firmware of machines that name none. */
  firmware?: Firmware;
  /** Gives each machine a Redfish service of this model besides its IPMI BMC, at the same address, and virtual drives. */
  redfish?: ModelName;
  /** What joins the machines: a bridge without VLANs, or an Open vSwitch on which each NIC starts on a VLAN of nobody. */
  switch?: 'bridge' | 'openvswitch';
  /** Name of the network namespace; made from the directory when left out. */
  namespace?: string;
  /** The bridge's address: the server and dnsmasq live here. */
  ipv4?: string;
  ipv6?: string;
  /** First three numbers of the BMCs' addresses; machine n gets .(10+n). */
  bmcPrefix?: string;
  /** Skips the probe. */
  accelerator?: Acceleration['accelerator'];
  /** Where downloads and the probe's result are kept between labs. */
  cacheDirectory?: string;
  log?: (line: string) => void;
}

const defaultMemoryMiB = 2048;
const defaultDiskSizeMiB = 4096;
const maximumMachines = 200;
const firstBmcNumber = 10;
const firstInternalPort = 20000;
const portsPerMachine = 10;
/** The AHCI ports of a machine; virtual drives take theirs from the end. */
const ahciPorts = 6;

const namePattern = /^[a-z0-9][a-z0-9-]{0,30}$/;
const macPattern = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/;
const uuidPattern = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/;
const diskSerialPattern = /^[A-Za-z0-9_-]{1,20}$/;
const wwnPattern = /^[0-9a-f]{16}$/;

function check(condition: boolean, message: string): void {
  if (!condition) throw new Error(`lab options: ${message}`);
}

/** A name that is the same each time for the same directory, so that leftovers of a crashed lab can be found. */
export function namespaceForDirectory(directory: string): string {
  return `wrought-${createHash('sha256').update(directory).digest('hex').slice(0, 8)}`;
}

function planMachine(lab: LabOptions, namespace: string, options: MachineOptions, index: number): MachineRecord {
  const name = options.name ?? `n${index + 1}`;
  check(namePattern.test(name), `machine name "${name}" must be lower-case letters, digits and hyphens`);
  const firmware = options.firmware ?? lab.firmware ?? 'bios';
  const files = machinePaths(lab.directory, name);
  const macBase = createHash('sha256').update(`${namespace}/${name}`).digest('hex');
  const uuid = options.uuid ?? randomUUID();
  check(uuidPattern.test(uuid), `machine ${name}: UUID "${uuid}" must be in the lower-case form 8-4-4-4-12`);
  const disks = (options.disks ?? [{ sizeMiB: defaultDiskSizeMiB }]).map((disk, number) => {
    const bus = disk.bus ?? 'virtio';
    const serial = disk.serial ?? `${name.slice(0, 12)}-disk${number}`;
    check(diskSerialPattern.test(serial), `machine ${name}: disk serial "${serial}" must be 1-20 letters or digits`);
    check(disk.wwn === undefined || bus === 'ahci', `machine ${name}: only AHCI disks have a WWN, not ${bus}`);
    check(disk.wwn === undefined || wwnPattern.test(disk.wwn), `machine ${name}: a WWN is 16 lower-case hex digits`);
    check(Number.isInteger(disk.sizeMiB) && disk.sizeMiB > 0, `machine ${name}: a disk's size is whole MiB`);
    const wwn = disk.wwn === undefined ? {} : { wwn: disk.wwn };
    return { id: `disk${number}`, path: files.disk(number), sizeMiB: disk.sizeMiB, bus, serial, ...wwn };
  });
  const nics = (options.nics ?? [{}]).map((nic, number) => {
    const networkBoot = nic.networkBoot ?? 'ipxe';
    check(
      networkBoot !== 'native' || firmware === 'uefi',
      `machine ${name}: SeaBIOS has no PXE of its own; use ipxe or none`,
    );
    const mac = nic.mac ?? `52:54:00:${macBase.slice(0, 2)}:${macBase.slice(2, 4)}:0${number.toString(16)}`;
    check(macPattern.test(mac), `machine ${name}: MAC "${mac}" must be six lower-case hex pairs`);
    return { id: `nic${number}`, mac, networkBoot, tap: `tap${index}-${number}` };
  });
  const mostDisks = ahciPorts - (lab.redfish === undefined ? 0 : virtualDrives.length);
  check(disks.length <= mostDisks, `machine ${name}: at most ${mostDisks} disks`);
  check(nics.length <= 8, `machine ${name}: at most 8 NICs`);
  const port = firstInternalPort + index * portsPerMachine;
  const address = `${lab.bmcPrefix ?? '10.99.1'}.${firstBmcNumber + index}`;
  const redfish =
    lab.redfish === undefined
      ? {}
      : {
          redfish: { model: lab.redfish, url: `https://${address}`, certificateFile: files.redfishCertificate },
          virtualDrives,
        };
  return {
    name,
    uuid,
    serialNumber: options.serialNumber ?? `LAB-${name}`,
    firmware,
    memoryMiB: options.memoryMiB ?? defaultMemoryMiB,
    cpus: options.cpus ?? 1,
    disks,
    nics,
    bmc: {
      address,
      port: 623,
      username: 'admin',
      passwordFile: files.passwordFile,
    },
    ...redfish,
    vnc: { host: '127.0.0.1', display: index + 1, port: 5901 + index },
    internalPorts: { systemInterface: port, serialConsole: port + 1 },
    serialLog: files.serialLog,
    qmpSocket: files.qmpSocket,
    variableStore: files.variableStore,
  };
}

/** Fills in the defaults and checks what was asked for. Throws with the first thing that cannot be. */
export function planLab(options: LabOptions, acceleration: Acceleration): LabRecord {
  const { directory } = options;
  const namespace = options.namespace ?? namespaceForDirectory(directory);
  check(/^[A-Za-z0-9_-]{1,60}$/.test(namespace), `namespace "${namespace}" must be letters, digits, _ and -`);
  const asked = options.machines ?? 1;
  const list = typeof asked === 'number' ? Array.from({ length: asked }, (): MachineOptions => ({})) : asked;
  check(list.length <= maximumMachines, `at most ${maximumMachines} machines, not ${list.length}`);
  const machines = list.map((machine, index) => planMachine(options, namespace, machine, index));
  const names = new Set(machines.map((machine) => machine.name));
  check(names.size === machines.length, 'two machines have the same name');
  const macs = machines.flatMap((machine) => machine.nics.map((nic) => nic.mac));
  check(new Set(macs).size === macs.length, 'two NICs have the same MAC');
  const paths = labPaths(directory);
  return {
    version: 1,
    name: basename(directory),
    directory,
    namespace,
    bridge: 'br0',
    ipv4: options.ipv4 ?? '10.99.0.1/24',
    ipv6: options.ipv6 ?? 'fd00:99::1/64',
    accelerator: acceleration.accelerator,
    accelerationReason: acceleration.reason,
    controlSocket: paths.controlSocket,
    ...(options.switch === 'openvswitch' ? { switch: planSwitch(paths.switch) } : {}),
    machines,
  };
}
