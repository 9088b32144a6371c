// What is built into the system: processors, memory, network ports, PCIe devices.
import type { Model } from '../models/model.ts';
import type { Route } from '../types.ts';
import { chassisPath, collectionRoute, healthy, link, links, resource, systemPath } from './shape.ts';

const threadsACore = 2;
const maximumMhz = 3500;
const portMbps = 25_000;
const memoryMhz = 3200;

function processorRoutes(model: Model): readonly Route[] {
  const { processorIds, processorModel, cores } = model.system;
  const path = `${systemPath(model)}/Processors`;
  const isArm = processorModel.startsWith('ARM');
  return [
    collectionRoute(path, 'Processor', 'Processors', processorIds),
    ...processorIds.map((id, index) => ({
      path: `${path}/${id}`,
      get: () => ({
        ...resource(model, 'Processor', id, `Processor ${index + 1}`),
        Socket: `CPU ${index + 1}`,
        ProcessorType: 'CPU',
        ProcessorArchitecture: isArm ? 'ARM' : 'x86',
        InstructionSet: isArm ? 'ARM-A64' : 'x86-64',
        Manufacturer: processorModel.startsWith('AMD') ? 'Advanced Micro Devices' : isArm ? 'Arm' : 'Intel',
        Model: processorModel,
        MaxSpeedMHz: maximumMhz,
        TotalCores: cores,
        TotalThreads: cores * threadsACore,
        Status: healthy,
      }),
    })),
  ];
}

function memoryRoutes(model: Model): readonly Route[] {
  const { memoryIds, dimmMiB } = model.system;
  const path = `${systemPath(model)}/Memory`;
  return [
    collectionRoute(path, 'Memory', 'Memory', memoryIds),
    ...memoryIds.map((id, index) => ({
      path: `${path}/${id}`,
      get: () => ({
        ...resource(model, 'Memory', id, `DIMM ${index + 1}`),
        MemoryType: 'DRAM',
        MemoryDeviceType: 'DDR4',
        BaseModuleType: 'RDIMM',
        CapacityMiB: dimmMiB,
        DataWidthBits: 64,
        BusWidthBits: 72,
        RankCount: 2,
        OperatingSpeedMhz: memoryMhz,
        DeviceLocator: id,
        Manufacturer: 'Example Memory',
        SerialNumber: `M${String(index).padStart(7, '0')}`,
        PartNumber: 'EX-32G',
        Status: healthy,
      }),
    })),
  ];
}

function ethernetRoutes(model: Model): readonly Route[] {
  const { nicIds } = model.system;
  const path = `${systemPath(model)}/EthernetInterfaces`;
  return [
    collectionRoute(path, 'EthernetInterface', 'Ethernet Interfaces', nicIds),
    ...nicIds.map(
      (id, index): Route => ({
        path: `${path}/${id}`,
        get: ({ bmc }) => {
          const mac = bmc.macs[index] ?? null;
          const hasLink = index === 0 && bmc.machine.power === 'On';
          return {
            ...resource(model, 'EthernetInterface', id, 'System Ethernet Interface'),
            Description: `Port ${index + 1}`,
            InterfaceEnabled: true,
            LinkStatus: hasLink ? 'LinkUp' : 'LinkDown',
            MACAddress: mac,
            PermanentMACAddress: mac,
            SpeedMbps: hasLink ? portMbps : 0,
            Status: mac === null ? { State: 'Absent' } : healthy,
            Links: { Chassis: link(chassisPath(model)) },
          };
        },
      }),
    ),
  ];
}

const pcieDevices = [
  {
    id: 'NIC',
    name: 'Network Adapter',
    deviceClass: 'NetworkController',
    code: '0x020000',
    vendor: '0x15b3',
    device: '0x1017',
  },
  {
    id: 'Storage',
    name: 'Storage Controller',
    deviceClass: 'MassStorageController',
    code: '0x010700',
    vendor: '0x1000',
    device: '0x10e2',
  },
] as const;

function pcieRoutes(model: Model): readonly Route[] {
  const path = `${chassisPath(model)}/PCIeDevices`;
  return [
    collectionRoute(
      path,
      'PCIeDevice',
      'PCIe Devices',
      pcieDevices.map(({ id }) => id),
    ),
    ...pcieDevices.flatMap(({ id, name, deviceClass, code, vendor, device }): Route[] => {
      const own = `${path}/${id}`;
      return [
        {
          path: own,
          get: ({ bmc }) => ({
            ...resource(model, 'PCIeDevice', id, name),
            DeviceType: 'SingleFunction',
            Manufacturer: 'Example Devices',
            Model: name,
            SerialNumber: `${bmc.serialNumber}-${id}`,
            FirmwareVersion: '1.0',
            PCIeInterface: { PCIeType: 'Gen4', MaxPCIeType: 'Gen4', LanesInUse: 8, MaxLanes: 16 },
            Status: healthy,
            PCIeFunctions: link(`${own}/PCIeFunctions`),
            Links: { Chassis: links([chassisPath(model)]) },
          }),
        },
        collectionRoute(`${own}/PCIeFunctions`, 'PCIeFunction', 'PCIe Functions', ['0']),
        {
          path: `${own}/PCIeFunctions/0`,
          get: () => ({
            ...resource(model, 'PCIeFunction', '0', name),
            FunctionId: 0,
            FunctionType: 'Physical',
            DeviceClass: deviceClass,
            ClassCode: code,
            VendorId: vendor,
            DeviceId: device,
            SubsystemVendorId: vendor,
            SubsystemId: '0x0001',
            RevisionId: '0x00',
            Status: healthy,
            Links: { PCIeDevice: link(own) },
          }),
        },
      ];
    }),
  ];
}

export const inventoryRoutes = (model: Model): readonly Route[] => [
  ...processorRoutes(model),
  ...memoryRoutes(model),
  ...ethernetRoutes(model),
  ...pcieRoutes(model),
];
