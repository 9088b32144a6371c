// Processors, memory, network interfaces and PCI devices of a system, as far as a service shows them.
import type { CallOptions, Client } from '../client.ts';
import type { Resource } from '../resource.ts';
import { readStatus, type Status } from './health.ts';
import { getIfThere } from './if-there.ts';

export interface Processor {
  readonly id: string;
  readonly socket: string | undefined;
  /** `CPU`, `GPU`, `FPGA` and so on. */
  readonly processorType: string | undefined;
  readonly architecture: string | undefined;
  readonly instructionSet: string | undefined;
  readonly manufacturer: string | undefined;
  readonly model: string | undefined;
  readonly maximumSpeedMHz: number | undefined;
  readonly cores: number | undefined;
  readonly threads: number | undefined;
  readonly status: Status;
}

/** Empty slots are members of collections too. */
const isThere = (resource: Resource): boolean => readStatus(resource).state !== 'Absent';

async function membersOf(client: Client, from: Resource, name: string, options: CallOptions): Promise<Resource[]> {
  const collection = from.link(name);
  return collection === undefined ? [] : (await client.members(collection, options)).filter(isThere);
}

/** Reads the processors that are there. */
export async function readProcessors(
  client: Client,
  system: Resource,
  options: CallOptions = {},
): Promise<Processor[]> {
  return (await membersOf(client, system, 'Processors', options)).map((each) => ({
    id: each.id,
    socket: each.text('Socket'),
    processorType: each.text('ProcessorType'),
    architecture: each.text('ProcessorArchitecture'),
    instructionSet: each.text('InstructionSet'),
    manufacturer: each.text('Manufacturer'),
    model: each.text('Model'),
    maximumSpeedMHz: each.number('MaxSpeedMHz'),
    cores: each.number('TotalCores'),
    threads: each.number('TotalThreads'),
    status: readStatus(each),
  }));
}

export interface MemoryModule {
  readonly id: string;
  readonly locator: string | undefined;
  readonly manufacturer: string | undefined;
  readonly partNumber: string | undefined;
  readonly serialNumber: string | undefined;
  readonly capacityMiB: number | undefined;
  /** `DDR5` and so on. */
  readonly deviceType: string | undefined;
  readonly speedMHz: number | undefined;
  readonly status: Status;
}

/** Reads the memory modules that are there. */
export async function readMemory(client: Client, system: Resource, options: CallOptions = {}): Promise<MemoryModule[]> {
  return (await membersOf(client, system, 'Memory', options)).map((each) => ({
    id: each.id,
    locator: each.text('DeviceLocator') ?? each.object('Location')?.object('PartLocation')?.text('ServiceLabel'),
    manufacturer: each.text('Manufacturer'),
    partNumber: each.text('PartNumber'),
    serialNumber: each.text('SerialNumber'),
    capacityMiB: each.number('CapacityMiB'),
    deviceType: each.text('MemoryDeviceType'),
    speedMHz: each.number('OperatingSpeedMhz'),
    status: readStatus(each),
  }));
}

export interface EthernetInterface {
  readonly path: string;
  readonly id: string;
  readonly name: string | undefined;
  /** In lower case with colons. */
  readonly macAddress: string | undefined;
  readonly permanentMacAddress: string | undefined;
  readonly isEnabled: boolean | undefined;
  /** `LinkUp`, `LinkDown`, `NoLink`. */
  readonly linkStatus: string | undefined;
  readonly speedMbps: number | undefined;
  readonly ipv4Addresses: readonly string[];
  readonly ipv6Addresses: readonly string[];
  readonly uefiDevicePath: string | undefined;
  readonly status: Status;
}

/** Some services write addresses without separators, others "" and zeros for none. */
function macOf(text: string | undefined): string | undefined {
  const digits = text?.replace(/[^0-9a-f]/gi, '').toLowerCase();
  if (digits?.length !== 12 || /^0+$/.test(digits)) return undefined;
  return digits.match(/../g)?.join(':');
}

/** Reads the network interfaces of a system or manager. */
export async function readEthernetInterfaces(
  client: Client,
  owner: Resource,
  options: CallOptions = {},
): Promise<EthernetInterface[]> {
  const addresses = (from: Resource, name: string): string[] =>
    from
      .objects(name)
      .map((each) => each.text('Address'))
      .filter((each) => each !== undefined);
  return (await membersOf(client, owner, 'EthernetInterfaces', options)).map((each) => ({
    path: each.path,
    id: each.id,
    name: each.text('Name'),
    macAddress: macOf(each.text('MACAddress')),
    permanentMacAddress: macOf(each.text('PermanentMACAddress')),
    isEnabled: each.boolean('InterfaceEnabled'),
    linkStatus: each.text('LinkStatus'),
    speedMbps: each.number('SpeedMbps'),
    ipv4Addresses: addresses(each, 'IPv4Addresses'),
    ipv6Addresses: addresses(each, 'IPv6Addresses'),
    uefiDevicePath: each.text('UefiDevicePath'),
    status: readStatus(each),
  }));
}

export interface PciFunction {
  readonly vendorId: string | undefined;
  readonly deviceId: string | undefined;
  readonly subsystemVendorId: string | undefined;
  readonly subsystemId: string | undefined;
  readonly classCode: string | undefined;
  /** `NetworkController`, `DisplayController` and so on. */
  readonly deviceClass: string | undefined;
}

export interface PciDevice {
  readonly id: string;
  readonly name: string | undefined;
  readonly manufacturer: string | undefined;
  readonly model: string | undefined;
  readonly partNumber: string | undefined;
  readonly serialNumber: string | undefined;
  readonly firmwareVersion: string | undefined;
  readonly functions: readonly PciFunction[];
  readonly status: Status;
}

const functionOf = (each: Resource): PciFunction => ({
  vendorId: each.text('VendorId')?.toLowerCase(),
  deviceId: each.text('DeviceId')?.toLowerCase(),
  subsystemVendorId: each.text('SubsystemVendorId')?.toLowerCase(),
  subsystemId: each.text('SubsystemId')?.toLowerCase(),
  classCode: each.text('ClassCode')?.toLowerCase(),
  deviceClass: each.text('DeviceClass'),
});

/** Functions are a collection, or in older schemas a list of links. */
async function functionsOf(client: Client, device: Resource, options: CallOptions): Promise<PciFunction[]> {
  const collection = device.link('PCIeFunctions');
  if (collection !== undefined) return (await client.members(collection, options)).map(functionOf);
  const found: PciFunction[] = [];
  for (const path of device.object('Links')?.links('PCIeFunctions') ?? []) {
    const each = await getIfThere(client, path, options);
    if (each !== undefined) found.push(functionOf(each));
  }
  return found;
}

/** Reads the PCI devices of a system or chassis with their functions. */
export async function readPciDevices(client: Client, owner: Resource, options: CallOptions = {}): Promise<PciDevice[]> {
  const isCollection = owner.value('PCIeDevices') !== undefined && !Array.isArray(owner.value('PCIeDevices'));
  const devices: Resource[] = isCollection ? await membersOf(client, owner, 'PCIeDevices', options) : [];
  for (const path of isCollection ? [] : owner.links('PCIeDevices')) {
    const device = await getIfThere(client, path, options);
    if (device !== undefined && isThere(device)) devices.push(device);
  }
  const found: PciDevice[] = [];
  for (const device of devices) {
    found.push({
      id: device.id,
      name: device.text('Name'),
      manufacturer: device.text('Manufacturer'),
      model: device.text('Model'),
      partNumber: device.text('PartNumber'),
      serialNumber: device.text('SerialNumber'),
      firmwareVersion: device.text('FirmwareVersion'),
      functions: await functionsOf(client, device, options),
      status: readStatus(device),
    });
  }
  return found;
}
