// The hardware of a machine as its Redfish service knows it, in the shape in which the agent tells an inventory.

import {
  type JsonObject,
  matchesRootDeviceHints,
  parseRootDeviceHints,
  RootDeviceHintError,
  registeredError,
} from '@wrought/contract';
import {
  type EthernetInterface,
  labelledSerialNumber,
  listStorage,
  type PciDevice,
  type Processor,
  RedfishError,
  type Resource,
  readBoot,
  readDrives,
  readEthernetInterfaces,
  readMemory,
  readPciDevices,
  readProcessors,
  readSimpleStorage,
  readSystem,
  type System,
} from '@wrought/redfish';
import type { Facts, Task } from '../../kit/index.ts';
import type { Bmc, RedfishCalls } from './calls.ts';
import { type Disk, diskOf } from './disk.ts';

const MEBIBYTE = 2 ** 20;
const GIBIBYTE = 2 ** 30;
/** Smaller disks hold firmware or boot loaders. */
const ROOT_DISK_LEAST_BYTES = 4 * GIBIBYTE;

/** What the inspection learned beside inventory and plugin data. */
export interface RedfishInspection {
  readonly inventory: JsonObject;
  readonly pluginData: JsonObject;
  readonly facts: Facts;
}

/** The words of Redfish for instruction sets, as properties/cpu_arch has them. */
const architectures: Readonly<Record<string, string>> = {
  'x86-64': 'x86_64',
  x86: 'i686',
  'ARM-A64': 'aarch64',
  'ARM-A32': 'armv7l',
  PowerISA: 'ppc64le',
};

function architectureOf(processors: readonly Processor[]): string | null {
  const cpu = processors.find(({ processorType }) => processorType === undefined || processorType === 'CPU');
  const known = architectures[cpu?.instructionSet ?? ''];
  if (known !== undefined) {
    return known;
  }
  // Those that tell the family alone: servers of today are of 64 bits.
  return cpu?.architecture === 'ARM' ? 'aarch64' : cpu?.architecture === 'x86' ? 'x86_64' : null;
}

function cpuOf(system: System, processors: readonly Processor[]): JsonObject {
  const cpus = processors.filter(({ processorType }) => processorType === undefined || processorType === 'CPU');
  const threads = cpus.reduce((sum, { threads: each, cores }) => sum + (each ?? cores ?? 0), 0);
  return {
    model_name: cpus[0]?.model ?? system.processorModel ?? null,
    frequency: cpus[0]?.maximumSpeedMHz?.toString() ?? null,
    count: threads || (system.logicalProcessorCount ?? system.processorCount ?? 0),
    architecture: architectureOf(processors),
    flags: [],
    socket_count: cpus.length || (system.processorCount ?? null),
  };
}

async function disksOf({ client, signal }: Bmc, system: Resource): Promise<Disk[]> {
  const found: Disk[] = [];
  for (const storage of await listStorage(client, system, { signal })) {
    found.push(...(await readDrives(client, storage, { signal })).map(diskOf));
  }
  if (found.length > 0) {
    return found;
  }
  const simple = await readSimpleStorage(client, system, { signal });
  return simple.map(({ name, model, manufacturer, capacityBytes }) => ({
    name: name ?? '',
    model: model ?? '',
    size: capacityBytes ?? 0,
    vendor: manufacturer ?? null,
  }));
}

function interfaceOf({
  id,
  name,
  macAddress,
  permanentMacAddress,
  linkStatus,
  speedMbps,
  ipv4Addresses,
}: EthernetInterface) {
  return {
    name: name ?? id,
    mac_address: permanentMacAddress ?? macAddress ?? null,
    ipv4_address: ipv4Addresses[0] ?? null,
    has_carrier: linkStatus === undefined ? null : linkStatus === 'LinkUp',
    speed_mbps: speedMbps ?? null,
    lldp: null,
    vendor: null,
    product: null,
  };
}

const withoutPrefix = (text: string | undefined) => text?.replace(/^0x/, '') ?? null;

function pciOf(devices: readonly PciDevice[]): JsonObject[] {
  return devices.flatMap(({ id, name, functions, firmwareVersion }) =>
    functions.map((each) => ({
      vendor_id: withoutPrefix(each.vendorId),
      product_id: withoutPrefix(each.deviceId),
      class: withoutPrefix(each.classCode),
      device_class: each.deviceClass ?? null,
      revision: null,
      bus: id,
      name: name ?? null,
      firmware_version: firmwareVersion ?? null,
    })),
  );
}

/** The disk that an image would go to: by the hints of the node, or the smallest that is large enough. @throws InvalidParameterValue */
function rootDiskOf({ node }: Task, disks: readonly Disk[]): Disk | undefined {
  const given = node.instance_info.root_device ?? node.properties.root_device;
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) {
    try {
      const hints = parseRootDeviceHints(given as Record<string, unknown>);
      return disks.find((disk) => matchesRootDeviceHints(disk, hints));
    } catch (error) {
      if (error instanceof RootDeviceHintError) {
        throw registeredError('InvalidParameterValue', { reason: error.message });
      }
      throw error;
    }
  }
  const large = disks.filter(({ size }) => size >= ROOT_DISK_LEAST_BYTES);
  return large.toSorted((a, b) => a.size - b.size)[0];
}

/** Reads a part that a BMC may lack; what it does not tell costs nothing else. */
async function partOf<Part>(task: Task, what: string, read: () => Promise<Part>, without: Part): Promise<Part> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof RedfishError) || task.abortSignal.aborted) {
      throw error;
    }
    task.record({
      kind: 'inspection',
      severity: 'warning',
      message: `The BMC did not tell its ${what}: ${error.message}.`,
    });
    return without;
  }
}

async function inspect(task: Task, bmc: Bmc): Promise<RedfishInspection> {
  const { client, signal } = bmc;
  const resource = await bmc.system();
  const system = readSystem(resource);
  const options = { signal };
  const processors = await partOf(task, 'processors', () => readProcessors(client, resource, options), []);
  const modules = await partOf(task, 'memory', () => readMemory(client, resource, options), []);
  const disks = await partOf(task, 'disks', () => disksOf(bmc, resource), []);
  const cards = await partOf(task, 'network cards', () => readEthernetInterfaces(client, resource, options), []);
  const devices = await partOf(task, 'PCI devices', () => readPciDevices(client, resource, options), []);
  const boot = await partOf(task, 'boot settings', () => readBoot(client, resource, options), undefined);

  const ofModules = modules.reduce((sum, { capacityMiB }) => sum + (capacityMiB ?? 0), 0);
  const memoryMebibytes = ofModules || Math.round((system.memoryGiB ?? 0) * 1024);
  const mode = boot?.mode === undefined ? null : boot.mode === 'UEFI' ? 'uefi' : 'bios';
  const bmcAddress = new URL(client.origin).hostname.replace(/^\[|\]$/g, '');
  const graphics = processors.filter(({ processorType }) => processorType === 'GPU');
  const inventory: JsonObject = {
    cpu: cpuOf(system, processors),
    memory: { total: memoryMebibytes * MEBIBYTE, physical_mb: memoryMebibytes },
    disks: disks.map((disk) => ({ ...disk })),
    interfaces: cards.filter(({ macAddress }) => macAddress !== undefined).map(interfaceOf),
    bmc_address: bmcAddress.includes(':') ? null : bmcAddress,
    bmc_v6address: bmcAddress.includes(':') ? bmcAddress : null,
    system_vendor: {
      product_name: system.model ?? null,
      serial_number: labelledSerialNumber(client, resource) ?? null,
      manufacturer: system.manufacturer ?? null,
      firmware: { vendor: null, version: system.biosVersion ?? null, build_date: null },
      sku: system.sku ?? null,
      uuid: system.uuid ?? null,
    },
    boot: { current_boot_mode: mode, pxe_interface: null },
    hostname: system.hostName ?? null,
    pci_devices: pciOf(devices),
    gpus: graphics.map(({ id, model, manufacturer }) => ({ id, model: model ?? null, vendor: manufacturer ?? null })),
  };
  const rootDisk = rootDiskOf(task, disks);
  const pluginData: JsonObject = {
    root_disk: rootDisk === undefined ? null : { ...rootDisk },
    pci_devices: inventory.pci_devices ?? [],
  };
  const vendor = system.manufacturer === undefined ? {} : { properties: { vendor: system.manufacturer } };
  return { inventory, pluginData, facts: { ...(mode === null ? {} : { boot_mode: mode }), ...vendor } };
}

/** Looks at a machine. @throws DriverOperationError when its system can not be read at all */
export function redfishInventory({ perform }: RedfishCalls) {
  return (task: Task): Promise<RedfishInspection> => perform(task, 'inspect', (bmc) => inspect(task, bmc));
}
