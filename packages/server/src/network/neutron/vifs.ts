// VIFs of tenants in Neutron: attached, plugged into their networks, unplugged and detached, so that a crash leaves nothing half done.
//
// Before Neutron is changed for an attachment or a detachment, the carrier notes the VIF as unsettled; the note goes in the transaction
// that records the result. What is found unsettled later was cut off: it is taken back by freeing the VIF, whatever had been reached.
import { registeredError } from '@wrought/contract';
import { type Facts, mergeFacts, type Task, type Vif, type VifCaller } from '../../drivers/kit/index.ts';
import { isNotFound, type Neutron, type NeutronPort } from '../../openstack/neutron.ts';
import { carrierFor } from '../traits/choose.ts';
import {
  bind,
  type Carrier,
  carrierOf,
  carriersOf,
  nameOf,
  readdressedVifOf,
  recordVif,
  unsettle,
  unsettledVifOf,
  vifOf,
} from '../vif-binding.ts';
import {
  bindVif,
  failsOnBinding,
  hostBinding,
  isBound,
  linkBinding,
  unbind,
  unbindFrom,
  untilActive,
  untilAgentIsUp,
} from './binding.ts';
import { settleAddress } from './carrier-change.ts';
import { asNetworkError, withNeutron } from './errors.ts';
import { physicalNetworksOf } from './networks.ts';

export interface VifOptions {
  /** Tenants' ports name the links to switches; without, the machine is on the one network anyhow. */
  readonly withLinks: boolean;
  /** Unless the node says otherwise. */
  readonly failsOnBinding: boolean;
}

/** The VIF as its caller may see it. @throws RegisteredError InvalidParameterValue, NetworkError */
async function readVif(neutron: Neutron, vif: Vif, caller: VifCaller | undefined): Promise<NeutronPort> {
  try {
    const seen = await neutron.port(vif.id, { userToken: caller?.userToken ?? null });
    // How it is bound is shown to administrators only.
    return caller?.userToken == null ? seen : await neutron.port(vif.id);
  } catch (error) {
    if (isNotFound(error)) {
      throw registeredError('InvalidParameterValue', {
        reason: `The VIF "${vif.id}" is no port in Neutron that the caller may see. Give the UUID of a port.`,
      });
    }
    throw asNetworkError(`Reading VIF ${vif.id}`, error);
  }
}

/** Frees a VIF as far as that can be done, and says what is left. */
async function settle(neutron: Neutron, task: Task, carrier: Carrier, vifId: string): Promise<boolean> {
  try {
    await unbindFrom(neutron, task, carrier, vifId);
    return true;
  } catch (error) {
    task.record({
      kind: 'network',
      severity: 'warning',
      message: `VIF ${vifId} could not be freed from ${nameOf(carrier)}; it is tried again until it is. ${error instanceof Error ? error.message : String(error)}`,
    });
    return false;
  }
}

/** Ends what is unsettled on the machine. @throws RegisteredError NetworkError */
export async function repairVifs(neutron: Neutron, task: Task): Promise<Facts> {
  let facts: Facts = {};
  for (const carrier of carriersOf(task)) {
    const vifId = unsettledVifOf(carrier);
    if (vifId !== null && (await settle(neutron, task, carrier, vifId))) {
      // Another VIF may have been attached meanwhile; its record stays.
      const other = vifOf(carrier);
      facts = mergeFacts(facts, bind(carrier, other === vifId ? null : other));
      task.record({ kind: 'network', message: `VIF ${vifId}, which was cut off, is free of ${nameOf(carrier)}.` });
    }
    const readdressed = readdressedVifOf(carrier);
    if (readdressed !== null) {
      facts = mergeFacts(facts, await settleAddress(neutron, task, carrier, readdressed));
    }
  }
  return facts;
}

/** Plugs the machine into the network of one VIF, as switches do by the links that are named. */
async function plug(neutron: Neutron, task: Task, carrier: Carrier, vifId: string, options: VifOptions): Promise<void> {
  await untilAgentIsUp(neutron, task, carrier);
  const binding = options.withLinks ? linkBinding(task, carrier) : hostBinding(task, carrier);
  const bound = await bindVif(neutron, carrier, await neutron.port(vifId), binding);
  if (failsOnBinding(task, options.failsOnBinding)) {
    await untilActive(neutron, task, [bound]);
  }
}

/** Name and tags of the network of a VIF, as its caller gives them or as Neutron has them: traits ask for them. */
async function describeNetwork(neutron: Neutron, vif: Vif, port: NeutronPort) {
  const { name, tags } = await neutron.network(port.network_id);
  const given = Array.isArray(vif.tags) ? vif.tags : (tags ?? []);
  return {
    name: typeof vif.name === 'string' ? vif.name : name,
    tags: given.filter((tag): tag is string => typeof tag === 'string'),
  };
}

/**
 * Neutron maps a host to one segment of a routed network alone, so a machine that is cabled to several of them can not be on it.
 * @throws RegisteredError VifInvalidForAttach
 */
function checkSegments(task: Task, vif: Vif, networks: ReadonlySet<string>): void {
  const own = new Set(task.ports.map(({ physical_network }) => physical_network));
  const shared = [...networks].filter((name) => own.has(name));
  if (networks.size > 1 && shared.length > 1) {
    throw registeredError('VifInvalidForAttach', {
      vif: vif.id,
      node: task.node.uuid,
      reason: `its network has segments on the physical networks ${shared.join(', ')}, and the node has ports on each. Neutron maps a host to one segment only: give the VIF an address in a subnet of one of them.`,
    });
  }
}

/**
 * Attaches a VIF to the best free carrier. The VIF of an active machine is plugged at once; any other is bound to the host alone, so
 * that Neutron can give it addresses, and plugged when the machine goes to its tenant.
 */
export async function attachWithNeutron(
  neutron: Neutron,
  task: Task,
  vif: Vif,
  caller: VifCaller | undefined,
  options: VifOptions,
): Promise<Facts> {
  task.learn(await repairVifs(neutron, task));
  const port = await readVif(neutron, vif, caller);
  const what = `Attaching VIF ${vif.id} to node ${task.node.uuid}`;
  const networks = await withNeutron(what, () => physicalNetworksOf(neutron, port));
  checkSegments(task, vif, networks);
  const carrier = await withNeutron(what, () =>
    carrierFor(task, vif, networks, () => describeNetwork(neutron, vif, port)),
  );
  task.learn(unsettle(carrier, vif.id));
  await task.store();
  try {
    if (isBound(port)) {
      // It was bound elsewhere, or by somebody else who meant this machine.
      await unbind(neutron, vif.id, { resetMac: false });
    }
    const free = { ...port, 'binding:host_id': '' };
    if (task.node.provision_state === 'active') {
      await plug(neutron, task, carrier, vif.id, options);
    } else {
      await bindVif(neutron, carrier, free, hostBinding(task, carrier));
    }
  } catch (error) {
    if (await settle(neutron, task, carrier, vif.id)) {
      task.learn(bind(present(task, carrier), null));
    }
    throw asNetworkError(what, error);
  }
  recordVif(task, carrier, vif.id, 'attached to');
  return bind(present(task, carrier), vif.id);
}

/** The carrier as it is after what the task learned. */
function present(task: Task, { item }: Carrier): Carrier {
  const found = carriersOf(task).find((carrier) => carrier.item.uuid === item.uuid);
  if (found === undefined) {
    throw new Error(`${item.uuid} is no port or port group of node ${task.node.uuid}.`);
  }
  return found;
}

/**
 * Detaches a VIF. Where Neutron can not be reached the record stays, and the detachment is ended later; an instance that is being
 * deleted does not wait for that.
 */
export async function detachWithNeutron(neutron: Neutron, task: Task, vifId: string): Promise<Facts> {
  const carrier = carrierOf(task, vifId);
  task.learn(unsettle(carrier, vifId));
  await task.store();
  try {
    await unbindFrom(neutron, task, carrier, vifId);
  } catch (error) {
    if (task.node.provision_state !== 'deleting') {
      throw asNetworkError(
        `Detaching VIF ${vifId} from node ${task.node.uuid} (it is tried again until it succeeds)`,
        error,
      );
    }
    task.record({
      kind: 'network',
      severity: 'warning',
      message: `VIF ${vifId} could not be freed from ${nameOf(carrier)}; it is tried again until it is. ${error instanceof Error ? error.message : String(error)}`,
    });
    return unsettle(carrier, vifId, true);
  }
  recordVif(task, carrier, vifId, 'detached from');
  return bind(present(task, carrier), null);
}

/** Plugs the machine into the networks of all its VIFs. Safe to repeat. @throws RegisteredError NetworkError */
export async function plugVifs(neutron: Neutron, task: Task, options: VifOptions): Promise<Facts> {
  for (const carrier of carriersOf(task)) {
    const vifId = vifOf(carrier);
    if (vifId !== null) {
      await withNeutron(`Plugging VIF ${vifId} into ${nameOf(carrier)} of node ${task.node.uuid}`, () =>
        plug(neutron, task, carrier, vifId, options),
      );
    }
  }
  return {};
}

/** Unplugs the machine from the networks of its VIFs, which stay attached. Safe to repeat. @throws RegisteredError NetworkError */
export async function unplugVifs(neutron: Neutron, task: Task): Promise<Facts> {
  for (const carrier of carriersOf(task)) {
    const vifId = vifOf(carrier);
    if (vifId !== null) {
      await withNeutron(`Unplugging VIF ${vifId} from ${nameOf(carrier)} of node ${task.node.uuid}`, () =>
        unbindFrom(neutron, task, carrier, vifId),
      );
    }
  }
  return {};
}
