// Data that several models share: schema versions, drives, BIOS attributes, boot options.
import { macOf } from '../../machine-identity.ts';
import type { BiosAttribute, BootModel, Drive } from './model.ts';

const GB = 1_000_000_000;

/** Versions of schemas of DMTF's bundle 2022.3, unless a model has another. */
export const commonSchemas: Readonly<Record<string, string>> = {
  AccountService: 'v1_12_0',
  ActionInfo: 'v1_3_0',
  AttributeRegistry: 'v1_3_6',
  Bios: 'v1_2_0',
  BootOption: 'v1_0_4',
  Certificate: 'v1_6_0',
  CertificateLocations: 'v1_0_2',
  CertificateService: 'v1_0_4',
  Chassis: 'v1_22_0',
  ComputerSystem: 'v1_20_0',
  Drive: 'v1_16_0',
  EnvironmentMetrics: 'v1_3_0',
  EthernetInterface: 'v1_8_0',
  Event: 'v1_8_0',
  EventDestination: 'v1_13_0',
  EventService: 'v1_9_0',
  Fan: 'v1_4_0',
  Manager: 'v1_17_0',
  ManagerAccount: 'v1_10_0',
  ManagerNetworkProtocol: 'v1_9_0',
  Memory: 'v1_16_0',
  MessageRegistry: 'v1_5_0',
  MessageRegistryFile: 'v1_1_3',
  PCIeDevice: 'v1_11_0',
  PCIeFunction: 'v1_5_0',
  Power: 'v1_7_1',
  PowerSubsystem: 'v1_1_0',
  PowerSupply: 'v1_5_0',
  Processor: 'v1_17_0',
  Role: 'v1_3_1',
  SecureBoot: 'v1_1_0',
  SecureBootDatabase: 'v1_0_1',
  Sensor: 'v1_7_0',
  ServiceRoot: 'v1_17_0',
  Session: 'v1_5_0',
  SessionService: 'v1_1_8',
  SoftwareInventory: 'v1_9_0',
  Storage: 'v1_14_0',
  StorageController: 'v1_6_0',
  Task: 'v1_7_0',
  TaskService: 'v1_2_0',
  Thermal: 'v1_7_1',
  ThermalMetrics: 'v1_0_1',
  ThermalSubsystem: 'v1_1_0',
  UpdateService: 'v1_11_2',
  VirtualMedia: 'v1_6_0',
  Volume: 'v1_9_0',
};

/** As many drives of a kind as there are names. */
export const drives = (ids: readonly string[], kind: Omit<Drive, 'id' | 'name'>): readonly Drive[] =>
  ids.map((id, index) => ({ id, name: `Drive ${index}`, ...kind }));

export const sasSsd = { bytes: 960 * GB, media: 'SSD', protocol: 'SAS' } as const;
export const sataHdd = { bytes: 4000 * GB, media: 'HDD', protocol: 'SATA' } as const;
export const nvme = { bytes: 3840 * GB, media: 'SSD', protocol: 'NVMe' } as const;

/** An attribute with the values "Enabled" and "Disabled". */
export const onOff = (name: string, display: string, isOn = true): BiosAttribute => ({
  name,
  display,
  value: isOn ? 'Enabled' : 'Disabled',
  values: ['Enabled', 'Disabled'],
});

export const oneOf = (name: string, display: string, values: readonly string[]): BiosAttribute => ({
  name,
  display,
  value: values[0] ?? '',
  values,
});

export const text = (name: string, display: string, value = ''): BiosAttribute => ({ name, display, value });

export const number = (name: string, display: string, value: number, bounds: readonly [number, number]) => ({
  name,
  display,
  value,
  bounds,
});

/** Boot options of a machine with a port that boots over the network and a disk. */
export const commonOptions: BootModel['options'] = [
  {
    reference: 'Boot0000',
    name: 'PXE IPv4 Port 1',
    path: `PciRoot(0x0)/Pci(0x1C,0x0)/MAC(${macOf(0).replaceAll(':', '')},0x1)/IPv4(0.0.0.0)`,
  },
  {
    reference: 'Boot0001',
    name: 'HTTP IPv4 Port 1',
    path: `PciRoot(0x0)/Pci(0x1C,0x0)/MAC(${macOf(0).replaceAll(':', '')},0x1)/IPv4(0.0.0.0)/Uri()`,
  },
  { reference: 'Boot0002', name: 'Hard Drive', path: 'PciRoot(0x0)/Pci(0x17,0x0)/Sata(0x0,0xFFFF,0x0)' },
];
