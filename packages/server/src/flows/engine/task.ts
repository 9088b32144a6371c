// Builds the task that a step or a call is handed: the node, its interfaces, and what it learns while it works.
import type { JsonObject, Node, Port, Portgroup, PowerTarget } from '@wrought/contract';
import type { Config } from '../../config/index.ts';
import {
  changePower,
  type Facts,
  mergeFacts,
  type NodeInterfaces,
  type Task,
  type TaskLog,
} from '../../drivers/kit/index.ts';
import { mergeObject } from '../../store/nodes.ts';
import type { TimelineWriter } from './timeline-writer.ts';

const PROGRESS_STEP_PERCENT = 5;

export interface TaskOptions {
  readonly node: Node;
  readonly ports: readonly Port[];
  readonly portgroups: readonly Portgroup[];
  readonly interfaces: NodeInterfaces;
  readonly config: Config;
  readonly log: TaskLog;
  readonly timeline: TimelineWriter;
  readonly abortSignal: AbortSignal;
  /** See `Task`; false unless given. */
  readonly isBackground?: boolean;
  readonly idempotencyKey: string;
  readonly memory?: Task['memory'];
  readonly trace?: Task['trace'];
  /** Writes facts to node and ports at once. */
  readonly store: (facts: Facts) => Promise<void>;
  /** Called before the power changes: for what other machines have to do first. */
  readonly beforePower?: (target: PowerTarget) => Promise<void>;
}

/** A task together with the facts that it has learned so far. */
export interface LearningTask {
  readonly task: Task;
  learned(): Facts;
}

/** The node as it looks with facts applied; only what drivers may learn. */
export function nodeWithFacts(node: Node, facts: Facts): Node {
  return {
    ...node,
    ...(facts.power_state !== undefined ? { power_state: facts.power_state } : {}),
    ...(facts.boot_mode !== undefined ? { boot_mode: facts.boot_mode } : {}),
    ...(facts.secure_boot !== undefined ? { secure_boot: facts.secure_boot } : {}),
    ...(facts.health !== undefined ? { health: facts.health } : {}),
    driver_internal_info: mergeObject(node.driver_internal_info, facts.driver_internal_info ?? {}),
    instance_info: mergeObject(node.instance_info, facts.instance_info ?? {}),
    properties: mergeObject(node.properties, facts.properties ?? {}),
  };
}

/** Ports or port groups with the facts about them applied. */
function withInternalInfo<Item extends { readonly uuid: string; readonly internal_info: JsonObject }>(
  items: readonly Item[],
  facts: Facts['ports'] = [],
): readonly Item[] {
  return items.map((item) => {
    const learned = facts.filter((fact) => fact.uuid === item.uuid);
    const internal_info = learned.reduce((info, fact) => mergeObject(info, fact.internal_info), item.internal_info);
    return { ...item, internal_info };
  });
}

/** Ports and port groups with the facts about them applied, port groups that come and go among them. */
export function portsWithFacts(
  given: { readonly ports: readonly Port[]; readonly portgroups: readonly Portgroup[] },
  { ports, portgroups, new_portgroups: made = [], dissolved_portgroups: gone = [] }: Facts,
): { readonly ports: readonly Port[]; readonly portgroups: readonly Portgroup[] } {
  const groupOf = (port: Port): string | null => {
    const group = made.find((each) => each.ports.includes(port.uuid))?.portgroup.uuid ?? port.portgroup_uuid;
    return group !== null && gone.includes(group) ? null : group;
  };
  const present = new Set(given.portgroups.map(({ uuid }) => uuid));
  const groups = [
    ...given.portgroups,
    ...made.map(({ portgroup }) => portgroup).filter(({ uuid }) => !present.has(uuid)),
  ];
  return {
    ports: withInternalInfo(given.ports, ports).map((port) => ({ ...port, portgroup_uuid: groupOf(port) })),
    portgroups: withInternalInfo(groups, portgroups).filter(({ uuid }) => !gone.includes(uuid)),
  };
}

/** Makes a task; its `node`, `ports` and `portgroups` follow what it learns. */
export function createTask(options: TaskOptions): LearningTask {
  const { timeline, log } = options;
  const nodeId = options.node.id;
  let stored = options.node;
  let storedPorts = options.ports;
  let storedPortgroups = options.portgroups;
  let facts: Facts = {};
  let node = stored;
  let ports = storedPorts;
  let portgroups = storedPortgroups;
  let lastProgress = -PROGRESS_STEP_PERCENT;
  const task: Task = {
    get node() {
      return node;
    },
    get ports() {
      return ports;
    },
    get portgroups() {
      return portgroups;
    },
    interfaces: options.interfaces,
    config: options.config,
    log,
    abortSignal: options.abortSignal,
    isBackground: options.isBackground ?? false,
    idempotencyKey: options.idempotencyKey,
    memory: options.memory ?? {},
    ...(options.trace === undefined ? {} : { trace: options.trace }),
    record(evidence) {
      timeline.add(nodeId, evidence);
    },
    progress(percent, what) {
      const rounded = Math.floor(percent);
      if (rounded >= lastProgress + PROGRESS_STEP_PERCENT || (rounded === 100 && lastProgress !== 100)) {
        lastProgress = rounded;
        timeline.add(nodeId, {
          kind: 'progress',
          message: `${what}: ${rounded} %`,
          data: { percent: rounded, what },
        });
      }
    },
    learn(more) {
      facts = mergeFacts(facts, more);
      node = nodeWithFacts(stored, facts);
      ({ ports, portgroups } = portsWithFacts({ ports: storedPorts, portgroups: storedPortgroups }, facts));
    },
    async store() {
      const { memory, agent_steps, ...ofNode } = facts;
      await options.store(ofNode);
      // What the run alone remembers waits for the outcome of the step.
      facts = { ...(memory === undefined ? {} : { memory }), ...(agent_steps === undefined ? {} : { agent_steps }) };
      stored = node;
      storedPorts = ports;
      storedPortgroups = portgroups;
    },
    async setPower(target, timeoutSeconds) {
      await options.beforePower?.(target);
      await changePower(task, target, timeoutSeconds);
    },
  };
  return { task, learned: () => facts };
}
