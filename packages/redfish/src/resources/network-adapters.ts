// Network adapters of a chassis with their ports and functions (NetworkAdapter, Port, NetworkDeviceFunction schemas).
import type { CallOptions, Client } from '../client.ts';
import type { Resource } from '../resource.ts';
import { readStatus, type Status } from './health.ts';

export interface NetworkPort {
  readonly id: string;
  readonly linkStatus: string | undefined;
  readonly speedGbps: number | undefined;
  readonly macAddresses: readonly string[];
  /** What the switch at the other end said by LLDP. */
  readonly neighbour: { readonly chassisId: string | undefined; readonly portId: string | undefined } | undefined;
  readonly status: Status;
}

export interface NetworkFunction {
  readonly id: string;
  readonly macAddress: string | undefined;
  readonly permanentMacAddress: string | undefined;
  /** `PXE`, `HTTP`, `iSCSI`, `Disabled` and so on. */
  readonly bootMode: string | undefined;
  /** Paths of its ports. */
  readonly portPaths: readonly string[];
}

export interface NetworkAdapter {
  readonly resource: Resource;
  readonly id: string;
  readonly name: string | undefined;
  readonly manufacturer: string | undefined;
  readonly model: string | undefined;
  readonly serialNumber: string | undefined;
  readonly partNumber: string | undefined;
  /** Of its first controller. */
  readonly firmwareVersion: string | undefined;
  readonly status: Status;
}

const mac = (text: string | undefined): string | undefined => text?.toLowerCase();

/** Reads the network adapters of a chassis; none where the service shows none. */
export async function readNetworkAdapters(
  client: Client,
  chassis: Resource,
  options: CallOptions = {},
): Promise<NetworkAdapter[]> {
  const collection = chassis.link('NetworkAdapters');
  const adapters = collection === undefined ? [] : await client.members(collection, options);
  return adapters.map((resource) => ({
    resource,
    id: resource.id,
    name: resource.text('Name'),
    manufacturer: resource.text('Manufacturer'),
    model: resource.text('Model'),
    serialNumber: resource.text('SerialNumber'),
    partNumber: resource.text('PartNumber'),
    firmwareVersion: resource.objects('Controllers')[0]?.text('FirmwarePackageVersion'),
    status: readStatus(resource),
  }));
}

/** Reads the ports of an adapter, in the new place (Ports) or the old one (NetworkPorts). */
export async function readNetworkPorts(
  client: Client,
  { resource }: NetworkAdapter,
  options: CallOptions = {},
): Promise<NetworkPort[]> {
  const collection = resource.link('Ports') ?? resource.link('NetworkPorts');
  const ports = collection === undefined ? [] : await client.members(collection, options);
  return ports.map((port) => {
    const ethernet = port.object('Ethernet');
    const lldp = ethernet?.object('LLDPReceive');
    const megabits = port.number('CurrentLinkSpeedMbps');
    return {
      id: port.id,
      linkStatus: port.text('LinkStatus'),
      speedGbps: port.number('CurrentSpeedGbps') ?? (megabits === undefined ? undefined : megabits / 1000),
      macAddresses: [
        ...(ethernet?.strings('AssociatedMACAddresses') ?? []),
        ...port.strings('AssociatedNetworkAddresses'),
      ].map((each) => each.toLowerCase()),
      neighbour: lldp && { chassisId: lldp.text('ChassisId'), portId: lldp.text('PortId') },
      status: readStatus(port),
    };
  });
}

/** The port that a function is assigned to, by the names of all versions of the schema, or else those that it may be. */
function portsOf(each: Resource): string[] {
  const links = each.object('Links');
  const assigned =
    links?.link('PhysicalNetworkPortAssignment') ??
    links?.link('PhysicalPortAssignment') ??
    each.link('PhysicalPortAssignment');
  if (assigned !== undefined) return [assigned];
  return each.links(
    each.has('AssignablePhysicalNetworkPorts') ? 'AssignablePhysicalNetworkPorts' : 'AssignablePhysicalPorts',
  );
}

/** Reads the functions of an adapter: what the system sees of it. */
export async function readNetworkFunctions(
  client: Client,
  { resource }: NetworkAdapter,
  options: CallOptions = {},
): Promise<NetworkFunction[]> {
  const collection = resource.link('NetworkDeviceFunctions');
  const functions = collection === undefined ? [] : await client.members(collection, options);
  return functions.map((each) => {
    const ethernet = each.object('Ethernet');
    return {
      id: each.id,
      macAddress: mac(ethernet?.text('MACAddress')),
      permanentMacAddress: mac(ethernet?.text('PermanentMACAddress')),
      bootMode: each.text('BootMode'),
      portPaths: portsOf(each),
    };
  });
}
