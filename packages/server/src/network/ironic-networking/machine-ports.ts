// The switch ports of one machine: put on a network, compared with the switches, repaired and shown.
import { isRegisteredError, type Port, registeredError } from '@wrought/contract';
import type { Config } from '../../config/index.ts';
import type { Facts, SwitchPort, Task } from '../../drivers/kit/index.ts';
import { accessTo, formatPortConfig, type PortState } from '../switches/port-config.ts';
import { SwitchError } from '../switches/switch-driver.ts';
import type { SwitchDefinition } from '../switches/switch-file.ts';
import { type ComparedPort, forbiddenVlans, portInWords, type Switches, switchInWords } from '../switches/switches.ts';
import { linkOf, NETWORK_KEY, notedNetwork, type PortNetwork, stateIn } from './intended.ts';

/** A port of the machine with its place on a switch. */
export interface Plug {
  readonly port: Port;
  readonly definition: SwitchDefinition;
  /** What the switch calls it. */
  readonly name: string;
}

const unknownSwitch = (port: Port, switchId: string, config: Config) =>
  registeredError('InvalidParameterValue', {
    reason: `local_link_connection/switch_id of port ${port.address} is "${switchId}", which is among switch_ids of no switch in ${
      config.ironic_networking.switch_config_file ?? 'a file: ironic_networking.switch_config_file is not set'
    }.`,
  });

/** The ports of the machine that are plugged into known switches. @throws RegisteredError InvalidParameterValue */
export async function plugsOf(switches: Switches, task: Task): Promise<readonly Plug[]> {
  const definitions = await switches.definitions();
  return task.ports.flatMap((port) => {
    const link = linkOf(port);
    if (link === null) {
      return [];
    }
    const definition = definitions.find(({ switchIds }) => switchIds.includes(link.switchId));
    if (definition === undefined) {
      throw unknownSwitch(port, link.switchId, task.config);
    }
    return [{ port, definition, name: link.portName }];
  });
}

/** How a port is to be; what names nothing for it stays idle. @throws RegisteredError InvalidParameterValue */
export function intendedState(task: Task, { port, definition }: Plug, network: PortNetwork): PortState {
  const state =
    stateIn(task, port, network, definition.defaultVlan) ?? stateIn(task, port, 'idle', definition.defaultVlan);
  if (state === null) {
    throw new TypeError(`port ${port.uuid} has no state for network ${network}`);
  }
  // The default VLAN of the switch is where its unused ports are, whatever machines may be put on.
  const isDefault =
    network === 'idle' && formatPortConfig(state) === formatPortConfig(accessTo(definition.defaultVlan));
  const problem = isDefault ? null : forbiddenVlans(definition, state, task.config);
  if (problem !== null) {
    throw registeredError('InvalidParameterValue', {
      reason: `Port ${port.address} of node ${task.node.uuid} is not put on its ${network} network: ${problem}.`,
    });
  }
  return state;
}

/** One port with how it is to be. */
interface Intent {
  readonly plug: Plug;
  readonly network: PortNetwork;
  readonly state: PortState;
}

/** Makes all these ports so, switch by switch, and goes on where one fails. @throws RegisteredError NetworkError */
async function applyAll(switches: Switches, task: Task, intents: readonly Intent[]): Promise<readonly Intent[]> {
  const changed: Intent[] = [];
  const failures: string[] = [];
  for (const [definition, own] of Map.groupBy(intents, ({ plug }) => plug.definition)) {
    const wanted = own.map(({ plug, state }) => ({
      name: plug.name,
      state,
      description: `node ${task.node.name ?? task.node.uuid} port ${plug.port.address}`,
    }));
    try {
      const names = new Set((await switches.apply(definition, wanted, task.abortSignal)).map(({ name }) => name));
      changed.push(...own.filter(({ plug }) => names.has(plug.name)));
    } catch (error) {
      if (!(error instanceof SwitchError)) {
        throw error;
      }
      const ports = own.map(
        ({ plug, network, state }) => `port ${plug.name} on ${portInWords(state)} (${network} network)`,
      );
      failures.push(`${switchInWords(definition)} was to put ${ports.join(', ')}: ${error.message}`);
    }
  }
  if (failures.length > 0) {
    throw registeredError('NetworkError', {
      reason: `The switch ports of node ${task.node.uuid} could not be configured: ${failures.join('; ')}`,
    });
  }
  return changed;
}

const inOneLine = ({ plug, state }: Intent) =>
  `${plug.name} of switch "${plug.definition.name}": ${portInWords(state)}`;

/**
 * Puts the machine on a network. What is intended is stored before any switch is asked, so that a crash leaves an intent that is
 * carried out later. Safe to repeat.
 * @throws RegisteredError NetworkError, InvalidParameterValue
 */
export async function putOn(switches: Switches, task: Task, network: PortNetwork): Promise<Facts> {
  const plugs = await plugsOf(switches, task);
  const intents = plugs.map((plug) => ({ plug, network, state: intendedState(task, plug, network) }));
  task.learn({ ports: plugs.map(({ port }) => ({ uuid: port.uuid, internal_info: { [NETWORK_KEY]: network } })) });
  await task.store();
  const changed = await applyAll(switches, task, intents);
  if (intents.length > 0) {
    task.record({
      kind: 'network',
      message: `The machine is on its ${network} network: ${intents.map(inOneLine).join('; ')}.`,
      data: { network, changed: changed.map(({ plug }) => plug.name) },
    });
  }
  return {};
}

/** The ports whose network is noted, with how they are to be. */
async function notedIntents(switches: Switches, task: Task): Promise<readonly Intent[]> {
  return (await plugsOf(switches, task)).flatMap((plug) => {
    const network = notedNetwork(plug.port);
    return network === null ? [] : [{ plug, network, state: intendedState(task, plug, network) }];
  });
}

/** Compares the switches with what is intended, and mends what differs. Safe to repeat. @throws RegisteredError NetworkError */
export async function repairSwitchPorts(switches: Switches, task: Task): Promise<Facts> {
  const changed = await applyAll(switches, task, await notedIntents(switches, task));
  if (changed.length > 0) {
    task.record({
      kind: 'network',
      severity: 'warning',
      message: `Switch ports were not as intended and were set again: ${changed.map(inOneLine).join('; ')}.`,
    });
  }
  return {};
}

/** How the port is to be; where that can not be told, why. */
function intentOf(task: Task, plug: Plug): { readonly state: PortState | null; readonly problem: string | null } {
  const network = notedNetwork(plug.port);
  try {
    return { state: network === null ? null : intendedState(task, plug, network), problem: null };
  } catch (error) {
    if (!isRegisteredError(error)) {
      throw error;
    }
    return { state: null, problem: error.message };
  }
}

/** How the ports are to be and how the switches have them; a switch that does not answer is told beside its ports. */
export async function showSwitchPorts(switches: Switches, task: Task): Promise<readonly SwitchPort[]> {
  const shown: SwitchPort[] = [];
  for (const [definition, plugs] of Map.groupBy(await plugsOf(switches, task), (plug) => plug.definition)) {
    const intents = plugs.map((plug) => ({ plug, ...intentOf(task, plug) }));
    let compared: readonly ComparedPort[] = [];
    let silence: string | null = null;
    try {
      const ports = intents.map(({ plug, state }) => ({ name: plug.name, state }));
      compared = await switches.compare(definition, ports, task.abortSignal);
    } catch (error) {
      if (!(error instanceof SwitchError)) {
        throw error;
      }
      silence = `${switchInWords(definition)}: ${error.message}`;
    }
    shown.push(
      ...intents.map(({ plug, state, problem }, index) => {
        const { seen, matches = null } = compared[index] ?? {};
        return {
          port_uuid: plug.port.uuid,
          address: plug.port.address,
          switch: definition.name,
          switch_port: plug.name,
          network: notedNetwork(plug.port),
          intended: state === null ? null : formatPortConfig(state),
          intended_lag: state?.lag?.name ?? null,
          seen: seen?.state == null ? null : formatPortConfig(seen.state),
          seen_lag: seen?.state?.lag?.name ?? null,
          matches,
          problem: problem ?? silence ?? (seen?.state === null ? seen.reason : null),
        };
      }),
    );
  }
  return shown;
}
