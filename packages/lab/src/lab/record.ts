// The files that describe a running lab: lab.json for everyone, state.json for its own clean-up.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { ProcessIdentity } from '../process/identity.ts';
import type { ModelName } from '../redfish-simulator/models/model.ts';
import type { DiskBus, Firmware, NetworkBoot } from './options.ts';
import { labPaths } from './paths.ts';

export interface DiskRecord {
  id: string;
  path: string;
  sizeMiB: number;
  bus: DiskBus;
  serial: string;
  wwn?: string;
}

export interface NicRecord {
  id: string;
  mac: string;
  networkBoot: NetworkBoot;
  tap: string;
}

export interface BmcRecord {
  address: string;
  port: number;
  username: string;
  /** A file (0600) that holds the password and nothing else, as `ipmitool -f` reads it. */
  passwordFile: string;
}

/** Where a machine's Redfish service is, which has the user and the password of the IPMI BMC. */
export interface RedfishRecord {
  model: ModelName;
  url: string;
  /** A file with the certificate of the service, which vouches for itself. */
  certificateFile: string;
}

/** The drives that Redfish puts images into: a CD, and a second one. */
export const virtualDrives = ['cd', 'usb'] as const;

export interface MachineRecord {
  name: string;
  uuid: string;
  serialNumber: string;
  firmware: Firmware;
  memoryMiB: number;
  cpus: number;
  disks: DiskRecord[];
  nics: NicRecord[];
  bmc: BmcRecord;
  /** Undefined: it has none. */
  redfish?: RedfishRecord;
  /** Empty CD drives at first; undefined: it has none. */
  virtualDrives?: readonly string[];
  /** Inside the namespace. */
  vnc: { host: string; display: number; port: number };
  /** Loopback ports inside the namespace between QEMU and the BMC: the KCS interface and the serial console. */
  internalPorts: { systemInterface: number; serialConsole: number };
  /** Everything the machine ever wrote to its first serial port, with a line for each power-on and reset. */
  serialLog: string;
  qmpSocket: string;
  /** UEFI variables; they survive power cycles. */
  variableStore: string;
}

/** The switch that joins the machines in place of the bridge, and how a server would configure it. */
export interface SwitchRecord {
  type: 'openvswitch';
  /** As clients of OVSDB name it. */
  database: string;
  bridge: string;
  /** What local_link_connection/switch_id of ports says; port_id is the tap of a NIC. */
  switchId: string;
  /** The VLAN on which the server is. */
  serverVlan: number;
  /** The VLAN of every NIC at first, on which nobody is. */
  idleVlan: number;
}

/** lab.json: what is there and how to reach it. Addresses are those inside the namespace. */
export interface LabRecord {
  version: 1;
  name: string;
  directory: string;
  namespace: string;
  bridge: string;
  ipv4: string;
  ipv6: string;
  accelerator: 'kvm' | 'tcg';
  accelerationReason: string;
  controlSocket: string;
  /** Undefined: a bridge of the kernel, without VLANs. */
  switch?: SwitchRecord;
  machines: MachineRecord[];
}

/** state.json: what has to be undone. It is written before each thing is made. */
export interface LabState {
  bootId: string;
  namespace: string;
  /** Undefined while the namespace is being made. */
  namespaceInode?: number;
  processes: Array<ProcessIdentity & { role: string }>;
}

function writeJson(path: string, value: unknown): void {
  const temporary = `${path}.new`;
  writeFileSync(temporary, `${JSON.stringify(value, null, 2)}\n`);
  renameSync(temporary, path);
}

function readJson(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return JSON.parse(text);
}

export function writeLabRecord(record: LabRecord): void {
  writeJson(labPaths(record.directory).record, record);
}

/** Undefined when the directory holds no lab. */
export function readLabRecord(directory: string): LabRecord | undefined {
  return readJson(labPaths(directory).record) as LabRecord | undefined;
}

export function writeLabState(directory: string, state: LabState): void {
  writeJson(labPaths(directory).state, state);
}

/** Undefined when nothing has to be undone. */
export function readLabState(directory: string): LabState | undefined {
  return readJson(labPaths(directory).state) as LabState | undefined;
}
