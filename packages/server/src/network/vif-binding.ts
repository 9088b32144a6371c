// Which port or port group of a machine carries a VIF; kept in its internal_info.
import { type JsonObject, type Port, type Portgroup, registeredError } from '@wrought/contract';
import type { Facts, Task, Vif } from '../drivers/kit/index.ts';

const VIF_KEY = 'tenant_vif_port_id';
/** The VIF whose binding in the network service is being changed: what is left of it after a crash is taken back. */
const UNSETTLED_KEY = 'unsettled_vif_port_id';

/** The VIF whose MAC address was changed with that of its carrier: both are compared until they are seen to agree. */
const READDRESSED_KEY = 'readdressed_vif';

/** A VIF with a new MAC address, as it was bound before, and the state of its machine then. */
export interface ReaddressedVif {
  readonly id: string;
  readonly provision_state: string;
  readonly binding: JsonObject;
}

/** A port or a port group: what can carry a VIF. */
export type Carrier =
  | { readonly kind: 'ports'; readonly item: Port }
  | { readonly kind: 'portgroups'; readonly item: Portgroup };

function textOf({ item }: Carrier, key: string): string | null {
  const value = item.internal_info[key];
  return typeof value === 'string' && value !== '' ? value : null;
}

/** The VIF that the carrier carries. */
export const vifOf = (carrier: Carrier): string | null => textOf(carrier, VIF_KEY);

/** The VIF whose attachment or detachment has begun and not ended. */
export const unsettledVifOf = (carrier: Carrier): string | null => textOf(carrier, UNSETTLED_KEY);

/** The VIF whose MAC address was changed last, as long as nobody has seen that both sides agree. */
export function readdressedVifOf({ item }: Carrier): ReaddressedVif | null {
  return (item.internal_info[READDRESSED_KEY] as ReaddressedVif | undefined) ?? null;
}

/** Port groups first, then ports. */
export function carriersOf({ ports, portgroups }: Pick<Task, 'ports' | 'portgroups'>): Carrier[] {
  return [
    ...portgroups.map((item) => ({ kind: 'portgroups', item }) as const),
    ...ports.map((item) => ({ kind: 'ports', item }) as const),
  ];
}

/** What messages call it: "port 52:54:00:12:34:56", "port group bond0". */
export function nameOf({ kind, item }: Carrier): string {
  const name = item.address ?? ('name' in item ? item.name : null) ?? item.uuid;
  return `${kind === 'ports' ? 'port' : 'port group'} ${name}`;
}

/** The ports behind a carrier: itself, or the members of the group. */
export function portsBehind({ ports }: Pick<Task, 'ports'>, { kind, item }: Carrier): readonly Port[] {
  return kind === 'ports' ? [item] : ports.filter(({ portgroup_uuid }) => portgroup_uuid === item.uuid);
}

function fact({ kind, item }: Carrier, internal_info: JsonObject): Facts {
  return { [kind]: [{ uuid: item.uuid, internal_info }] };
}

/** The carrier carries this VIF, or none; whatever was under way for it has ended. A port group that was made for a VIF goes with it. */
export function bind(carrier: Carrier, vifId: string | null): Facts {
  const ended = [
    ...(unsettledVifOf(carrier) === null ? [] : [UNSETTLED_KEY]),
    ...(readdressedVifOf(carrier) === null ? [] : [READDRESSED_KEY]),
  ];
  const isDynamic = carrier.kind === 'portgroups' && carrier.item.dynamic_portgroup;
  const dissolved: Facts = vifId === null && isDynamic ? { dissolved_portgroups: [carrier.item.uuid] } : {};
  return {
    ...dissolved,
    ...fact(carrier, { [VIF_KEY]: vifId, ...Object.fromEntries(ended.map((key) => [key, null])) }),
  };
}

/** The binding of this VIF is being changed; with `isForgotten` the carrier does not carry it any more. */
export function unsettle(carrier: Carrier, vifId: string, isForgotten = false): Facts {
  return fact(carrier, { [UNSETTLED_KEY]: vifId, ...(isForgotten ? { [VIF_KEY]: null } : {}) });
}

/** The MAC address of this VIF is about to change; null: both sides agree. */
export function readdress(carrier: Carrier, vif: ReaddressedVif | null): Facts {
  return fact(carrier, { [READDRESSED_KEY]: vif === null ? null : { ...vif } });
}

/** The physical network that a carrier is cabled to: a group's is that of its ports. */
function physicalNetworkOf(task: Task, carrier: Carrier): string | null {
  const { physical_network: own } = carrier.item;
  return (
    own ??
    portsBehind(task, carrier).find(({ physical_network }) => physical_network !== null)?.physical_network ??
    null
  );
}

/**
 * Carriers that are free, the best one first: what is known to be on the physical network, groups before ports, then what boots
 * from the network, then by age. The ports of a group are used one by one only where one of them already is; such a group is no
 * longer free, and one without ports never is.
 */
export function freeCarriers(task: Task, vif: Vif, physicalNetworks: ReadonlySet<string>): readonly Carrier[] {
  const { ports } = task;
  const isSplit = (portgroup: string) =>
    ports.some((item) => item.portgroup_uuid === portgroup && vifOf({ kind: 'ports', item }) !== null);
  const isFree = (carrier: Carrier) => {
    const { kind, item } = carrier;
    if (vifOf(carrier) !== null) {
      return false;
    }
    return kind === 'ports'
      ? item.portgroup_uuid === null || isSplit(item.portgroup_uuid)
      : !isSplit(item.uuid) && ports.some((port) => port.portgroup_uuid === item.uuid);
  };
  const isWanted = ({ kind, item }: Carrier) => {
    const uuid = kind === 'ports' ? vif.port_uuid : vif.portgroup_uuid;
    return (vif.port_uuid ?? vif.portgroup_uuid) === undefined || uuid === item.uuid;
  };
  const isCabled = (carrier: Carrier) => {
    const network = physicalNetworkOf(task, carrier);
    return physicalNetworks.size === 0 || network === null || physicalNetworks.has(network);
  };
  const boots = (carrier: Carrier) => portsBehind(task, carrier).some(({ pxe_enabled }) => pxe_enabled);
  const rank = (carrier: Carrier) =>
    (physicalNetworks.has(physicalNetworkOf(task, carrier) ?? '') ? 4 : 0) +
    (carrier.kind === 'portgroups' ? 2 : 0) +
    Number(boots(carrier));
  return carriersOf(task)
    .filter((carrier) => isWanted(carrier) && isFree(carrier) && isCabled(carrier))
    .sort((a, b) => rank(b) - rank(a) || a.item.id - b.item.id);
}

/** @throws RegisteredError VifAlreadyAttached when a port or port group of the machine carries the VIF */
export function requireUnattached(task: Task, vif: Vif): void {
  const holder = carriersOf(task).find((carrier) => vifOf(carrier) === vif.id);
  if (holder !== undefined) {
    throw registeredError('VifAlreadyAttached', { vif: vif.id, port: holder.item.uuid, node: task.node.uuid });
  }
}

/**
 * Finds the best free carrier for a VIF.
 * @param physicalNetworks those that the network of the VIF is on; none: it does not matter
 * @throws RegisteredError VifAlreadyAttached, NoFreePhysicalPorts
 */
export function chooseCarrier(task: Task, vif: Vif, physicalNetworks: ReadonlySet<string> = new Set()): Carrier {
  requireUnattached(task, vif);
  const [carrier] = freeCarriers(task, vif, physicalNetworks);
  if (carrier === undefined) {
    const networks =
      physicalNetworks.size === 0 ? '' : ` The VIF is on the physical network ${[...physicalNetworks].join(', ')}.`;
    const reason =
      vif.portgroup_uuid !== undefined
        ? `Port group ${vif.portgroup_uuid} is not a free port group of the node.`
        : vif.port_uuid !== undefined
          ? `Port ${vif.port_uuid} is not a free port of the node.`
          : `It has ${task.ports.length} ports and ${task.portgroups.length} port groups. Detach another VIF, or create a port.`;
    throw registeredError('NoFreePhysicalPorts', { vif: vif.id, node: task.node.uuid, reason: reason + networks });
  }
  return carrier;
}

/** The carrier of a VIF. @throws RegisteredError VifNotAttached */
export function carrierOf(task: Task, vifId: string): Carrier {
  const carrier = carriersOf(task).find((each) => vifOf(each) === vifId);
  if (carrier === undefined) {
    throw registeredError('VifNotAttached', { vif: vifId, node: task.node.uuid });
  }
  return carrier;
}

/** Puts into the timeline where a VIF is now, or is no more. */
export function recordVif(task: Task, carrier: Carrier, vifId: string, what: 'attached to' | 'detached from'): void {
  task.record({ kind: 'network', message: `VIF ${vifId} is ${what} ${nameOf(carrier)}.` });
}

/** Attaches a VIF to the best free carrier. @throws RegisteredError VifAlreadyAttached, NoFreePhysicalPorts */
export function attachVif(task: Task, vif: Vif): Facts {
  const carrier = chooseCarrier(task, vif);
  recordVif(task, carrier, vif.id, 'attached to');
  return bind(carrier, vif.id);
}

/** Detaches a VIF. @throws RegisteredError VifNotAttached */
export function detachVif(task: Task, vifId: string): Facts {
  const carrier = carrierOf(task, vifId);
  recordVif(task, carrier, vifId, 'detached from');
  return bind(carrier, null);
}

/** The VIFs of a machine. */
export function listVifs(task: Task): { id: string }[] {
  return carriersOf(task).flatMap((carrier) => {
    const id = vifOf(carrier);
    return id === null ? [] : [{ id }];
  });
}
