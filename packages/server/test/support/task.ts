// A task for tests of drivers: a node with the fields a test gives, real configuration, and a record of what the driver told.

import { randomUUID } from 'node:crypto';
import { interfaceKindNames, type Node, type Port, type Portgroup } from '@wrought/contract';
import { type Config, loadConfig } from '../../src/config/index.ts';
import {
  type AnyInterface,
  changePower,
  type Evidence,
  type Facts,
  mergeFacts,
  type NodeInterfaces,
  type Task,
} from '../../src/drivers/kit/index.ts';
import { nodeWithFacts, portsWithFacts } from '../../src/flows/engine/task.ts';
import { silentLog } from './conductor.ts';

const noInterfaces = Object.fromEntries(interfaceKindNames.map((kind) => [`${kind}_interface`, 'none'])) as Record<
  `${(typeof interfaceKindNames)[number]}_interface`,
  string
>;

export function testNode(fields: Partial<Node> = {}): Node {
  return {
    id: 1,
    version: 1,
    created_at: '2026-01-01T00:00:00.000Z',
    updated_at: null,
    traits: [],
    uuid: randomUUID(),
    name: null,
    instance_uuid: null,
    instance_name: null,
    maintenance: false,
    maintenance_reason: null,
    allocation_uuid: null,
    automated_clean: null,
    boot_mode: null,
    secure_boot: null,
    chassis_uuid: null,
    conductor_group: '',
    console_enabled: false,
    description: null,
    disable_power_off: false,
    driver: 'ipmi',
    driver_info: {},
    extra: {},
    instance_info: {},
    lessee: null,
    network_data: {},
    owner: null,
    parent_node: null,
    properties: {},
    protected: false,
    protected_reason: null,
    resource_class: null,
    retired: false,
    retired_reason: null,
    shard: null,
    target_raid_config: {},
    power_state: null,
    target_power_state: null,
    provision_state: 'deploying',
    target_provision_state: 'active',
    provision_updated_at: null,
    last_error: null,
    fault: null,
    reservation: null,
    reserved_at: null,
    reserved_for: null,
    clean_step: {},
    deploy_step: {},
    service_step: {},
    driver_internal_info: {},
    inspection_started_at: null,
    inspection_finished_at: null,
    raid_config: {},
    health: null,
    conductor_affinity: null,
    ...noInterfaces,
    ...fields,
  };
}

export function testPort(address: string, fields: Partial<Port> = {}): Port {
  return {
    id: 1,
    uuid: randomUUID(),
    node_id: 1,
    node_uuid: randomUUID(),
    address,
    name: null,
    description: null,
    vendor: null,
    category: null,
    extra: {},
    internal_info: {},
    local_link_connection: {},
    physical_network: null,
    portgroup_uuid: null,
    pxe_enabled: true,
    is_smartnic: false,
    available_for_dynamic_portgroup: true,
    created_at: '2026-01-01T00:00:00.000Z',
    updated_at: null,
    ...fields,
  };
}

export interface TestTask {
  readonly task: Task;
  readonly evidence: Evidence[];
  readonly progress: { percent: number; what: string }[];
  learned(): Facts;
}

export interface TestTaskOptions {
  readonly node?: Partial<Node>;
  readonly ports?: readonly Port[];
  readonly portgroups?: readonly Portgroup[];
  readonly interfaces?: readonly AnyInterface[];
  readonly config?: Config;
  readonly set?: readonly string[];
  readonly dataDirectory?: string;
  readonly idempotencyKey?: string;
}

/** Makes a task; its node, ports and port groups follow what the driver learns. */
export function testTask(options: TestTaskOptions = {}): TestTask {
  const stored = testNode(options.node);
  const given = { ports: options.ports ?? [], portgroups: options.portgroups ?? [] };
  const evidence: Evidence[] = [];
  const progress: TestTask['progress'] = [];
  let facts: Facts = {};
  const task: Task = {
    get node() {
      return nodeWithFacts(stored, facts);
    },
    get ports() {
      return portsWithFacts(given, facts).ports;
    },
    get portgroups() {
      return portsWithFacts(given, facts).portgroups;
    },
    interfaces: Object.fromEntries((options.interfaces ?? []).map((each) => [each.kind, each])) as NodeInterfaces,
    config:
      options.config ??
      loadConfig({
        set: options.set ?? [],
        ...(options.dataDirectory ? { dataDirectory: options.dataDirectory } : {}),
      }),
    log: silentLog,
    abortSignal: new AbortController().signal,
    isBackground: false,
    idempotencyKey: options.idempotencyKey ?? 'run/steps/0',
    memory: {},
    record: (each) => void evidence.push(each),
    progress: (percent, what) => void progress.push({ percent, what }),
    learn(more) {
      facts = mergeFacts(facts, more);
    },
    store: async () => {},
    setPower: (target, timeoutSeconds) => changePower(task, target, timeoutSeconds),
  };
  return { task, evidence, progress, learned: () => facts };
}
