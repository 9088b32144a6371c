// Compares where the ports of machines are meant to be plugged in with what their last inspections heard from switches.
import { type JsonObject, type Port, readMac } from '@wrought/contract';
import type { LinkedPort, NodeCabling } from '../store/cabling.ts';
import { objectAt, objectsAt } from './hooks/hook.ts';
import { linkOf } from './hooks/local-link-connection.ts';
import { neighboursOf } from './hooks/parse-lldp.ts';
import { physicalNetworkOf } from './hooks/physical-network.ts';

/** One thing that is not as it is meant to be, or not known. */
export interface CablingDifference {
  readonly node_uuid: string;
  readonly node_name: string | null;
  /** Null for a network card that the node has no port for. */
  readonly port_uuid: string | null;
  readonly address: string | null;
  readonly kind:
    | 'other link'
    | 'other physical network'
    | 'shared switch port'
    | 'link not noted'
    | 'no port'
    | 'not seen';
  /** A sentence: what is meant, what was seen, and what to do about it. */
  readonly message: string;
}

export interface CablingReport {
  readonly nodes: number;
  readonly ports: number;
  /** Ports whose switch was heard just where it is meant to be. */
  readonly confirmed: number;
  readonly differences: readonly CablingDifference[];
}

/** What a network card heard, as far as it concerns its cable. */
interface Card {
  readonly name: string;
  readonly address: string;
  readonly hasCarrier: boolean;
  /** Absent when no announcement was heard. */
  readonly said?: JsonObject;
  /** By inspector.physical_network_cidr_map. */
  readonly physicalNetwork?: string;
}

type PhysicalNetworks = Readonly<Record<string, string>>;

function cardsOf({ found }: NodeCabling, physicalNetworks: PhysicalNetworks): readonly Card[] {
  if (found === undefined) {
    return [];
  }
  const neighbours = neighboursOf({ ...found, physicalNetworks });
  return objectsAt(found.inventory, 'interfaces').flatMap((each) => {
    const address = typeof each.mac_address === 'string' ? readMac(each.mac_address) : undefined;
    if (typeof each.name !== 'string' || address === undefined) {
      return [];
    }
    const said = neighbours.get(each.name) ?? objectAt(objectAt(found.pluginData, 'parsed_lldp'), each.name);
    const network =
      physicalNetworkOf(each.ipv4_address, physicalNetworks) ?? physicalNetworkOf(each.ipv6_address, physicalNetworks);
    return [
      {
        name: each.name,
        address,
        hasCarrier: each.has_carrier === true,
        ...(Object.keys(said).length === 0 ? {} : { said }),
        ...(network === undefined ? {} : { physicalNetwork: network }),
      },
    ];
  });
}

type Difference = Pick<CablingDifference, 'kind' | 'message'>;

const same = (one: unknown, other: unknown) =>
  typeof one === 'string' && typeof other === 'string' && one.trim().toLowerCase() === other.trim().toLowerCase();

/** "port eth1/1 of switch leaf1 (52:54:00:ff:00:01)". */
function linkInWords({ switch_id: id, switch_info: info, port_id: port }: JsonObject): string {
  const names = [info, id].filter((each) => typeof each === 'string' && each !== '');
  const [first = 'without a name', second] = names;
  return `port ${String(port ?? 'unknown')} of switch ${first}${second === undefined ? '' : ` (${second})`}`;
}

function saidInWords(said: JsonObject): string {
  const { switch_chassis_id, switch_system_name, switch_port_id, switch_port_description } = said;
  return linkInWords({
    switch_id: switch_chassis_id,
    switch_info: switch_system_name,
    port_id: switch_port_id ?? switch_port_description,
  } as JsonObject);
}

/** Whether a switch that says this is the one that the link names: switches tell the name of a port in either of two places. */
function agrees(link: JsonObject, said: JsonObject): boolean {
  const { switch_chassis_id: chassis, switch_system_name: name } = said;
  const isMac = typeof chassis === 'string' && readMac(chassis) !== undefined;
  const isSwitch = isMac && link.switch_id !== undefined ? same(link.switch_id, chassis) : same(link.switch_info, name);
  return isSwitch && (same(link.port_id, said.switch_port_id) || same(link.port_id, said.switch_port_description));
}

const isUnmanaged = ({ network_type: type }: JsonObject) => type === 'unmanaged';
const isPlanned = (link: JsonObject) => link.port_id !== undefined && !isUnmanaged(link);

/** The differences of one port and the network card of its address, which may have been found or not. */
function* compareLink(port: Port, card: Card | undefined): Generator<Difference> {
  const { address, local_link_connection: link } = port;
  if (card === undefined) {
    yield {
      kind: 'not seen',
      message: `The last inspection found no network card with the address ${address} of this port. Look whether the card is still in the machine.`,
    };
    return;
  }
  const here = `${card.name} (${address})`;
  if (card.said === undefined) {
    if (isPlanned(link)) {
      const why = card.hasCarrier
        ? 'it heard no LLDP: let the switch send it, and set inspector.collect_lldp'
        : 'it has no carrier: look at the cable and the switch port';
      yield { kind: 'not seen', message: `${here} is meant to be in ${linkInWords(link)}, but ${why}.` };
    }
  } else if (!isPlanned(link)) {
    const found = linkOf(card.said);
    const what =
      found === null
        ? 'This switch tells no MAC address as its own, so enter switch_id by hand.'
        : 'Inspect the node again, or set local_link_connection of the port.';
    if (!isUnmanaged(link)) {
      yield {
        kind: 'link not noted',
        message: `${here} is in ${saidInWords(card.said)}, which the port does not note. ${what}`,
      };
    }
  } else if (!agrees(link, card.said)) {
    yield {
      kind: 'other link',
      message: `${here} is meant to be in ${linkInWords(link)}, but is in ${saidInWords(card.said)}. Move the cable, or set local_link_connection of the port.`,
    };
  }
}

/** Ports by what they name: a switch, or a port of one. */
type PortsBy = ReadonlyMap<string | undefined, readonly LinkedPort[]>;

function* compareNetwork(port: Port, card: Card | undefined, bySwitch: PortsBy): Generator<Difference> {
  const { physical_network: meant, address } = port;
  const kind = 'other physical network';
  if (meant === null) {
    return;
  }
  if (card?.physicalNetwork !== undefined && card.physicalNetwork !== meant) {
    yield {
      kind,
      message: `${card.name} (${address}) is meant to be on the physical network "${meant}", but had an address of "${card.physicalNetwork}" (inspector.physical_network_cidr_map). Move the cable, or set physical_network of the port.`,
    };
  }
  const seen = card?.said === undefined ? undefined : linkOf(card.said)?.switch_id;
  const others = typeof seen !== 'string' ? [] : (bySwitch.get(seen) ?? []).filter(({ uuid }) => uuid !== port.uuid);
  const names = new Set(others.map(({ physical_network }) => physical_network).filter((name) => name !== null));
  if (card?.said !== undefined && names.size > 0 && !names.has(meant)) {
    yield {
      kind,
      message: `${card.name} (${address}) is meant to be on the physical network "${meant}", but is in ${saidInWords(card.said)}, where other machines are on ${[...names].map((name) => `"${name}"`).join(', ')}. Move the cable, or set physical_network of the port.`,
    };
  }
}

const placeOf = ({ switch_id: id, port_id: port }: JsonObject) =>
  typeof id === 'string' && typeof port === 'string' ? `${id.toLowerCase()} ${port.toLowerCase()}` : undefined;

function* compareOthers(port: Port, byPlace: PortsBy): Generator<Difference> {
  const { local_link_connection: link } = port;
  const place = placeOf(link);
  for (const other of place === undefined ? [] : (byPlace.get(place) ?? [])) {
    if (other.uuid !== port.uuid) {
      yield {
        kind: 'shared switch port',
        message: `${port.address} is meant to be in ${linkInWords(link)}, and so is ${other.address} of node ${other.node_name ?? other.node_uuid}. One cable can not be in two machines: set local_link_connection of one of the ports.`,
      };
    }
  }
}

/**
 * Compares nodes with what was seen of them.
 * @param all every port that names a switch, of these nodes and of others
 */
export async function compareCabling(
  nodes: AsyncIterable<NodeCabling>,
  all: readonly LinkedPort[],
  physicalNetworks: PhysicalNetworks,
): Promise<CablingReport> {
  const byPlace = Map.groupBy(all, ({ link }) => placeOf(link));
  const bySwitch = Map.groupBy(all, ({ link }) =>
    typeof link.switch_id === 'string' ? link.switch_id.toLowerCase() : undefined,
  );
  const counts = { nodes: 0, ports: 0, confirmed: 0 };
  const differences: CablingDifference[] = [];
  for await (const cabling of nodes) {
    const { node, ports, found } = cabling;
    const cards = cardsOf(cabling, physicalNetworks);
    const about = { node_uuid: node.uuid, node_name: node.name };
    counts.nodes += 1;
    counts.ports += ports.length;
    if (found === undefined) {
      differences.push({
        ...about,
        port_uuid: null,
        address: null,
        kind: 'not seen',
        message: `No inspection of node ${node.name ?? node.uuid} is kept, so nothing is known of its cables. Inspect it, with inspector.collect_lldp set.`,
      });
    }
    for (const port of ports) {
      const card = cards.find(({ address }) => address === port.address);
      const own = [
        ...(found === undefined ? [] : compareLink(port, card)),
        ...compareNetwork(port, card, bySwitch),
        ...compareOthers(port, byPlace),
      ];
      differences.push(...own.map((each) => ({ ...about, port_uuid: port.uuid, address: port.address, ...each })));
      counts.confirmed += card?.said !== undefined && agrees(port.local_link_connection, card.said) ? 1 : 0;
    }
    for (const { name, address, said } of cards) {
      if (said !== undefined && !ports.some((port) => port.address === address)) {
        differences.push({
          ...about,
          port_uuid: null,
          address,
          kind: 'no port',
          message: `${name} (${address}) is in ${saidInWords(said)}, but the node has no port with this address. Create one, if machines are to use it.`,
        });
      }
    }
  }
  return { ...counts, differences };
}
