// How the switch ports of a machine are to be: derived from the network that each of its ports is noted to be on.
import { type Port, registeredError } from '@wrought/contract';
import { driverInfo, type NetworkPhase, type Task } from '../../drivers/kit/index.ts';
import {
  accessTo,
  type LagConfig,
  type PortConfig,
  type PortState,
  parseNetworkText,
  readSwitchport,
} from '../switches/port-config.ts';

/** What a port is on a network for; idle: nothing uses it. */
export type PortNetwork = NetworkPhase | 'tenant' | 'idle';

const portNetworks: readonly PortNetwork[] = [
  'cleaning',
  'provisioning',
  'rescuing',
  'inspection',
  'servicing',
  'tenant',
  'idle',
];

/** The member of a port's internal_info that says which network it is to be on; absent until the first phase. */
export const NETWORK_KEY = 'switch_network';

type Given = Pick<Task, 'node' | 'ports' | 'portgroups' | 'config'>;

/** The place of a port on a switch; null where local_link_connection does not tell it. */
export function linkOf(port: Port): { readonly switchId: string; readonly portName: string } | null {
  const { switch_id, port_id } = port.local_link_connection;
  return typeof switch_id === 'string' && typeof port_id === 'string' && switch_id !== '' && port_id !== ''
    ? { switchId: switch_id.toLowerCase(), portName: port_id }
    : null;
}

/** The network that the port is noted to be on. */
export function notedNetwork(port: Port): PortNetwork | null {
  return portNetworks.find((each) => each === port.internal_info[NETWORK_KEY]) ?? null;
}

function invalid(where: string, problem: string): Error {
  return registeredError('InvalidParameterValue', { reason: `${where} can not be used: ${problem}.` });
}

/** What driver_info or the configuration names for a phase, or for idle ports. @throws RegisteredError InvalidParameterValue */
export function namedNetwork({ node, config }: Given, network: Exclude<PortNetwork, 'tenant'>): PortConfig | null {
  const key = `${network}_network` as const;
  const own = driverInfo(node).text(key);
  const text = own ?? config.ironic_networking[key];
  if (text === null) {
    return null;
  }
  const reading = parseNetworkText(text);
  if ('problem' in reading) {
    const where = own === null ? `ironic_networking.${key}` : `driver_info/${key} of node ${node.uuid}`;
    throw invalid(where, reading.problem);
  }
  return reading.config;
}

const LAG_NAME_MEMBER = 'lag_name';

/** `extra.switchport` of a port. @throws RegisteredError InvalidParameterValue */
export function switchportOf(port: Port): PortConfig | null {
  const { switchport } = port.extra;
  if (switchport === undefined || switchport === null) {
    return null;
  }
  const where = `extra/switchport of port ${port.address}`;
  const reading = readSwitchport(switchport, [LAG_NAME_MEMBER, 'mtu']);
  if ('problem' in reading) {
    throw invalid(where, reading.problem);
  }
  if (port.pxe_enabled && port.portgroup_uuid === null && reading.config.mode !== 'access') {
    throw invalid(where, 'a port with pxe_enabled needs the mode access; firmware boots without tags');
  }
  return reading.config;
}

function lagName({ ports, portgroups }: Given, portgroupUuid: string): string {
  const named = ports
    .filter((port) => port.portgroup_uuid === portgroupUuid)
    .map((port) => (port.extra.switchport as Record<string, unknown> | undefined)?.[LAG_NAME_MEMBER])
    .find((name) => typeof name === 'string' && name !== '');
  const name = named ?? portgroups.find(({ uuid }) => uuid === portgroupUuid)?.name;
  if (typeof name !== 'string') {
    throw invalid(
      `extra/lag of port group ${portgroupUuid}`,
      'the switch needs a name for the group; set lag_name in extra/switchport of a member, or the name of the port group',
    );
  }
  return name;
}

/** The link aggregation group of a port, and what it carries. @throws RegisteredError InvalidParameterValue */
function groupedState(given: Given, port: Port, defaultVlan: number): PortState | null {
  const portgroup = given.portgroups.find(({ uuid }) => uuid === port.portgroup_uuid);
  const lag = portgroup?.extra.lag as Record<string, unknown> | null | undefined;
  if (portgroup === undefined || lag === undefined || lag === null) {
    return null;
  }
  const where = `extra/lag of port group ${portgroup.uuid}`;
  const aggregation = (['lacp', 'static'] as const).find((each) => each === lag.aggregation_mode);
  if (aggregation === undefined) {
    throw invalid(where, `aggregation_mode is ${JSON.stringify(lag.aggregation_mode)}; allowed: lacp, static`);
  }
  const reading = readSwitchport({ native_vlan: defaultVlan, ...lag }, ['aggregation_mode', 'mtu']);
  if ('problem' in reading) {
    throw invalid(where, reading.problem);
  }
  const group: LagConfig = { name: lagName(given, portgroup.uuid), aggregation };
  return { ...reading.config, lag: group };
}

/**
 * How the port is to be in a network, on a switch with this default VLAN.
 * @returns null where neither driver_info, the configuration nor the port names anything for a phase or a tenant
 * @throws RegisteredError InvalidParameterValue
 */
export function stateIn(given: Given, port: Port, network: PortNetwork, defaultVlan: number): PortState | null {
  const alone = (config: PortConfig | null): PortState | null => (config === null ? null : { ...config, lag: null });
  if (network === 'idle') {
    return alone(namedNetwork(given, 'idle') ?? accessTo(defaultVlan));
  }
  if (network === 'tenant') {
    return groupedState(given, port, defaultVlan) ?? alone(switchportOf(port));
  }
  return alone(namedNetwork(given, network) ?? switchportOf(port));
}
