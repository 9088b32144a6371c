// Which port or port group of a machine carries a VIF; kept in its internal_info.
import { type Port, type Portgroup, registeredError } from '@wrought/contract';
import type { Facts, Task, Vif } from '../drivers/kit/index.ts';

const VIF_KEY = 'tenant_vif_port_id';

/** A port or a port group: what can carry a VIF. */
type Carrier =
  | { readonly kind: 'ports'; readonly item: Port }
  | { readonly kind: 'portgroups'; readonly item: Portgroup };

function vifOf({ internal_info: { [VIF_KEY]: value } }: Pick<Port, 'internal_info'>): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function carriersOf({ ports, portgroups }: Task): Carrier[] {
  return [
    ...portgroups.map((item) => ({ kind: 'portgroups', item }) as const),
    ...ports.map((item) => ({ kind: 'ports', item }) as const),
  ];
}

function nameOf({ kind, item }: Carrier): string {
  const name = item.address ?? ('name' in item ? item.name : null) ?? item.uuid;
  return `${kind === 'ports' ? 'port' : 'port group'} ${name}`;
}

function bind({ kind, item }: Carrier, vifId: string | null): Facts {
  return { [kind]: [{ uuid: item.uuid, internal_info: { [VIF_KEY]: vifId } }] };
}

/**
 * Carriers that are free, the best one first: groups before ports, then what boots from the network, then by age. The ports of
 * a group are used one by one only where one of them already is; such a group is no longer free, and
 * one without ports never is.
 */
function freeCarriers(task: Task, vif: Vif): readonly Carrier[] {
  const { ports } = task;
  const isSplit = (portgroup: string) =>
    ports.some((port) => port.portgroup_uuid === portgroup && vifOf(port) !== null);
  const isFree = ({ kind, item }: Carrier) => {
    if (vifOf(item) !== null) {
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
  const boots = ({ kind, item }: Carrier) =>
    kind === 'ports' ? item.pxe_enabled : ports.some((port) => port.portgroup_uuid === item.uuid && port.pxe_enabled);
  const rank = (carrier: Carrier) => (carrier.kind === 'portgroups' ? 2 : 0) + Number(boots(carrier));
  return carriersOf(task)
    .filter((carrier) => isWanted(carrier) && isFree(carrier))
    .sort((a, b) => rank(b) - rank(a) || a.item.id - b.item.id);
}

/** Attaches a VIF to the best free carrier. @throws RegisteredError VifAlreadyAttached, NoFreePhysicalPorts */
export function attachVif(task: Task, vif: Vif): Facts {
  const holder = carriersOf(task).find(({ item }) => vifOf(item) === vif.id);
  if (holder !== undefined) {
    throw registeredError('VifAlreadyAttached', { vif: vif.id, port: holder.item.uuid, node: task.node.uuid });
  }
  const [carrier] = freeCarriers(task, vif);
  if (carrier === undefined) {
    const reason =
      vif.portgroup_uuid !== undefined
        ? `Port group ${vif.portgroup_uuid} is not a free port group of the node.`
        : vif.port_uuid !== undefined
          ? `Port ${vif.port_uuid} is not a free port of the node.`
          : `It has ${task.ports.length} ports and ${task.portgroups.length} port groups. Detach another VIF, or create a port.`;
    throw registeredError('NoFreePhysicalPorts', { vif: vif.id, node: task.node.uuid, reason });
  }
  task.record({ kind: 'network', message: `VIF ${vif.id} is attached to ${nameOf(carrier)}.` });
  return bind(carrier, vif.id);
}

/** Detaches a VIF. @throws RegisteredError VifNotAttached */
export function detachVif(task: Task, vifId: string): Facts {
  const carrier = carriersOf(task).find(({ item }) => vifOf(item) === vifId);
  if (carrier === undefined) {
    throw registeredError('VifNotAttached', { vif: vifId, node: task.node.uuid });
  }
  task.record({ kind: 'network', message: `VIF ${vifId} is detached from ${nameOf(carrier)}.` });
  return bind(carrier, null);
}

/** The VIFs of a machine. */
export function listVifs(task: Task): { id: string }[] {
  return carriersOf(task).flatMap(({ item }) => {
    const id = vifOf(item);
    return id === null ? [] : [{ id }];
  });
}
