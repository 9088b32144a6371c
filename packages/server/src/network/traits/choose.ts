// Chooses what carries a VIF: by the traits of the instance where that is switched on and one of them counts, else as without.
import { randomUUID } from 'node:crypto';
import { type Portgroup, registeredError } from '@wrought/contract';
import type { Task, Vif } from '../../drivers/kit/index.ts';
import { type Carrier, carriersOf, chooseCarrier, freeCarriers, requireUnattached } from '../vif-binding.ts';
import { readTraits, TraitFileProblem } from './file.ts';
import type { FilterSubject } from './filter.ts';
import { type PlannedGroup, planAttachment, traitsOf } from './plan.ts';

async function traitsOfTask({ config, node }: Task) {
  try {
    const all = await readTraits(config.conductor.trait_based_networking_config_file);
    const { traits } = node.instance_info;
    return traitsOf(all, Array.isArray(traits) ? traits.filter((trait) => typeof trait === 'string') : []);
  } catch (error) {
    throw error instanceof TraitFileProblem ? registeredError('NetworkError', { reason: error.message }) : error;
  }
}

/** The port group as it is before it is stored: it lives as long as the VIF is attached to it. */
function newPortgroup({ node, config, portgroups }: Task, { ports }: PlannedGroup): Portgroup {
  const [first] = ports;
  const address = first?.address ?? null;
  const categories = new Set(ports.map(({ category }) => category));
  return {
    // Given by the database.
    id: 0,
    uuid: randomUUID(),
    node_id: node.id,
    node_uuid: node.uuid,
    address: portgroups.some((group) => group.address === address) ? null : address,
    name: null,
    extra: {},
    internal_info: {},
    standalone_ports_supported: true,
    mode: config.network.default_portgroup_mode,
    properties: {},
    physical_network: first?.physical_network ?? null,
    category: categories.size === 1 ? (first?.category ?? null) : null,
    dynamic_portgroup: true,
    created_at: new Date().toISOString(),
    updated_at: null,
  };
}

/**
 * What carries the VIF; a port group that is made for it is learned by the task.
 * @param network asked for when traits count
 * @throws RegisteredError VifAlreadyAttached, NoFreePhysicalPorts, NetworkError when the file of traits can not be used
 */
export async function carrierFor(
  task: Task,
  vif: Vif,
  physicalNetworks: ReadonlySet<string>,
  network: () => Promise<FilterSubject['network']>,
): Promise<Carrier> {
  const isNamed = vif.port_uuid !== undefined || vif.portgroup_uuid !== undefined;
  // Who names the port wants no other.
  const traits = isNamed || !task.config.conductor.enable_trait_based_networking ? [] : await traitsOfTask(task);
  if (traits.length === 0) {
    return chooseCarrier(task, vif, physicalNetworks);
  }
  requireUnattached(task, vif);
  const about = await network();
  const choice = planAttachment(traits, freeCarriers(task, vif, physicalNetworks), about);
  if (choice === undefined) {
    throw registeredError('NoFreePhysicalPorts', {
      vif: vif.id,
      node: task.node.uuid,
      reason: `None of the actions of the traits ${traits.map(({ name }) => name).join(', ')} (conductor.trait_based_networking_config_file) finds enough free ports or port groups for the network "${about.name ?? 'without a name'}".`,
    });
  }
  const found = choice.kind === 'carrier' ? choice.carrier.item.uuid : makeGroup(task, choice.group);
  const carrier = carriersOf(task).find(({ item }) => item.uuid === found);
  if (carrier === undefined) {
    throw new Error(`${found} is no port or port group of node ${task.node.uuid}.`);
  }
  task.record({ kind: 'network', message: `The trait ${choice.trait} chose what carries VIF ${vif.id}.` });
  return carrier;
}

function makeGroup(task: Task, group: PlannedGroup): string {
  const portgroup = newPortgroup(task, group);
  const addresses = group.ports.map(({ address }) => address);
  task.record({ kind: 'network', message: `The ports ${addresses.join(', ')} are a port group while a VIF is on it.` });
  task.learn({ new_portgroups: [{ portgroup, ports: group.ports.map(({ uuid }) => uuid) }] });
  return portgroup.uuid;
}
